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

/** Looks of an hour that foresee a fill, after which it is warned of. */
const lasting = (hours: number): readonly Outlook[] => Array.from({ length: 12 }, () => fillsIn(hours));

it('warns under eight hours and not above them', () => {
  expect(after(...lasting(9), ...lasting(8.5)).warning?.isWarned).toBe(false);
  expect(after(...lasting(7.9)).warning?.isWarned).toBe(true);
  expect(after({ state: 'full', why: '97 % in use' }).warned).toEqual([true]);
});

it('waits the longer the further off a fill is, and not at all within two hours', () => {
  const begins = (hours: number) =>
    after(...Array.from({ length: 12 }, () => fillsIn(hours))).warned.indexOf(true) * 5;
  expect([5, 2.5, 1.9].map(begins)).toEqual([55, 25, 0]);
  // What comes closer meanwhile is told by what is left then.
  expect(after(fillsIn(3.1), fillsIn(2.5), fillsIn(1.9)).warned).toEqual([false, false, true]);
});

it('begins to wait anew after a look that foresees nothing, and goes on after one that sees nothing', () => {
  const [five] = [lasting(5).slice(1)];
  expect(after(...five, calm, ...five).warning?.isWarned).toBe(false);
  expect(after(...five.slice(1), unseen, ...five.slice(3)).warning?.isWarned).toBe(true);
});

it('takes both hours from the configuration', () => {
  const hours = { warnUnder: 2, releaseAbove: 4 };
  const before = { isWarned: false, likelySince: START - 60 * MINUTE, why: '' };
  expect(warningAfter(before, fillsIn(3), START, hours).isWarned).toBe(false);
  expect(warningAfter(before, fillsIn(1.9), START, hours).isWarned).toBe(true);
});

it('does not come and go with the slope: it ends an hour after nothing speaks for a fill within two days', () => {
  const grows: Outlook = { ...calm, in: { earliest: 0, likely: 40 * 3_600 } };
  const slow: Outlook = { ...calm, in: { earliest: 0, likely: 50 * 3_600 } };
  expect(after(...lasting(5), ...Array.from({ length: 40 }, () => grows)).warning?.isWarned).toBe(true);
  const { warned } = after(...lasting(5), ...Array.from({ length: 13 }, () => slow));
  expect(warned.slice(11)).toEqual([...Array.from({ length: 13 }, () => true), false]);
  // One look that speaks for it begins the hour anew.
  const interrupted = [
    ...Array.from({ length: 12 }, () => calm),
    grows,
    ...Array.from({ length: 12 }, () => calm),
  ];
  expect(after(...lasting(5), ...interrupted).warning?.isWarned).toBe(true);
});

it('stays as it was while the node is not seen', () => {
  expect(after(...lasting(5), ...Array.from({ length: 50 }, () => unseen)).warning).toMatchObject({
    isWarned: true,
    since: START + 55 * MINUTE,
    why: 'its table was last seen 40 min ago',
  });
  expect(after(unseen, unseen).warned).toEqual([false, false]);
});

it('carries the reason in numbers, for the warning and against it', () => {
  expect(after(fillsIn(5)).warning?.why).toBe('full in 5 h');
  expect(after(calm).warning?.why).toBe('not growing for certain');
});
