import { expect, it } from 'vitest';
import { raiseLine } from '../../../../src/core/plan/raise-cost.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';

it('says in one line what a raise is, costs and comes to', () => {
  const cost = '131,072 → 262,144 entries: 129 MiB if it fills (0.8 % of memory), chains of 8 then';
  const forecast = { kind: 'settles', entries: 196_608, perSecond: 1_638.4, lifetimeSeconds: 120 } as const;
  expect(raiseLine(buildNodePlan({ forecast }))).toBe(
    `${cost}, settles at about 75 % of the new limit (1,638 new connections/s, 120 s each)`,
  );
  expect(raiseLine(buildNodePlan())).toBe(cost);
});
