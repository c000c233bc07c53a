import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';

const INDEX = readFileSync('docs/README.md', 'utf8');

it('the index of the documentation has a line for every page', () => {
  const pages = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md');
  const entry = (page: string) =>
    new RegExp(`^- \\[[^\\]]+\\]\\(${page.replace('.', '\\.')}\\): .+\\.$`, 'm');
  expect(pages.filter((page) => !entry(page).test(INDEX))).toEqual([]);
});

it('the index names every failure mode with its title and its runbook, in the order in which they are judged', () => {
  const lines = catalogue.map(({ id, title }) => `- [${title}](runbooks/${id}.md)`);
  expect(INDEX.split('\n').filter((line) => line.includes('](runbooks/'))).toEqual(lines);
});
