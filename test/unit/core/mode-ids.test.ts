import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';

const CORE = new URL('../../../src/core/', import.meta.url).pathname;

/** The two verdicts that the core itself speaks of: nothing found, and nothing to go by. */
const CONCLUSIONS = ['not-the-node', 'insufficient-evidence'];

/** Kinds of kernel messages that are spelt like a mode: what a line says, not what it means. */
const MESSAGE_KINDS: Readonly<Record<string, readonly string[]>> = {
  'parse/kernel-log.ts': ['table-full', 'expectation-table-full'],
  'snapshot/table-state.ts': ['table-full'],
};

/** The ids, and the beginnings of ids, that stand as strings in a file of the core. */
function modesIn(file: string): readonly string[] {
  const ids = catalogue.map(({ id }) => id).filter((id) => !CONCLUSIONS.includes(id));
  const literals = Array.from(
    readFileSync(join(CORE, file), 'utf8').matchAll(/(['"])([a-z0-9-]+)\1/g),
    ([, , text = '']) => text,
  );
  const isOfMode = (text: string) =>
    ids.includes(text) || (text.endsWith('-') && ids.some((id) => id.startsWith(text)));
  return literals.filter((text) => isOfMode(text) && !(MESSAGE_KINDS[file] ?? []).includes(text));
}

it('the core knows no failure mode by its id: what it needs of one is a property of the signature', () => {
  const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => modesIn(file).map((mode) => `src/core/${file} names ${mode}`))).toEqual([]);
});
