import { expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { canCollectAgain, hasOthers } from '../../../../src/core/incident/collect-again.ts';
import { recordPlan } from '../../../../src/core/plan/plan-incident.ts';
import { INCIDENT_NODES_MOST, PLAN_NODES_MOST } from '../../../../src/core/record/bounds.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { leftNodes } from '../../../../src/core/remediation/steps.ts';
import { findLimitViolations } from '../../../../src/slack/block-limits.ts';
import { cardMessage } from '../../../../src/slack/card/blocks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

/** An incident that waits for a click on what follows from its nodes. */
function waiting(nodes: number, state: 'awaiting-approval' | 'applied-one' = 'awaiting-approval'): Incident {
  const incident = buildIncident(state, { nodes });
  const ids = incident.head.nodes.map(({ instanceId }) => instanceId);
  const open = state === 'applied-one' ? ids.slice(1) : ids;
  return { ...incident, head: recordPlan(incident.head, incident.collections, open, stepTime(2)) };
}

test.each([
  [49, 49, 0],
  [50, 50, 0],
  [51, 50, 1],
  [101, 50, 51],
  [INCIDENT_NODES_MOST, 50, 150],
])(
  'of %i nodes that need the same, %i are planned and %i wait for the next click',
  (nodes, planned, rest) => {
    const { head } = waiting(nodes);
    expect(head.plan?.nodes).toHaveLength(planned);
    expect(head.planRest ?? []).toHaveLength(rest);
    const all = [...(head.plan?.nodes ?? []).map(({ instanceId }) => instanceId), ...(head.planRest ?? [])];
    expect(new Set(all)).toEqual(new Set(head.nodes.map(({ instanceId }) => instanceId)));
  },
);

test('a plan that all fit into leaves none of an older one waiting', () => {
  const { head, collections } = waiting(80);
  const few = collections.slice(0, 3).map(({ instanceId }) => instanceId);
  expect(recordPlan(head, collections, few, stepTime(3))).not.toHaveProperty('planRest');
});

test.each([
  ['awaiting-approval', 80, 'Apply to 50 of 80', '30 more need the same'],
  ['awaiting-approval', 51, 'Apply to 50 of 51', '1 more needs the same'],
  ['applied-one', 80, 'Apply to 50 of 79', '29 more need the same'],
] as const)(
  'the card of %s with %i nodes says what one click does and what comes next',
  (state, nodes, label, more) => {
    const card = cardOf(waiting(nodes, state), catalogue, NOW);
    const action = card.actions.find(({ kind }) => kind === 'apply-all');
    expect(action?.label).toBe(label);
    expect(action?.confirm?.title).toContain('on 50 nodes?');
    expect(action?.confirm?.text).toMatch(/\d+ nodes? more: next click\./);
    expect(action?.confirm?.text).toContain('Roll back');
    const line = `One click changes at most ${PLAN_NODES_MOST} nodes. ${more}: read again and offered once these are verified`;
    expect(card.change?.lines).toContain(line);
    expect(card.change?.brief).toContain(line);
  },
);

test('where all fit into one click nobody is told of another one', () => {
  const card = cardOf(waiting(50), catalogue, NOW);
  expect(card.actions.find(({ kind }) => kind === 'apply-all')?.label).toBe('Apply to all 50');
  expect(card.change?.lines.join()).not.toContain('One click changes');
});

test('nodes that waited when somebody left the rest, or it stopped, are left over and can be tried again', () => {
  const { head, ...rest } = waiting(80, 'applied-one');
  const ended: Incident = { ...rest, head: { ...head, state: 'dismissed' } };
  expect(leftNodes(ended.head)).toHaveLength(79);
  expect(hasOthers(ended)).toBe(true);
  expect(canCollectAgain(ended)).toBe(true);
});

test('the largest incident fits into its item and its card into a message, whatever became of its nodes', () => {
  const planned = waiting(INCIDENT_NODES_MOST);
  for (const state of ['awaiting-approval', 'resolved', 'rolled-back'] as const) {
    const incident = buildIncident(state, { nodes: INCIDENT_NODES_MOST });
    const { plan, planRest } = planned.head;
    const head = { ...incident.head, ...(plan && { plan }), ...(planRest && { planRest }) };
    // DynamoDB counts less for a value than its JSON has characters; a quarter is room for what nodes say.
    expect(JSON.stringify(head).length).toBeLessThan(300_000);
    const card = cardOf({ ...incident, head }, catalogue, NOW);
    expect(findLimitViolations(cardMessage(card))).toEqual([]);
  }
});
