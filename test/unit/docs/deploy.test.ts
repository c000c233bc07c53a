import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs', ROOT)).map((name) => `docs/${name}`),
];

it('names account and region wherever an account is prepared, or that of the shell is', () => {
  const calls = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => readFileSync(new URL(page, ROOT), 'utf8').match(/cdk bootstrap.*/g) ?? []);
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) expect(call).toMatch(/^cdk bootstrap aws:\/\/\d{12}\/[a-z]{2}-[a-z]+-\d\b/);
});
