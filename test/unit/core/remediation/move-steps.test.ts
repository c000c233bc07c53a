import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IncidentHead, Remediation } from '../../../../src/core/record/incident.ts';
import { gatherSteps, partSteps } from '../../../../src/core/remediation/move-steps.ts';
import { nodeStates } from '../../../../src/core/remediation/steps.ts';
import { instanceId, OPENED_AT } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

const { head } = buildIncident('resolved', { nodes: 4 });

/** Steps of some nodes in the order in which decisions ordered them, each decision once on each of its nodes. */
const anySteps = fc
  .array(
    fc.record({
      kind: fc.constantFrom('raise-max' as const, 'rollback' as const, 'rollback' as const),
      nodes: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
      outcome: fc.constantFrom(
        undefined,
        ...(['raised', 'unknown', 'refused', 'refused', 'failed', 'rolled-back', 'unchanged'] as const),
      ),
      isVerified: fc.boolean(),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
    { maxLength: 14 },
  )
  .map((orders): Remediation[] => {
    let minute = 0;
    return orders.flatMap(({ kind, nodes, outcome, isVerified, minutes }, index) => {
      minute += minutes;
      const claimedAt = new Date(OPENED_AT + minute * 60_000).toISOString();
      const verification = { passed: true, why: 'Good.', collection: 2 };
      return nodes
        .toSorted((a, b) => a - b)
        .map((node) => ({
          kind,
          instanceId: instanceId(node),
          decision: index + 1,
          claimedAt,
          ...(outcome !== undefined && { outcome }),
          ...(kind === 'raise-max' && outcome === 'raised' && isVerified && { verification }),
        }));
    });
  })
  // Nodes are first touched in the order of the plan.
  .filter((steps) => {
    const touched = [...new Set(steps.map((step) => step.instanceId))];
    return touched.every((id, at) => at === 0 || id > (touched[at - 1] ?? ''));
  });

test('what is judged of a head is the same without what was moved, and nothing is lost', () => {
  fc.assert(
    fc.property(anySteps, (remediations) => {
      const whole: IncidentHead = { ...head, remediations };
      const parted = partSteps(whole, 0);
      if (parted === undefined) return;
      expect(nodeStates(parted.head)).toEqual(nodeStates(whole));
      expect(parted.head.movedSteps).toBe(parted.moved.length);
      expect(gatherSteps(parted.head, parted.moved)).toEqual(whole);
      // Moved once more, or half: what stands in both counts once.
      expect(partSteps(parted.head, 0)).toBeUndefined();
      expect(gatherSteps(parted.head, [...parted.moved, ...remediations.slice(-1)])).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

const raised: Remediation = {
  kind: 'raise-max',
  instanceId: instanceId(0),
  decision: 1,
  claimedAt: new Date(OPENED_AT).toISOString(),
  outcome: 'raised',
};

test('steps that are not there are not passed over', () => {
  const refused = (decision: number): Remediation => ({
    kind: 'rollback',
    instanceId: instanceId(0),
    decision,
    claimedAt: new Date(OPENED_AT + decision * 60_000).toISOString(),
    outcome: 'refused',
  });
  const parted = partSteps({ ...head, remediations: [raised, refused(2), refused(3), refused(4)] }, 0);
  expect(parted?.moved.map(({ decision }) => decision)).toEqual([2, 3]);
  expect(parted && gatherSteps(parted.head, parted.moved.slice(1))).toBeUndefined();
});

test('a head of few steps keeps them all, and a rollback that may still be answered stays', () => {
  const waiting = (decision: number): Remediation => ({
    kind: 'rollback',
    instanceId: instanceId(0),
    decision,
    claimedAt: new Date(OPENED_AT + decision * 60_000).toISOString(),
  });
  const young = { ...head, remediations: [raised, waiting(2), waiting(3)] };
  expect(partSteps(young)).toBeUndefined();
  expect(partSteps(young, 0)).toBeUndefined();
  const old = { ...head, remediations: [raised, waiting(2), waiting(90)] };
  expect(partSteps(old, 0)?.moved.map(({ decision }) => decision)).toEqual([2]);
});
