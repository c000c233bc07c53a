import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Incident, IncidentState } from '../../../../src/core/record/incident.ts';
import { buildDiagnosis, buildLookAlike, buildNodePlan } from '../../support/diagnoses.ts';
import { buildIncident, INCIDENT_STATES, type IncidentOptions, NOW } from '../../support/incidents.ts';

const shownAs = (incident: Incident, now = NOW) => cardOf(incident, catalogue, now);
const card = (state: IncidentState, options: IncidentOptions = {}) => shownAs(buildIncident(state, options));
const kinds = (state: IncidentState, options: IncidentOptions = {}) =>
  card(state, options).actions.map(({ kind }) => kind);

describe('cardOf', () => {
  it.each<[IncidentState, number, string[]]>([
    ['collecting', 3, []],
    ['diagnosed', 3, []],
    ['awaiting-approval', 1, ['apply-one', 'dismiss']],
    ['awaiting-approval', 3, ['apply-one', 'apply-all', 'dismiss']],
    ['applying-canary', 3, []],
    ['applied-one', 3, ['apply-all', 'dismiss', 'rollback']],
    ['applying-rest', 3, []],
    ['verifying', 3, []],
    ['resolved', 1, ['rollback']],
    ['resolved', 3, ['rollback', 'rollback-one']],
    ['partially-applied', 3, ['rollback', 'collect-again']],
    ['rolling-back', 3, []],
    ['rolled-back', 3, ['collect-again']],
    ['no-fix-offered', 3, ['collect-again']],
    ['dismissed', 3, ['collect-again']],
    ['expired', 3, ['collect-again']],
    ['failed', 3, ['rollback', 'collect-again']],
  ])('offers in %s with %i nodes: %j', (state, nodes, expected) => {
    expect(kinds(state, { nodes })).toEqual(expected);
  });

  it('shows at most three decisions and at most one primary button in every state', () => {
    for (const state of INCIDENT_STATES) {
      const { actions } = card(state, { nodes: 20 });
      expect(actions.length).toBeLessThanOrEqual(3);
      expect(actions.filter(({ primary }) => primary).length).toBeLessThanOrEqual(1);
    }
  });

  it('keeps the runbook readable in every state once there is evidence', () => {
    for (const state of INCIDENT_STATES)
      expect(card(state).runbook !== undefined).toBe(state !== 'collecting');
  });

  it.each(INCIDENT_STATES)('asks again before anything that changes a node when %s', (state) => {
    const harmless = ['dismiss', 'collect-again'];
    const changing = card(state, { nodes: 3 }).actions.filter(({ kind }) => !harmless.includes(kind));
    expect(changing.filter(({ confirm }) => confirm === undefined)).toEqual([]);
    // A menu's dialog is the same whatever was chosen in it, so it cannot name the node.
    const named = changing.filter(({ instanceIds }) => instanceIds === undefined);
    expect(
      named.map(({ confirm }) => confirm?.text ?? '').filter((text) => !/i-0\w+.*131,072/.test(text)),
    ).toEqual([]);
  });

  it('repeats node, numbers, pause and rollback in the confirm dialog', () => {
    const text = card('awaiting-approval').actions[0]?.confirm?.text;
    expect(text).toContain(
      'i-000000000000000a1: nf_conntrack_max 131,072 → 262,144, buckets 32,768 → 65,536',
    );
    expect(text).toContain('measured to pause traffic for about half a second at a million entries');
    expect(text).toContain('Roll back restores the old limit and files');
  });

  it('lists the numbers of every set in the dialog where nodes get different ones', () => {
    const textOf = (count: number) => {
      const incident = buildIncident('awaiting-approval', { nodes: count });
      const nodes = (incident.head.plan?.nodes ?? []).map((node, index) =>
        node.kind === 'raise-max' ? { ...node, max: { from: 131_072, to: 262_144 + index * 65_536 } } : node,
      );
      const plan = incident.head.plan && { ...incident.head.plan, nodes };
      const { actions } = shownAs({ ...incident, head: { ...incident.head, plan } });
      return actions.find(({ kind }) => kind === 'apply-all')?.confirm?.text ?? '';
    };
    expect(textOf(2)).toContain(
      'i-000000000000000a1 131,072 → 262,144; i-000000000000000a2 131,072 → 327,680.',
    );
    for (const count of [2, 3, 7, 41]) {
      expect(textOf(count)).toMatch(/i-000000000000000a1 131,072 → 262,144/);
      expect(textOf(count)).toMatch(/pauses? traffic.*The first failure stops the rest.*Roll back restores/);
      expect(textOf(count).length).toBeLessThanOrEqual(300);
    }
    expect(textOf(41)).toMatch(/\+\d+ more/);
  });

  it('says nothing of a pause when the buckets stay as they are', () => {
    const nodePlan = { buckets: { from: 65_536, to: 65_536 } };
    expect(card('awaiting-approval', { nodePlan }).actions[0]?.confirm?.text).not.toContain('pause');
  });

  it('puts into every action the digest of the plan that it shows', () => {
    const incident = buildIncident('awaiting-approval', { nodes: 3 });
    const digests = shownAs(incident).actions.map(({ planDigest }) => planDigest);
    expect(new Set(digests)).toEqual(new Set([incident.head.plan?.digest]));
  });

  it('tells a look-alike plainly that a raise will not help and offers none', () => {
    const shown = card('no-fix-offered', { diagnosis: buildLookAlike() });
    expect(shown.lead).toContain('Raising nf_conntrack_max will not help.');
    expect(shown.change).toBeUndefined();
    expect(shown.actions.map(({ kind }) => kind)).toEqual(['collect-again']);
    expect(shown.banner).toBe('listen-overflow on 1 node · checkout-p99 · no fix offered');
  });

  it('does not call a raise useless when the table is full and only memory forbids it', () => {
    const offer = { raise: false, why: 'The node has no memory for a larger table.', remediations: [] };
    const { lead } = card('no-fix-offered', { diagnosis: buildDiagnosis({ offer }) });
    expect(lead).toBe(
      'The node has no memory for a larger table. No raise is offered; the runbook has the next steps.',
    );
  });

  it('offers no fix on a guess', () => {
    const offer = { raise: false, why: 'The counters of one node were not read.', remediations: [] };
    const { lead } = card('no-fix-offered', {
      diagnosis: buildDiagnosis({ verdict: 'insufficient-evidence', offer }),
    });
    expect(lead).toBe('The counters of one node were not read. No fix is offered on a guess.');
  });

  it('gives the phone verdict, nodes, alarm and whether a fix is ready', () => {
    expect(card('awaiting-approval', { nodes: 3 }).banner).toBe(
      'table-full on 3 of 3 nodes · checkout-p99 · fix ready',
    );
    expect(card('resolved').banner).toBe('Verified: nf_conntrack_max raised on 1 node · checkout-p99');
  });

  it('names the busiest destination ports with their error, whatever the verdict', () => {
    const ports = [
      { protocol: 'tcp', port: 443, share: 0.412, error: 0.015, isLeast: false },
      { protocol: 'udp', port: 53, share: 0.2, error: 0.015, isLeast: true },
      { protocol: 'tcp', port: 8080, share: 0.01, error: 0.015, isLeast: false },
    ];
    const valueOf = (figures: { ports?: typeof ports }) =>
      card('no-fix-offered', { figures, diagnosis: buildLookAlike() }).fields.find(
        ({ label }) => label === 'Busiest ports',
      )?.value;
    expect(valueOf({ ports })).toBe('tcp 443: 41 % ± 2 %, udp 53: at least 18 %');
    expect(valueOf({ ports: [{ ...(ports[0] ?? ports[1]!), error: 0 }] })).toBe('tcp 443: 41 %');
    expect(valueOf({ ports: [] })).toBe('none stands out');
    expect(valueOf({})).toBe('not readable');
  });

  it('lists with its number what was ruled out, and only that', () => {
    expect(card('awaiting-approval').ruledOut).toEqual([
      'listen-overflow: ListenOverflows 0 in 10 s',
      'snat-race: insert_failed 0 in 10 s',
      'hash-chains-long: chaintoolong 0 in 10 s',
    ]);
  });

  it('says what could not be seen, nodes first', () => {
    const { gaps } = card('awaiting-approval', { head: { nodeGaps: ['i-0b: offline in Systems Manager'] } });
    expect(gaps).toEqual([
      'i-0b: offline in Systems Manager',
      'ethtool -S: not installed → ENA limits unknown',
    ]);
  });

  it('names a node whose collection failed and does not count it as sick', () => {
    const incident = buildIncident('awaiting-approval', { nodes: 3 });
    const failed = { kind: 'failed', why: 'i-…a3 gave no readable evidence.' } as const;
    const collections = incident.collections.map((one, index) =>
      index === 2 ? { ...one, outcome: failed } : one,
    );
    const shown = shownAs({ ...incident, collections });
    expect(shown.banner).toContain('table-full on 2 of 3 nodes');
    expect(shown.gaps).toContain('i-…a3 gave no readable evidence.');
    expect(shown.fields).toContainEqual({
      label: 'Rests on',
      value: 'full-table drops · two samples 10 s apart · table-full on 2 of 3 nodes · 1 not readable',
    });
  });

  it('separates the layers a change survives from those it does not, with what undoes it', () => {
    const layers = card('awaiting-approval').change?.layers ?? [];
    expect(layers.filter(({ survives }) => survives === 'yes').map(({ name }) => name)).toContain('reboot');
    expect(layers).toContainEqual({
      name: 'kube-proxy restart',
      survives: 'no',
      how: 'conntrack.maxPerCore 32768 is written again at its restart',
    });
  });

  it('gives nodes with other numbers a line of their own', () => {
    const incident = buildIncident('awaiting-approval', { nodes: 3 });
    const plan = incident.head.plan;
    if (plan === undefined) throw new Error('The built incident has a plan.');
    const [first, second] = plan.nodes;
    const odd = buildNodePlan({ instanceId: 'i-odd', max: { from: 65_536, to: 196_608 } });
    const nodes = [first, second, odd].filter((node) => node !== undefined);
    const { change } = shownAs({ ...incident, head: { ...incident.head, plan: { ...plan, nodes } } });
    expect(change?.lines).toEqual([
      'i-000000000000000a1 and 1 more: nf_conntrack_max 131,072 → 262,144, buckets 32,768 → 65,536 · 129 MiB if it fills (0.8 % of memory), chains of 8 then',
      'i-odd: nf_conntrack_max 65,536 → 196,608, buckets 32,768 → 65,536 · 129 MiB if it fills (0.8 % of memory), chains of 8 then',
    ]);
  });

  it('lists truly what became of each node when only a part was applied', () => {
    expect(card('partially-applied', { nodes: 3 }).results).toEqual([
      { instanceId: 'i-000000000000000a1', state: 'changed', text: 'raised 131,072 → 262,144 and verified' },
      {
        instanceId: 'i-000000000000000a2',
        state: 'failed',
        text: 'raise failed (14:02:40Z): SSM lost the node; read it before trying again',
      },
      { instanceId: 'i-000000000000000a3', state: 'untouched', text: 'not touched' },
    ]);
  });

  it('calls a step without an answer running while the workflow runs and lost once it stopped', () => {
    const running = buildIncident('applying-canary');
    expect(shownAs(running).results[0]).toMatchObject({
      state: 'running',
      text: 'raising since 14:02:30Z',
    });
    const stopped = { ...running, head: { ...running.head, state: 'failed' as const } };
    expect(shownAs(stopped).results[0]?.text).toContain('no answer came back');
    expect(shownAs(stopped).actions.map(({ kind }) => kind)).toEqual(['rollback', 'collect-again']);
  });

  it('offers no rollback when nothing was changed', () => {
    const incident = buildIncident('failed');
    const remediations = incident.head.remediations.map((step) => ({ ...step, outcome: 'refused' as const }));
    const shown = shownAs({ ...incident, head: { ...incident.head, remediations } });
    expect(shown.actions.map(({ kind }) => kind)).toEqual(['collect-again']);
    expect(shown.header).toBe('Stopped: nothing was changed');
  });

  it('says who decided what and when', () => {
    expect(card('rolled-back').history).toEqual([
      '@ana approved 1 node, 14:02:30Z',
      '@ana ordered the rollback, 14:03:00Z',
    ]);
  });

  it('tells in the small print whether anything was changed', () => {
    expect(card('awaiting-approval').context).toContain('read-only so far');
    expect(card('applying-canary').context).toContain('a change was sent to 1 node');
    expect(card('resolved', { nodes: 3 }).context).toContain('3 nodes changed');
    expect(card('rolled-back').context).toContain('changes rolled back');
  });

  it('counts re-fires instead of posting again', () => {
    const seen = { count: 4, lastAt: '2026-11-23T14:31:00.000Z' };
    expect(card('awaiting-approval', { head: { seen } }).context).toContain('seen 4×, last 14:31:00Z');
    expect(card('awaiting-approval').context.join()).not.toContain('seen');
  });

  it('says account and region of nodes that are not in the service’s own', () => {
    expect(card('awaiting-approval').context.join()).not.toContain('account');
    const nodes = [{ instanceId: 'i-000000000000000a1', account: '222233334444', region: 'eu-west-1' }];
    expect(card('awaiting-approval', { head: { nodes } }).context).toContain(
      'account 222233334444, eu-west-1',
    );
  });

  it('writes the date of a time that is not of today', () => {
    const tomorrow = NOW + 24 * 3_600_000;
    expect(shownAs(buildIncident('awaiting-approval'), tomorrow).fields).toContainEqual({
      label: 'Since',
      value: '2026-11-23 14:02:00Z',
    });
  });

  it('is the same for the same record and time', () => {
    expect(card('applied-one', { nodes: 3 })).toEqual(card('applied-one', { nodes: 3 }));
  });
});
