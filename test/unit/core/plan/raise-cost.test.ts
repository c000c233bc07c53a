import { expect, it } from 'vitest';
import { duration, raiseLine } from '../../../../src/core/plan/raise-cost.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';

it('says in one line what a raise is, costs and lasts', () => {
  expect(raiseLine(buildNodePlan({ secondsToFull: 2_400 }))).toBe(
    '131,072 → 262,144 entries: 129 MiB if it fills (0.8 % of memory), chains of 8 then, at the present growth not full before 40 min',
  );
  expect(raiseLine(buildNodePlan())).toMatch(/, no growth seen$/);
});

it.each([
  [40, '40 s'],
  [2_400, '40 min'],
  [36_000, '10 h'],
  [864_000, '10 days'],
])('calls %i s %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
