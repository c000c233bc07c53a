import { expect, it } from 'vitest';
import type { Outlook } from '../../../../src/core/fleet/outlook.ts';
import { type Warning, warningAfter } from '../../../../src/core/fleet/warning.ts';
import { START } from './support.ts';

const MINUTE = 60_000;

const fillsIn = (hours: number): Outlook => ({
  state: 'fills',
  in: { earliest: 0, likely: hours * 3_600 },
  why: `full in ${hours} h`,
});
const calm: Outlook = { state: 'calm', why: 'not growing for certain' };
const unseen: Outlook = { state: 'unknown', why: 'its table was last seen 40 min ago' };

/** The warning after looks five minutes apart, and at each of them whether the node was warned of. */
function after(...outlooks: readonly Outlook[]) {
  let warning: Warning | undefined;
  const warned = outlooks.map((outlook, index) => {
    warning = warningAfter(warning, outlook, START + index * 5 * MINUTE);
    return warning.isWarned;
  });
  return { warning, warned };
}

it('warns under eight hours and not above them', () => {
  expect(after(fillsIn(9), fillsIn(8.5), fillsIn(7.9)).warned).toEqual([false, false, true]);
  expect(after({ state: 'full', why: '97 % in use' }).warned).toEqual([true]);
});

it('takes both hours from the configuration', () => {
  const hours = { warnUnder: 2, releaseAbove: 4 };
  expect(warningAfter(undefined, fillsIn(3), START, hours).isWarned).toBe(false);
  expect(warningAfter(undefined, fillsIn(1.9), START, hours).isWarned).toBe(true);
});

it('does not come and go with the slope: it ends an hour after nothing speaks for a fill within two days', () => {
  const grows: Outlook = { ...calm, in: { earliest: 0, likely: 40 * 3_600 } };
  const slow: Outlook = { ...calm, in: { earliest: 0, likely: 50 * 3_600 } };
  expect(after(fillsIn(5), ...Array.from({ length: 40 }, () => grows)).warning?.isWarned).toBe(true);
  const { warned } = after(fillsIn(5), ...Array.from({ length: 13 }, () => slow));
  expect(warned).toEqual([...Array.from({ length: 13 }, () => true), false]);
  // One look that speaks for it begins the hour anew.
  const interrupted = [
    ...Array.from({ length: 12 }, () => calm),
    grows,
    ...Array.from({ length: 12 }, () => calm),
  ];
  expect(after(fillsIn(5), ...interrupted).warning?.isWarned).toBe(true);
});

it('stays as it was while the node is not seen', () => {
  expect(after(fillsIn(5), ...Array.from({ length: 50 }, () => unseen)).warning).toMatchObject({
    isWarned: true,
    since: START,
    why: 'its table was last seen 40 min ago',
  });
  expect(after(unseen, unseen).warned).toEqual([false, false]);
});

it('carries the reason in numbers, for the warning and against it', () => {
  expect(after(fillsIn(5)).warning?.why).toBe('full in 5 h');
  expect(after(calm).warning?.why).toBe('not growing for certain');
});
