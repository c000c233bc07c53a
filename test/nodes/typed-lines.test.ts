import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDesk, PAGES, typedLines } from '../support/typed-lines.ts';
import { isRoot } from './support/shells.ts';

const desk = openDesk();
afterAll(() => desk.leave());

/** What the pages have somebody type on a node, or at a desk from which a node is reached, as one shell would run it. */
const lines = [
  ...new Set(
    PAGES.flatMap((page) => typedLines(page, ['sh'])).filter((line) =>
      /npx medic (collect|trace)\b.*(ssh|^sudo)|^sudo npx medic/.test(line),
    ),
  ),
];

describe.runIf(isRoot)('what the pages have somebody type on a node, typed on this machine', () => {
  it('is found', () => expect(lines.length).toBeGreaterThan(3));

  // One after the other: a second trace is refused while one runs.
  it.each(lines)('%s', async (line) => {
    const { status, out, error } = await desk.type(line);
    expect(error).toBe('');
    expect(status).toBe(0);
    const [, file] = /> (\S+)/.exec(line) ?? [];
    const told = file === undefined ? out : readFileSync(join(desk.folder, file), 'latin1');
    expect(told).toMatch(/^=== medic\/1 |connection/m);
  });
});
