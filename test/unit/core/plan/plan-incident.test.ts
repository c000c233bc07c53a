import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordPlan } from '../../../../src/core/plan/plan-incident.ts';
import type { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { NodePlan } from '../../../../src/core/record/plan.ts';
import { buildNodePlan, stepTime } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

const { head, collections } = buildIncident('diagnosed', { nodes: 3 });
const ids = collections.map(({ instanceId }) => instanceId);
const [liar = '', ...others] = ids;

const planned = (seen: readonly NodeCollection[]): readonly NodePlan[] =>
  recordPlan(head, seen, ids, stepTime(2)).plan?.nodes ?? [];

const anyNumber = fc.oneof(fc.nat({ max: 10_000_000 }), fc.constantFrom(2 ** 32, 2 ** 49));
const anyPlan: fc.Arbitrary<NodePlan | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.tuple(anyNumber, anyNumber).map(([max, buckets]) =>
    buildNodePlan({
      instanceId: liar,
      max: { from: 131_072, to: max },
      buckets: { from: 32_768, to: buckets },
    }),
  ),
  anyNumber.map((to) => ({
    instanceId: liar,
    arithmetic: [],
    layers: [],
    warnings: [],
    kind: 'raise-buckets' as const,
    changes: [{ key: 'net.netfilter.nf_conntrack_buckets' as const, from: 32_768, to }],
  })),
);

describe('what one node says', () => {
  test('changes no number of the plan of another: at most that node leads, or theirs are left out', () => {
    const honest = new Map(planned(collections).map((plan) => [plan.instanceId, plan]));
    expect([...honest.keys()]).toEqual(ids);
    const property = fc.property(
      anyPlan,
      fc.record({ fullDrops: anyNumber, count: anyNumber, max: anyNumber }),
      (plan, figures) => {
        const seen = collections.map((one): NodeCollection => {
          if (one.instanceId !== liar || one.outcome.kind !== 'diagnosed') return one;
          const { plan: _own, ...outcome } = one.outcome;
          return { ...one, outcome: { ...outcome, figures, ...(plan && { plan }) } };
        });
        const nodes = planned(seen);
        expect(nodes.length).toBeGreaterThan(0);
        const theirs = nodes.filter(({ instanceId }) => instanceId !== liar);
        for (const one of theirs) expect(one).toEqual(honest.get(one.instanceId));
        // All or none of them: none where the liar leads with a change of another kind.
        expect([0, others.length]).toContain(theirs.length);
        expect(new Set(nodes.map(({ kind }) => kind)).size).toBe(1);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
