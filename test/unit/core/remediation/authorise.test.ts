import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planIncident } from '../../../../src/core/plan/plan-incident.ts';
import { IncidentHead } from '../../../../src/core/record/incident.ts';
import {
  groupByNumbers,
  type RemediationOrder,
  refuseRemediation,
} from '../../../../src/core/remediation/authorise.ts';
import { claimRemediation, updateRemediation } from '../../../../src/core/remediation/claim.ts';
import { buildNodePlan, instanceId } from '../../support/diagnoses.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';

const AT = '2026-11-23T15:00:00.000Z';
const plans = [0, 1, 2].map((index) => buildNodePlan({ instanceId: instanceId(index) }));
const [CANARY, SECOND, THIRD] = [instanceId(0), instanceId(1), instanceId(2)];

/** An approved incident about to change its first node. */
function approved(changes: Partial<IncidentHead> = {}): IncidentHead {
  const { head } = buildIncident('applying-canary', { nodes: 3 });
  const plan = planIncident(head.id, 1, plans);
  if (plan === undefined) throw new Error('no plan');
  const decisions = head.decisions.map((decision) => ({ ...decision, planDigest: plan.digest }));
  return { ...head, plan, decisions, remediations: [], ...changes };
}

const raise = (...instanceIds: string[]): RemediationOrder => ({
  kind: 'raise-max',
  decision: 1,
  instanceIds,
});
const verified = claimed(raise(CANARY));

function claimed(order: RemediationOrder): IncidentHead {
  const head = claimRemediation(approved({ state: 'applying-rest' }), order, AT);
  if (typeof head === 'string') throw new Error(head);
  return updateRemediation(head, order, () => ({
    outcome: 'raised',
    verification: { passed: true, why: 'fine', collection: 2 },
  }));
}

describe('refuseRemediation', () => {
  test('lets the approved canary through', () => {
    expect(refuseRemediation(approved(), raise(CANARY), [ANA.id])).toBeUndefined();
  });

  test('lets the rest through once a raise was verified', () => {
    expect(refuseRemediation(verified, raise(SECOND, THIRD), [ANA.id])).toBeUndefined();
  });

  const another = approved();
  const tampered = {
    ...another,
    plan: { ...approved().plan!, nodes: [{ ...plans[0]!, max: { from: 131_072, to: 9_999_999 } }] },
  };
  const mixed = planIncident(another.id, 1, [
    plans[0]!,
    plans[1]!,
    { ...plans[2]!, max: { from: 65_536, to: 131_072 } },
  ])!;
  test.each<[string, IncidentHead, RemediationOrder, string[], string]>([
    [
      'a decision that does not exist',
      approved(),
      { ...raise(CANARY), decision: 7 },
      [ANA.id],
      'not the newest',
    ],
    [
      'an older decision',
      { ...approved(), decisions: [...approved().decisions, { ...approved().decisions[0]!, number: 2 }] },
      raise(CANARY),
      [ANA.id],
      'not the newest',
    ],
    ['an approver who is none any more', approved(), raise(CANARY), [], 'not made by an approver'],
    [
      'a state in which nothing is applied',
      approved({ state: 'awaiting-approval' }),
      raise(CANARY),
      [ANA.id],
      'allows no raise',
    ],
    ['a plan that was changed in the table', tampered, raise(CANARY), [ANA.id], 'not the approved one'],
    ['a node outside the plan', approved(), raise('i-0ffffffffffffffff'), [ANA.id], 'does not name nodes'],
    ['nobody', approved(), raise(), [ANA.id], 'does not name nodes'],
    ['the rest before the canary', approved(), raise(SECOND), [ANA.id], 'Only the first node'],
    ['canary and rest together', approved(), raise(CANARY, SECOND), [ANA.id], 'Only the first node'],
    [
      'nodes with different numbers',
      {
        ...verified,
        plan: mixed,
        decisions: verified.decisions.map((one) => ({ ...one, planDigest: mixed.digest })),
      },
      raise(SECOND, THIRD),
      [ANA.id],
      'one set of numbers',
    ],
    [
      'a rollback on an approval',
      approved({ state: 'rolling-back' }),
      { ...raise(CANARY), kind: 'rollback' },
      [ANA.id],
      'allows no rollback',
    ],
  ])('refuses %s', (_what, head, order, approvers, sentence) => {
    const refusal = refuseRemediation(head, order, approvers);
    expect(refusal).toContain(sentence);
    expect(refusal).toContain('nothing was sent');
  });

  test('refuses to roll back a node that the click did not choose', () => {
    const { head } = buildIncident('rolling-back', { nodes: 2 });
    const decisions = head.decisions.map((decision) =>
      decision.kind === 'rollback' ? { ...decision, instanceIds: [instanceId(0)] } : decision,
    );
    const order = (id: string) => ({ kind: 'rollback', decision: 2, instanceIds: [id] }) as const;
    expect(refuseRemediation({ ...head, decisions }, order(instanceId(0)), [ANA.id])).toBeUndefined();
    expect(refuseRemediation({ ...head, decisions }, order(instanceId(1)), [ANA.id])).toContain(
      'is not part of the ordered rollback',
    );
  });

  test('refuses to roll back a node that this incident did not change', () => {
    const { head } = buildIncident('rolling-back', { nodes: 2 });
    const order = { kind: 'rollback', decision: 2, instanceIds: [instanceId(7)] } as const;
    expect(refuseRemediation(head, order, [ANA.id])).toContain('is not part of the ordered rollback');
    expect(refuseRemediation(head, { ...order, instanceIds: [CANARY] }, [ANA.id])).toBeUndefined();
  });
});

test('claimRemediation claims the same decision, node and kind at most once, in any order of orders', () => {
  const order = fc.record({
    kind: fc.constantFrom('raise-max' as const, 'rollback' as const),
    decision: fc.integer({ min: 1, max: 3 }),
    instanceIds: fc.uniqueArray(fc.constantFrom(CANARY, SECOND, THIRD), { minLength: 1 }),
  });
  const property = fc.property(fc.array(order, { maxLength: 20 }), (orders) => {
    let head = approved();
    for (const one of orders) {
      const next = claimRemediation(head, one, AT);
      head = typeof next === 'string' ? head : next;
    }
    const keys = head.remediations.map(({ kind, decision, instanceId: id }) => [kind, decision, id].join());
    return new Set(keys).size === keys.length;
  });
  expect(fc.check(property)).toMatchObject({ failed: false });
  expect(claimRemediation(verified, raise(CANARY), AT)).toContain('never sent twice');
});

describe('the approved numbers of a claim', () => {
  const stepOf = (head: IncidentHead | string) =>
    typeof head === 'string' ? undefined : IncidentHead.parse(head).remediations.at(-1);

  test('are those of the plan of each node, and outlive the plan', () => {
    const other = { ...plans[1]!, max: { from: 65_536, to: 131_072 }, buckets: { from: 8_192, to: 16_384 } };
    const nodes = [plans[0]!, other, plans[2]!];
    const head = approved({ plan: { ...approved().plan!, nodes } });
    const first = claimRemediation(head, raise(CANARY), AT);
    if (typeof first === 'string') throw new Error(first);
    const both = claimRemediation(first, raise(SECOND), AT);
    if (typeof both === 'string') throw new Error(both);
    const { plan: _gone, ...later } = both;
    expect(later.remediations.map((step) => [step.instanceId, step.approved])).toEqual([
      [CANARY, { max: 262_144, buckets: 65_536, bucketsFrom: 32_768 }],
      [SECOND, { max: 131_072, buckets: 16_384, bucketsFrom: 8_192 }],
    ]);
  });

  test('are not changed by anything that is learnt afterwards', () => {
    const order = raise(CANARY);
    const head = claimRemediation(approved(), order, AT);
    if (typeof head === 'string') throw new Error(head);
    const news = {
      outcome: 'raised' as const,
      max: { before: 1, after: 4_194_304 },
      buckets: { before: 1, after: 4_194_304 },
    };
    expect(stepOf(updateRemediation(head, order, () => news))?.approved).toEqual({
      max: 262_144,
      buckets: 65_536,
      bucketsFrom: 32_768,
    });
  });

  test('are none of a rollback, which sends no number', () => {
    const order = { ...raise(CANARY), kind: 'rollback' } as const;
    expect(stepOf(claimRemediation(approved(), order, AT))).toMatchObject({ kind: 'rollback' });
    expect(stepOf(claimRemediation(approved(), order, AT))?.approved).toBeUndefined();
  });
});

test('groupByNumbers keeps the order of the plan and puts equal numbers together', () => {
  const other = { ...plans[1]!, max: { from: 65_536, to: 131_072 } };
  const groups = groupByNumbers([plans[0]!, other, plans[2]!]);
  expect(groups.map((group) => group.map(({ instanceId: id }) => id))).toEqual([[CANARY, THIRD], [SECOND]]);
});
