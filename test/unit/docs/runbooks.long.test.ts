import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { recordedCases } from '../support/captures.ts';
import { medic } from '../support/medic.ts';

const PAGES = 'docs/runbooks';
const modes = catalogue.map(({ id }) => id);

/** A recorded node that shows the mode; some modes nobody has recorded. */
const captureOf = (mode: string): string | undefined => {
  const found = recordedCases().find((one) => one.mode === mode && one.expected.verdict === mode);
  return found && `test/fixtures/captures/${mode}/${found.name}`;
};

describe.each(modes)('docs/runbooks/%s.md', (mode) => {
  it('is what medic runbook prints, from a recorded node where there is one; vitest run -u draws it anew', async () => {
    const capture = captureOf(mode);
    const { status, out } = await medic([
      'runbook',
      mode,
      ...(capture === undefined ? [] : ['--from', capture]),
    ]);
    expect(status).toBe(0);
    await expect(out).toMatchFileSnapshot(`../../../${PAGES}/${mode}.md`);
  });
});

it('there is a page for each failure mode and no other', () => {
  expect(readdirSync(PAGES).toSorted()).toEqual(modes.map((mode) => `${mode}.md`).toSorted());
});
