import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { rankNodes } from '../../../../src/core/card/nodes.ts';
import { nodeResults } from '../../../../src/core/card/results.ts';
import type { Incident, IncidentHead, Remediation } from '../../../../src/core/record/incident.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

/** The incident with one more step on its first node, ordered by a second decision. */
function then(incident: Incident, step: Partial<Remediation>, head: Partial<IncidentHead> = {}): Incident {
  const [first] = incident.head.remediations;
  if (first === undefined) throw new Error('The incident has no step.');
  const { verification: _v, max: _m, buckets: _b, detail: _d, ...common } = first;
  const remediations = [...incident.head.remediations, { ...common, decision: 2, ...step }];
  return { ...incident, head: { ...incident.head, remediations, ...head } };
}

const REFUSED = {
  kind: 'rollback',
  outcome: 'refused',
  detail: '120000 entries are in use; try again when the load is down.',
} as const;

const refusedRollback = (incident: Incident): Incident => {
  const { state, transitions } = incident.head;
  const at = transitions.at(-1)?.at ?? '';
  const actor = { kind: 'workflow' } as const;
  const why = `i-1: rollback refused: ${REFUSED.detail}`;
  const back = { at, from: 'rolling-back' as const, to: state, actor, why };
  const away = { at, from: state, to: 'rolling-back' as const, actor };
  return then(incident, REFUSED, { transitions: [...transitions, away, back] });
};

const shown = (incident: Incident) => nodeResults(incident, rankNodes(incident, catalogue), NOW)[0];

describe('a later step never erases an earlier truth', () => {
  test('a node that failed its verification keeps its ✗ and the reason when its rollback is refused', () => {
    const failed = buildIncident('failed');
    const why = failed.head.remediations[0]?.verification?.why.replace(/\.$/, '') ?? '?';
    const after = shown(refusedRollback(failed));
    expect(after?.state).toBe('failed');
    expect(after?.text).toContain(`verification failed: ${why}`);
    expect(after?.text).toContain('rollback refused (14:02:40Z): 120000 entries are in use');
  });

  test('the lead keeps the reason of the failure beside that of the refusal', () => {
    const failed = buildIncident('failed');
    const { lead, colour } = cardOf(refusedRollback(failed), catalogue, NOW);
    expect(colour).toBe('red');
    expect(lead).toContain('120000 entries are in use');
    expect(lead).toContain('The canary still drops packets after the raise; no other node was touched.');
  });

  test('a verified node whose rollback is refused stays verified, and the card is not green any more', () => {
    const incident = refusedRollback(buildIncident('resolved'));
    expect(shown(incident)).toMatchObject({ state: 'changed' });
    expect(shown(incident)?.text).toMatch(
      /raised 131,072 → 262,144 and verified; rollback refused \(14:02:40Z\): 120000/,
    );
    const { header, colour } = cardOf(incident, catalogue, NOW);
    expect(colour).toBe('amber');
    expect(header).toBe('Not rolled back: nf_conntrack_max still raised on 1 node');
  });

  test('a change that did not last keeps saying so when its rollback is refused', () => {
    const [node] = buildIncident('resolved').head.nodes;
    const why = `${node?.instanceId}: nf_conntrack_max is 131,072 again, not 262,144: kube-proxy.`;
    const drift = [
      {
        at: '2026-11-23T15:00:00.000Z',
        collection: 3,
        nodes: [{ instanceId: node?.instanceId ?? '', state: 'moved', by: 'kube-proxy', why } as const],
      },
    ];
    const after = shown(refusedRollback(buildIncident('resolved', { head: { drift } })));
    expect(after?.state).toBe('failed');
    expect(after?.text).toContain('moved back');
    expect(after?.text).toContain('rollback refused');
  });

  test('a change that was refused later leaves what stands', () => {
    const after = shown(then(buildIncident('resolved'), { outcome: 'refused', detail: 'value-moved.' }));
    expect(after).toMatchObject({ state: 'changed' });
    expect(after?.text).toMatch(
      /raised 131,072 → 262,144 and verified; refused, not changed \(14:02:40Z\): value-moved/,
    );
  });

  test('a rollback that worked says what had failed before', () => {
    const failed = buildIncident('failed');
    const after = shown(then(failed, { kind: 'rollback', outcome: 'rolled-back', detail: 'Restored.' }));
    expect(after?.state).toBe('undone');
    expect(after?.text).toMatch(
      /^rolled back \(14:02:40Z\): Restored; before that verification failed: The canary still/,
    );
  });
});

describe('every number belongs to a time', () => {
  const node = (incident: Incident) =>
    cardOf(incident, catalogue, NOW).fields.find(({ label }) => /node/i.test(label))?.value;
  const small = (incident: Incident) => cardOf(incident, catalogue, NOW).context.join(' · ');

  test('the node says when its numbers were read', () => {
    expect(node(buildIncident('awaiting-approval'))).toMatch(/ · read \d\d:\d\d:\d\dZ$/);
  });

  test('numbers from before a change or a rollback say so', () => {
    expect(node(buildIncident('applying-canary'))).toMatch(/ · read \d\d:\d\d:\d\dZ, before the raise$/);
    const claimedAt = '2026-11-23T23:00:00.000Z';
    const incident = then(buildIncident('resolved'), { ...REFUSED, outcome: 'rolled-back', claimedAt });
    expect(node(incident)).toMatch(/, before the rollback$/);
  });

  test('evidence of several times says from when to when', () => {
    const incident = buildIncident('resolved', { nodes: 2 });
    expect(small(incident)).toMatch(/evidence of \d\d:\d\d:\d\dZ ·/);
    const collections = incident.collections.map((one, index) =>
      index === 0 ? one : { ...one, collectedAt: '2026-11-23T14:00:00.000Z' },
    );
    expect(small({ ...incident, collections })).toMatch(/evidence of 14:00:00Z to 14:/);
  });

  test('a verification and a later look say when', () => {
    const at = '2026-11-23T14:05:12.000Z';
    const resolved = buildIncident('resolved');
    const remediations = resolved.head.remediations.map((step) => ({
      ...step,
      ...(step.verification && { verification: { ...step.verification, at } }),
    }));
    const [first] = remediations;
    const why = `${first?.instanceId}: nf_conntrack_max 262,144 in force, 52 % in use.`;
    const look = { instanceId: first?.instanceId ?? '', state: 'held', why } as const;
    const drift = [{ at: '2026-11-23T15:05:12.000Z', collection: 3, nodes: [look] }];
    const incident = { ...resolved, head: { ...resolved.head, remediations, drift } };
    expect(shown(incident)?.text).toContain('and verified (read 14:05:12Z); looked again (15:05:12Z): ');
    expect(cardOf(incident, catalogue, NOW).lead).toContain('(read 14:05:12Z)');
  });
});
