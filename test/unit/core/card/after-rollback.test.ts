import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Incident, IncidentState, Remediation } from '../../../../src/core/record/incident.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { ANA, NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const FULL = 'table-full/held-open-32768';
const HEALED = 'not-the-node/held-open-32768-raised';
/** Healed with more of its table in use. */
const FULLER = 'not-the-node/healthy-busy';
const OVERFLOW = 'listen-overflow/busy-event-loop';
const IDS = ['i-a', 'i-b', 'i-c'] as const;

const shown = (incident: Incident) => cardOf(incident, catalogue, NOW);

const raised = (instanceId: string): Remediation => ({
  kind: 'raise-max',
  instanceId,
  decision: 1,
  claimedAt: stepTime(3),
  finishedAt: stepTime(4),
  outcome: 'raised',
  max: { before: 32_768, after: 131_072 },
  verification: { passed: true, why: `${instanceId}: 0 drops in 10 s.`, collection: 2 },
});

const undone = (instanceId: string): Remediation => ({
  kind: 'rollback',
  instanceId,
  decision: 2,
  claimedAt: stepTime(7),
  finishedAt: stepTime(8),
  outcome: 'rolled-back',
  detail: 'Done.',
});

it('counts the nodes that a rollback was ordered on, and not all that stand changed', () => {
  const running = (chosen: readonly string[] | undefined, done: readonly string[]) => {
    const { head, ...readings } = rolledBack('rolling-back', done, HEALED);
    const order = {
      number: 2,
      kind: 'rollback' as const,
      actor: ANA,
      at: stepTime(7),
      ...(chosen === undefined ? {} : { instanceIds: [...chosen] }),
    };
    return shown({ ...readings, head: { ...head, decisions: [...head.decisions, order] } });
  };
  const one = running(['i-b'], []);
  expect(one.header).toBe('Rolling back 1 node');
  expect(one.lead).toContain('i-b gets back its previous limit and files');
  expect(one.lead).not.toContain('Each node');
  expect(one.lead).toContain('Every other node stays as it is.');
  expect(running(['i-b'], ['i-b']).header).toBe('Rolled back, reading the nodes again');
  const all = running(undefined, ['i-a']);
  expect(all.header).toBe('Rolling back 3 nodes');
  expect(all.lead).toContain('Each node gets back');
  expect(all.lead).not.toContain('Every other node');
});

it('leads a partial change with the node that its raise failed on and that loses packets still', () => {
  const failed: Remediation = {
    kind: 'raise-max',
    instanceId: 'i-b',
    decision: 1,
    claimedAt: stepTime(3),
    finishedAt: stepTime(4),
    outcome: 'failed',
    detail: 'i-b: the script ended with code 1.',
  };
  const left = recordedIncident(
    'partially-applied',
    [
      ...IDS.map((id) => recordedReading(id, FULL)),
      ...IDS.map((id) => recordedReading(id, id === 'i-b' ? FULL : HEALED, 2)),
    ],
    { collection: 2, remediations: [raised('i-a'), failed, raised('i-c')] },
  );
  const card = shown(left);
  expect(card.header).toBe('Raised on 2 of 3 nodes, packets still lost on 1');
  expect(card.colour).toBe('red');
  expect(card.lead).toMatch(/^i-b: Connection-tracking table full: .*12,946 packets .* \(read 14:/);
  expect(card.fields[0]).toEqual({ label: 'Worst node', value: 'i-b · read 14:02:50Z' });
  expect(card.fields).toContainEqual({ label: 'Full-table drops', value: '12,946 packets/10 s' });
  expect(card.usage?.text).toBe('100 % of nf_conntrack_max');
});

it.each([
  ['the one that was not raised and loses packets', OVERFLOW, 'i-c'],
  ['else of those that were changed the one whose table is used most', undefined, 'i-a'],
  ['not one that was left as it was and is well, however full', 'not-the-node/healthy-busy-50', 'i-a'],
])('shows the numbers of the worst node: %s', (_which, third, worst) => {
  const incident = recordedIncident(
    'resolved',
    [
      recordedReading('i-a', FULL),
      recordedReading('i-b', FULL),
      ...(third === undefined ? [] : [recordedReading('i-c', third)]),
      recordedReading('i-b', HEALED, 2),
      recordedReading('i-a', FULLER, 2),
    ],
    { collection: 2, remediations: [raised('i-b'), raised('i-a')] },
  );
  const { fields } = shown(incident);
  expect(fields[0]?.label).toBe('Worst node');
  expect(fields[0]?.value).toContain(`${worst} · read `);
});

/** Three raised nodes of which some were rolled back, and what these showed after that. */
function rolledBack(state: IncidentState, ids: readonly string[], after: string): Incident {
  const readings = [
    ...IDS.map((id) => recordedReading(id, FULL)),
    ...IDS.map((id) => recordedReading(id, HEALED, 2)),
    ...ids.map((id) => recordedReading(id, after, 3)),
  ];
  return recordedIncident(state, readings, {
    collection: 3,
    remediations: [...IDS.map(raised), ...ids.map(undone)],
  });
}

describe('the card after a rollback of one node', () => {
  const card = shown(rolledBack('partially-applied', ['i-b'], FULL));

  it('says in its head that the fault is back, and is red', () => {
    expect(card.colour).toBe('red');
    expect(card.header).toBe('Raised on 2 of 3 nodes, the fault is back on 1');
    expect(card.banner).toContain('the fault is back on 1');
    expect(card.lead).toMatch(
      /^i-b: Connection-tracking table full: 32,768 of 32,768 entries, 12,946 packets of new connections dropped in 10 s \(read 14:03:30Z\)\./,
    );
  });

  it('shows the numbers of that node', () => {
    expect(card.fields[0]).toEqual({ label: 'Rolled-back node', value: 'i-b · read 14:03:30Z' });
    expect(card.fields).toContainEqual({ label: 'Full-table drops', value: '12,946 packets/10 s' });
    expect(card.usage?.text).toBe('100 % of nf_conntrack_max');
  });

  it('says so in the list too', () => {
    const text = card.results.find(({ instanceId }) => instanceId === 'i-b')?.text;
    expect(text).toMatch(
      /^rolled back \(14:03:20Z\): Done; read again \(14:03:30Z\): Connection-tracking table full/,
    );
  });

  it('says nothing of the kind where the node is well', () => {
    const well = shown(rolledBack('partially-applied', ['i-b'], HEALED));
    expect(well.header).toBe('Raised on 2 of 3 nodes');
    expect(well.colour).toBe('amber');
    expect(well.fields[0]?.label).toBe('Worst node');
    expect(JSON.stringify(well.results)).not.toContain('read again');
  });

  it('tells an earlier reading from one after the rollback', () => {
    const { head, ...readings } = rolledBack('partially-applied', ['i-b'], FULL);
    const remediations = head.remediations.map((step) =>
      step.kind === 'rollback' ? { ...step, finishedAt: stepTime(10) } : step,
    );
    expect(shown({ ...readings, head: { ...head, remediations } }).header).toBe('Raised on 2 of 3 nodes');
  });
});

it('counts the others that suffer after a rollback of all', () => {
  const { lead } = shown(rolledBack('rolled-back', IDS, FULL));
  expect(lead).toMatch(/^i-a: Connection-tracking table full: .*; 2 more rolled-back nodes suffer too\./);
});

describe('what is to be expected after a rollback', () => {
  const lead = (after: string) => shown(rolledBack('rolled-back', IDS, after)).lead;

  it('says that the fault is back where a reading shows it', () => {
    expect(lead(FULL)).toMatch(/ With the old values the fault is back\.$/);
  });

  it('says that it may be where no reading shows it', () => {
    expect(lead(HEALED)).toBe('With the old values the fault may be back.');
  });

  it('says what stays where a rollback leaves the running values', () => {
    const { head, ...readings } = rolledBack('rolled-back', IDS, HEALED);
    const remediations = head.remediations.map((step) => {
      const { max: _max, ...rest } = step;
      if (rest.kind === 'rollback') return rest;
      const values = [{ key: 'net.netfilter.nf_conntrack_buckets', before: 1024, after: 131_072 }];
      return { ...rest, kind: 'raise-buckets' as const, outcome: 'changed' as const, values };
    });
    expect(shown({ ...readings, head: { ...head, remediations } }).lead).toBe(
      'The raised buckets stay in force until the node boots again; with the old files the fault may be back after that.',
    );
  });
});
