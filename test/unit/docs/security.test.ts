import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assembleScripts, buildDocuments } from '../../../nodes/documents.ts';

const [, section = ''] = readFileSync('docs/security.md', 'utf8').split(
  '## What a node says, and how far it goes',
);
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| From') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '));

/** Made by the service, or set by the configuration: never of a node. */
const OF_THE_SERVICE = ['nonce', 'incident', 'sampleSeconds', 'seconds', 'points'];

describe('the list of what a node says and how far it goes', () => {
  it.each(rows)('%s → %s: is complete and names tests that exist', (...row) => {
    expect(row.map((cell) => cell.trim() === '')).toEqual([false, false, false, false]);
    const tests = [...(row[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    expect(tests.length).toBeGreaterThan(0);
    for (const path of tests) expect([path, existsSync(path)]).toEqual([path, true]);
  });

  it('names every parameter of every document that changes a node', () => {
    const documents = buildDocuments(assembleScripts((path) => readFileSync(`nodes/${path}`, 'utf8')));
    const into = rows.map(([, cell = '']) => cell).join();
    const parameters = documents.flatMap(({ content }) =>
      Object.keys((JSON.parse(content) as { parameters: object }).parameters),
    );
    expect(parameters.length).toBeGreaterThan(8);
    const own = [...new Set(parameters)].filter((name) => !OF_THE_SERVICE.includes(name));
    expect(own.filter((name) => !new RegExp(`\\b${name}\\b`).test(into))).toEqual([]);
  });
});
