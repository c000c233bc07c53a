import { describe, expect, it } from 'vitest';
import { bearingOn } from '../../../../../src/core/incident/syn-trace/bearing.ts';
import type { Incident } from '../../../../../src/core/record/incident.ts';
import type { NodeTrace, NodeTraced } from '../../../../../src/core/record/traced/found.ts';
import { takenAway, traceDoubt } from '../../../../../src/core/remediation/taken-away.ts';
import {
  buildDiagnosis,
  buildHealthy,
  buildLookAlike,
  instanceId,
  stepTime,
} from '../../../support/diagnoses.ts';
import { ANA, buildIncident, NOW } from '../../../support/incidents.ts';

/** Fifteen of a hundred lose their answer behind this node, and the table drops none. */
const BEYOND: NodeTraced = {
  kind: 'traced',
  rung: 'tcpdump',
  seconds: 15,
  thin: 1,
  counts: { connections: 100, delayed: 15, troubled: 15, refused: 0 },
  lost: [{ edge: 'outside', packet: 'answer', last: 'uplink', count: 15 }],
  tableDrops: 0,
  sentences: ['15 of 100 new connections (15 %) were delayed 1.0 s or more, or not answered.'],
  consequences: [
    {
      mode: 'not-the-node',
      speaks: 'for',
      why: '15 of 15 troubled connections lost a packet after this node',
    },
  ],
  connectTimes: [],
};
const ON_NODE: NodeTraced = {
  ...BEYOND,
  lost: [{ edge: 'node', packet: 'SYN', last: 'uplink', missing: 'veth', count: 15 }],
  tableDrops: 31,
  consequences: [
    { mode: 'table-full', speaks: 'for', why: '31 packets were dropped because the table was full' },
    {
      mode: 'not-the-node',
      speaks: 'against',
      why: '15 of 15 troubled connections lost a packet on this node',
    },
  ],
};
const FULL = buildDiagnosis();

describe('what a trace does to the verdict of its node', () => {
  it('nothing where it speaks for it', () => {
    expect(bearingOn(FULL, ON_NODE)).toBeUndefined();
  });

  it('shows that packets are lost elsewhere', () => {
    expect(bearingOn(FULL, BEYOND)).toEqual({
      kind: 'elsewhere',
      verdict: 'table-full',
      why: '15 connections of 100 lost a packet beyond this node, none on the node itself, and the table dropped none',
    });
  });

  it.each<[string, { readonly [K in keyof NodeTraced]?: NodeTraced[K] | undefined }]>([
    ['the table dropped a single packet', { tableDrops: 1 }],
    ['nobody knows whether the table dropped any', { tableDrops: undefined }],
    ['too few were looked at', { counts: { connections: 29, delayed: 15, troubled: 15, refused: 0 } }],
    ['one more was lost on the node', { lost: [...BEYOND.lost, ...ON_NODE.lost] }],
    ['too few lost a packet', { lost: BEYOND.lost.map((lost) => ({ ...lost, count: 9 })) }],
    ['no packet could be looked at', { counts: undefined }],
  ])('is in doubt, and no more, where %s', (_, change) => {
    expect(bearingOn(FULL, { ...BEYOND, ...(change as Partial<NodeTraced>) })?.kind).toBe('contradicts');
  });

  it('speaks against a verdict that says that the node is fine', () => {
    expect(bearingOn(buildHealthy(), ON_NODE)).toMatchObject({
      kind: 'contradicts',
      verdict: 'not-the-node',
    });
  });

  it('does not speak against what is not lost yet, what it explains, or what nobody knows', () => {
    expect(bearingOn(buildDiagnosis({ verdict: 'near-full', impact: 'pressure' }), BEYOND)).toBeUndefined();
    const inside: NodeTraced = {
      ...BEYOND,
      lost: [{ edge: 'inside', packet: 'SYN', last: 'pod', count: 15 }],
      consequences: [{ mode: 'listen-overflow', speaks: 'for', why: 'the queue was full' }],
    };
    expect(bearingOn(buildLookAlike(), inside)).toBeUndefined();
    expect(bearingOn(buildHealthy({ verdict: 'insufficient-evidence' }), ON_NODE)).toBeUndefined();
    expect(
      bearingOn({ ...FULL, contributing: ['listen-overflow'] }, { ...inside, tableDrops: 3 }),
    ).toBeUndefined();
  });
});

/** The incident once a trace of these nodes is over. */
function traced(incident: Incident, found: readonly NodeTraced[], endedAt = stepTime(6)): Incident {
  const nodes = found.map((outcome, index): NodeTrace => {
    const bearing = bearingOn(FULL, outcome);
    return { instanceId: instanceId(index), outcome: { ...outcome, ...(bearing && { bearing }) } };
  });
  const trace = {
    number: 1,
    at: stepTime(4),
    actor: ANA,
    instanceIds: nodes.map((node) => node.instanceId),
    seconds: 15,
    endedAt,
    nodes,
  };
  return { ...incident, head: { ...incident.head, synTraces: [trace] } };
}

describe('whether the offered change stands', () => {
  const waiting = buildIncident('awaiting-approval', { nodes: 5 });

  it('does not where every traced node of the plan loses its packets elsewhere', () => {
    const { head } = traced(waiting, [BEYOND, BEYOND, BEYOND]);
    expect(takenAway(head)).toMatchObject({ instanceId: instanceId(0), at: stepTime(6) });
    expect(traceDoubt(head, NOW)).toMatch(/is not offered any more$/);
  });

  it.each<[string, readonly NodeTraced[]]>([
    ['one of them loses some on the node', [BEYOND, ON_NODE, BEYOND]],
    ['it is only in doubt', [{ ...BEYOND, tableDrops: 2 }]],
    ['the trace speaks for it', [ON_NODE]],
  ])('does where %s', (_, found) => {
    expect(takenAway(traced(waiting, found).head)).toBeUndefined();
  });

  it('does again once nodes were read anew', () => {
    const { head } = traced(waiting, [BEYOND, BEYOND, BEYOND]);
    const read = { ...head, evidenceAt: stepTime(7) };
    expect(takenAway(read)).toBeUndefined();
    expect(traceDoubt(read, NOW)).toBeUndefined();
  });

  it('does where the change has nothing to do with room in the table', () => {
    const { head } = traced(waiting, [BEYOND]);
    const [first] = head.plan?.nodes ?? [];
    if (head.plan === undefined || first === undefined) throw new Error('no plan');
    const plan = { ...head.plan, nodes: [{ ...first, kind: 'delete-udp-entries' }] } as typeof head.plan;
    expect(takenAway({ ...head, plan })).toBeUndefined();
  });

  it('does where only others than the first node were traced', () => {
    const { head } = traced(waiting, [BEYOND]);
    const [trace] = head.synTraces ?? [];
    const nodes = trace?.nodes?.map((node) => ({ ...node, instanceId: instanceId(3) })) ?? [];
    expect(takenAway({ ...head, synTraces: [{ ...trace!, nodes }] })).toBeUndefined();
  });
});
