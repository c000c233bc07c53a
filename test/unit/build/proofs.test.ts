import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, isExercised, PROOFS, pageOf, seenIn } from '../../../build/proofs.ts';
import { fragmentsOf, type NodeScripts } from '../../../nodes/scripts.ts';

const ENTRIES = {
  kills: ['test/nodes/killed-changes.test.ts', 'test/nodes/killed-rollbacks.test.ts'],
  reboot: ['test/reboot/kube-proxy.test.ts', 'test/reboot/lasting.test.ts', 'test/reboot/power-cut.test.ts'],
} as const;

/** The files that a test is made of, itself included. What reads and words a node's answer is not looked into. */
function madeOf(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path) || /^(src|runbooks|build|test\/unit)\//.test(path)) return seen;
  seen.add(path);
  for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|new URL\()\s*'(\.[^'$]+)'/g)) {
    const next = join(dirname(path), target);
    if (existsSync(next) && statSync(next).isFile()) madeOf(next, seen);
  }
  return seen;
}

describe.each(PROOFS.map((proof) => ({ proof, id: proof.id })))('the proof $id', ({ proof }) => {
  const files = new Map([
    ['nodes/raise.sh', 'begin\n'],
    ['nodes/change/journal.sh', 'write\n'],
    ['docs/operations.md', 'text\n'],
    [proof.page, 'page\n'],
  ]);
  const digest = digestOf(proof, files);

  it('has another digest once a script is changed, added, renamed or gone', () => {
    const others = [
      new Map(files).set('nodes/change/journal.sh', 'write \n'),
      new Map(files).set('nodes/change/result.sh', ''),
      new Map([...files].map(([path, text]) => [path.replace('journal.sh', 'files.sh'), text] as const)),
      new Map([...files].filter(([path]) => path !== 'nodes/raise.sh')),
    ];
    const digests = others.map((other) => digestOf(proof, other));
    expect(new Set([digest, ...digests]).size).toBe(5);
  });

  it('keeps its digest whatever its own page, other documentation and the order of files say', () => {
    const other = new Map([...files].toReversed()).set(proof.page, '').set('docs/operations.md', '');
    expect(digestOf(proof, other)).toBe(digest);
  });

  it('hangs on every file of its tests', () => {
    const missed = ENTRIES[proof.id].flatMap((path) => [...madeOf(path)]);
    expect(missed.filter((path) => !isExercised(proof, path))).toEqual([]);
    expect(missed.length).toBeGreaterThan(5);
  });

  it('hangs on every part of the scripts that its tests run', () => {
    const run = ENTRIES[proof.id]
      .flatMap((path) => [...madeOf(path)].filter((file) => !file.startsWith('nodes/')))
      .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/'medic-([a-z-]+)'/g)])
      .map(([, name = '']) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
      .filter((name): name is keyof NodeScripts => !['probe', 'trace'].includes(name));
    expect(run).toContain('rollback');
    const parts = run.flatMap((name) => fragmentsOf(name)).map((path) => `nodes/${path}`);
    expect(parts.filter((path) => !isExercised(proof, path))).toEqual([]);
  });

  it('does not hang on scripts that none of its tests runs', () => {
    expect(isExercised(proof, 'nodes/trace.sh')).toBe(false);
    expect(isExercised(proof, 'nodes/probe.sh')).toBe(false);
  });

  it('names no file that is not there', () => {
    expect(proof.exercised.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has a page here that says when it was seen, and of which scripts and tests', () => {
    expect(seenIn(readFileSync(proof.page, 'utf8'))).toMatchObject({
      date: expect.stringMatching(/^20/),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('writes a page that says when it was seen, and with which digest', () => {
    const [section = ''] = proof.sections;
    const page = pageOf(proof, { date: '2026-01-31', digest }, [{ section, text: 'It holds.' }]);
    expect(seenIn(page)).toEqual({ date: '2026-01-31', digest });
    expect(page).toContain(`## ${section}\n\n- It holds.\n`);
  });
});

it('a page without a digest proves nothing', () => {
  expect(seenIn('# What was seen\n\nSeen on 2026-01-31.\n')).toBeUndefined();
});
