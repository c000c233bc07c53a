import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../../runbooks/index.ts';
import {
  endTrace,
  failTrace,
  offersTrace,
  orderTrace,
  runningTrace,
} from '../../../../../src/core/incident/syn-trace/order.ts';
import type { Figures } from '../../../../../src/core/record/collection.ts';
import { Incident, type IncidentHead } from '../../../../../src/core/record/incident.ts';
import type { NodeTrace } from '../../../../../src/core/record/traced/found.ts';
import { newestTrace } from '../../../../../src/core/remediation/taken-away.ts';
import { buildDiagnosis, buildHealthy, buildLookAlike, instanceId } from '../../../support/diagnoses.ts';
import { ANA, buildIncident, INCIDENT_STATES, NOW } from '../../../support/incidents.ts';

const RULES = { now: NOW, approvers: [ANA.id], catalogue };
const MINUTE = 60_000;

const ordered = (incident: Incident, now = NOW): IncidentHead => {
  const head = orderTrace(incident, ANA, { ...RULES, now })(incident.head);
  if (typeof head === 'string') throw new Error(head);
  return head;
};

const FOUND: NodeTrace = {
  instanceId: instanceId(0),
  outcome: {
    kind: 'traced',
    rung: 'tcpdump',
    seconds: 15,
    thin: 1,
    counts: { connections: 100, delayed: 10, troubled: 10, refused: 0 },
    lost: [],
    sentences: ['None of 100 new connections was delayed by a second or more.'],
    consequences: [],
    connectTimes: [{ label: 'below 1 s', count: 100 }],
    flows: [{ begin: 0, from: '10.1.1.1', to: 'pod 1', port: 80, attempts: 2 }],
  },
};

/** The same incident with so many traces that are over, one every so often, the newest just before now. */
function traced(incident: Incident, times: number, apart = 20 * MINUTE): Incident {
  let { head } = incident;
  for (let index = times; index > 0; index--) {
    const at = NOW - index * apart;
    head = ordered({ ...incident, head }, at);
    head = endTrace(head, head.synTraces?.at(-1)?.number ?? 0, new Date(at + 20_000).toISOString(), [FOUND]);
  }
  return { ...incident, head };
}

describe('ordering a trace', () => {
  it('takes it into the record: who, when, which nodes, for how long', () => {
    const head = ordered(buildIncident('awaiting-approval'));
    expect(runningTrace(head)).toEqual({
      number: 1,
      at: new Date(NOW).toISOString(),
      actor: ANA,
      instanceIds: [instanceId(0)],
      seconds: 15,
    });
    expect(newestTrace(head)).toBeUndefined();
    expect(Incident.shape.head.parse(head)).toEqual(head);
  });

  it('asks three nodes at most, those that a click would change first', () => {
    expect(runningTrace(ordered(buildIncident('awaiting-approval', { nodes: 7 })))?.instanceIds).toEqual(
      [0, 1, 2].map(instanceId),
    );
    // One is raised already: the others are what the next click is about.
    expect(runningTrace(ordered(buildIncident('applied-one', { nodes: 7 })))?.instanceIds).toEqual(
      [1, 2, 3].map(instanceId),
    );
  });

  it.each<[string, Figures['ports'], number | undefined]>([
    ['the one that most entries go to', [port(30_080, 0.8, 0.05)], 30_080],
    ['none where none stands out', [port(30_080, 0.52, 0.05)], undefined],
    ['none of UDP', [{ ...port(53, 0.9, 0), protocol: 'udp' }], undefined],
    ['none that is no port', [port(0, 0.9, 0)], undefined],
  ])('looks at one port: %s', (_, ports, expected) => {
    const incident = buildIncident('awaiting-approval', { figures: { ports } });
    expect(runningTrace(ordered(incident))?.port).toBe(expected);
  });

  it('is for approvers, as collecting again is', () => {
    const incident = buildIncident('awaiting-approval');
    const stranger = { ...ANA, id: 'U0EVE0001', name: 'eve' };
    expect(orderTrace(incident, stranger, RULES)(incident.head)).toBe(
      `You (U0EVE0001) are not an approver, so nothing was traced. Ask <@${ANA.id}>, or have your id added to MEDIC_APPROVERS.`,
    );
    expect(orderTrace(incident, ANA, { ...RULES, approvers: [] })(incident.head)).toContain(
      'nothing was traced',
    );
  });

  it('sends nothing while one runs', () => {
    const incident = buildIncident('awaiting-approval');
    const head = ordered(incident);
    expect(orderTrace({ ...incident, head }, ANA, { ...RULES, now: NOW + 1000 })(head)).toMatch(
      /^A trace runs since \d\d:\d\d:\d\dZ; what it finds is said in the thread\. Nothing more was sent\.$/,
    );
  });

  it('is done four times an hour, and twelve times in all', () => {
    const often = traced(buildIncident('awaiting-approval'), 4, 10 * MINUTE);
    expect(orderTrace(often, ANA, RULES)(often.head)).toMatch(
      /^This incident was traced 4 times within an hour, which is the most; the next can be ordered at /,
    );
    expect(ordered(traced(buildIncident('awaiting-approval'), 11)).synTraces).toHaveLength(12);
    const many = traced(buildIncident('awaiting-approval'), 12, 30 * MINUTE);
    expect(orderTrace(many, ANA, RULES)(many.head)).toContain('was traced 12 times already');
  });

  it('is refused while nodes are being changed and after the end, with the state', () => {
    for (const state of INCIDENT_STATES) {
      const incident = buildIncident(state);
      const head = orderTrace(incident, ANA, RULES)(incident.head);
      if (['awaiting-approval', 'applied-one', 'no-fix-offered'].includes(state))
        expect(head).toBeTypeOf('object');
      else expect(head).toContain(`The incident is ${state}`);
    }
  });

  it('keeps rows of connections for the newest alone, so that the record stays small', () => {
    const before = traced(buildIncident('awaiting-approval'), 1);
    expect(JSON.stringify(before.head)).toContain('10.1.1.1');
    const after = ordered(before);
    expect(JSON.stringify(after)).not.toContain('10.1.1.1');
    expect(after.synTraces?.[0]?.nodes?.[0]?.outcome).toMatchObject({
      kind: 'traced',
      sentences: [expect.any(String)],
    });
  });
});

describe('a trace that is over', () => {
  it('stays as it ended', () => {
    const head = ordered(buildIncident('awaiting-approval'));
    const at = new Date(NOW + 25_000).toISOString();
    const ended = endTrace(head, 1, at, [FOUND]);
    expect(newestTrace(ended)).toMatchObject({ endedAt: at, nodes: [FOUND] });
    expect(failTrace(ended, 1, at, 'too late.')).toBe(ended);
    expect(endTrace(ended, 7, at, [])).toBe(ended);
  });

  it('says of each node why nothing is known where it failed', () => {
    const head = failTrace(
      ordered(buildIncident('awaiting-approval', { nodes: 2 })),
      1,
      new Date(NOW).toISOString(),
      `the trace ${'x'.repeat(2000)}`,
    );
    expect(
      Incident.shape.head
        .parse(head)
        .synTraces?.[0]?.nodes?.map(({ instanceId: id, outcome }) => [id, outcome.kind]),
    ).toEqual([
      [instanceId(0), 'failed'],
      [instanceId(1), 'failed'],
    ]);
  });
});

describe('whether a card offers a trace', () => {
  it('does where packets are lost, or where nothing is found on the node', () => {
    const unknown = buildLookAlike({ verdict: 'insufficient-evidence', impact: 'pressure' });
    for (const diagnosis of [buildLookAlike(), buildHealthy(), unknown])
      expect(offersTrace(buildIncident('no-fix-offered', { diagnosis }), catalogue)).toBe(true);
    expect(offersTrace(buildIncident('awaiting-approval'), catalogue)).toBe(true);
  });

  it('does not where a trace says nothing of the verdict', () => {
    const diagnosis = buildDiagnosis({ verdict: 'near-full', impact: 'pressure' });
    expect(offersTrace(buildIncident('awaiting-approval', { diagnosis }), catalogue)).toBe(false);
  });

  it('does not while one runs, while a node is changed, or after the end of what was changed', () => {
    const incident = buildIncident('awaiting-approval');
    expect(offersTrace({ ...incident, head: ordered(incident) }, catalogue)).toBe(false);
    for (const state of ['applying-canary', 'verifying', 'resolved', 'rolled-back', 'joined'] as const)
      expect(offersTrace(buildIncident(state), catalogue)).toBe(false);
  });
});

function port(number: number, share: number, error: number) {
  return { protocol: 'tcp', port: number, share, error, isLeast: false };
}
