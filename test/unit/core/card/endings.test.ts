import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Decision, Incident, IncidentState } from '../../../../src/core/record/incident.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { ANA, buildIncident, NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const shown = (incident: Incident) => cardOf(incident, catalogue, NOW);
const FULL = 'table-full/held-open-32768';

const ended = (state: IncidentState, why: string, capture: string | undefined) =>
  recordedIncident(state, [recordedReading('i-a', capture)], {
    transitions: [
      { at: stepTime(0), to: 'collecting', actor: { kind: 'alarm' } },
      { at: stepTime(5), from: 'awaiting-approval', to: state, actor: { kind: 'workflow' }, why },
    ],
  });

it('keeps the verdict of a full table when the alarm goes back to OK before a click', () => {
  const card = shown(ended('resolved', 'The alarm went back to OK before anybody clicked.', FULL));
  expect(card.header).toBe(
    'Alarm OK again, nothing was changed: Connection-tracking table full: 32,768 of 32,768 entries, 12,946 packets of new connections dropped in 10 s',
  );
  expect(card.colour).toBe('amber');
  expect(card.banner).toBe('table-full on 1 node · checkout-p99 · alarm OK, nothing changed');
  expect(card.fields).toContainEqual({ label: 'Table use', value: '32,768 of 32,768 entries (100 %)' });
  expect(card.ruledOut).not.toEqual([]);
  expect(card.actions.map(({ kind }) => kind)).toEqual(['collect-again']);
});

it('leads to no card of its own from an incident that goes on on the card of another', () => {
  const card = shown(ended('joined', 'It became inc-2.', FULL));
  expect(card.lead).toContain('Nothing happens on this card any more.');
  expect(card.actions).toEqual([]);
});

it('says that no node was read where none was, and not that something was stopped', () => {
  const card = shown(ended('failed', 'No node could be read: i-a did not answer.', undefined));
  expect(card.header).toBe('No node was read');
  expect(card.lead).toContain('What is wrong is not known, and nothing was changed.');
  expect(card.gaps).toContain('i-a did not answer.');
  expect(card.actions.map(({ kind }) => kind)).toEqual(['collect-again']);
});

it('keeps the verdict when an error of the service ends it before a change', () => {
  const card = shown(ended('failed', 'Stopped by an error of the service: the table is gone.', FULL));
  expect(card.header).toMatch(/^Stopped, nothing was changed: Connection-tracking table full/);
  expect(card.fields).toContainEqual({ label: 'Full-table drops', value: '12,946 packets/10 s' });
});

it('argues for the nodes that are left when those after the first were left out', () => {
  const left = recordedIncident(
    'dismissed',
    [
      recordedReading('i-a', FULL),
      recordedReading('i-a', 'not-the-node/held-open-32768-raised', 2),
      recordedReading('i-b', 'table-full/time-wait-49152'),
    ],
    {
      collection: 2,
      remediations: [
        { kind: 'raise-max', instanceId: 'i-a', decision: 1, claimedAt: stepTime(3), outcome: 'raised' },
      ],
    },
  );
  const rest = left.head.plan?.nodes.filter(({ instanceId }) => instanceId === 'i-b') ?? [];
  const head = { ...left.head, plan: left.head.plan && { ...left.head.plan, nodes: rest } };
  expect(shown({ ...left, head }).header).toMatch(/^Dismissed: Connection-tracking table full: 49,152 of/);
});

/** The history of an incident of three nodes in which the first was approved alone. */
function approvals(rest: number): readonly string[] {
  const { head, ...readings } = buildIncident('applying-rest', { nodes: rest + 1 });
  const first: Decision = {
    number: 1,
    kind: 'apply-one',
    planDigest: 'a'.repeat(32),
    actor: ANA,
    at: stepTime(3),
  };
  const remediations = head.remediations.map((step, index) => ({ ...step, decision: index === 0 ? 1 : 2 }));
  const { plan: _plan, ...planless } = head;
  const decisions = [first, { ...first, number: 2, kind: 'apply-all' as const, planDigest: 'b'.repeat(32) }];
  return shown({ head: { ...planless, decisions, remediations }, ...readings }).history;
}

it.each([
  [1, '@ana approved the last node, 14:02:30Z'],
  [2, '@ana approved the other 2 nodes, 14:02:30Z'],
])('counts what was approved after the first node: %i', (rest, line) => {
  expect(approvals(rest)).toEqual(['@ana approved 1 node, 14:02:30Z', line]);
});

it('counts what was approved at once', () => {
  expect(shown(buildIncident('applying-rest', { nodes: 3 })).history).toEqual([
    '@ana approved all 3 nodes, 14:02:30Z',
  ]);
});
