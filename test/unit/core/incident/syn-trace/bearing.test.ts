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
import { LOST_BEYOND, LOST_HERE } from '../../../support/syn-traces.ts';

const FULL = buildDiagnosis();

describe('what a trace does to the verdict of its node', () => {
  it('nothing where it speaks for it', () => {
    expect(bearingOn(FULL, LOST_HERE)).toBeUndefined();
  });

  it('shows that packets are lost elsewhere', () => {
    expect(bearingOn(FULL, LOST_BEYOND)).toEqual({
      kind: 'elsewhere',
      verdict: 'table-full',
      why: '15 connections of 100 lost a packet beyond this node, none on the node itself, and the table dropped none',
    });
  });

  it.each<[string, { readonly [K in keyof NodeTraced]?: NodeTraced[K] | undefined }]>([
    ['the table dropped a single packet', { tableDrops: 1 }],
    ['nobody knows whether the table dropped any', { tableDrops: undefined }],
    ['too few were looked at', { counts: { connections: 29, delayed: 15, troubled: 15, refused: 0 } }],
    ['one more was lost on the node', { lost: [...LOST_BEYOND.lost, ...LOST_HERE.lost] }],
    ['too few lost a packet', { lost: LOST_BEYOND.lost.map((lost) => ({ ...lost, count: 9 })) }],
    ['no packet could be looked at', { counts: undefined }],
  ])('is in doubt, and no more, where %s', (_, change) => {
    expect(bearingOn(FULL, { ...LOST_BEYOND, ...(change as Partial<NodeTraced>) })?.kind).toBe('contradicts');
  });

  it('speaks against a verdict that says that the node is fine', () => {
    expect(bearingOn(buildHealthy(), LOST_HERE)).toMatchObject({
      kind: 'contradicts',
      verdict: 'not-the-node',
    });
  });

  it('does not speak against what is not lost yet, what it explains, or what nobody knows', () => {
    expect(
      bearingOn(buildDiagnosis({ verdict: 'near-full', impact: 'pressure' }), LOST_BEYOND),
    ).toBeUndefined();
    const inside: NodeTraced = {
      ...LOST_BEYOND,
      lost: [{ edge: 'inside', packet: 'SYN', last: 'pod', count: 15 }],
      consequences: [{ mode: 'listen-overflow', speaks: 'for', why: 'the queue was full' }],
    };
    expect(bearingOn(buildLookAlike(), inside)).toBeUndefined();
    expect(bearingOn(buildHealthy({ verdict: 'insufficient-evidence' }), LOST_HERE)).toBeUndefined();
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
    const { head } = traced(waiting, [LOST_BEYOND, LOST_BEYOND, LOST_BEYOND]);
    expect(takenAway(head)).toMatchObject({ instanceId: instanceId(0), at: stepTime(6) });
    expect(traceDoubt(head, NOW)).toMatch(/is not offered any more$/);
  });

  it.each<[string, readonly NodeTraced[]]>([
    ['one of them loses some on the node', [LOST_BEYOND, LOST_HERE, LOST_BEYOND]],
    ['it is only in doubt', [{ ...LOST_BEYOND, tableDrops: 2 }]],
    ['the trace speaks for it', [LOST_HERE]],
  ])('does where %s', (_, found) => {
    expect(takenAway(traced(waiting, found).head)).toBeUndefined();
  });

  it('does again once nodes were read anew', () => {
    const { head } = traced(waiting, [LOST_BEYOND, LOST_BEYOND, LOST_BEYOND]);
    const read = { ...head, evidenceAt: stepTime(7) };
    expect(takenAway(read)).toBeUndefined();
    expect(traceDoubt(read, NOW)).toBeUndefined();
  });

  it('does where the change has nothing to do with room in the table', () => {
    const { head } = traced(waiting, [LOST_BEYOND]);
    const [first] = head.plan?.nodes ?? [];
    if (head.plan === undefined || first === undefined) throw new Error('no plan');
    const plan = { ...head.plan, nodes: [{ ...first, kind: 'delete-udp-entries' }] } as typeof head.plan;
    expect(takenAway({ ...head, plan })).toBeUndefined();
  });

  it('does where only others than the first node were traced', () => {
    const { head } = traced(waiting, [LOST_BEYOND]);
    const [trace] = head.synTraces ?? [];
    const nodes = trace?.nodes?.map((node) => ({ ...node, instanceId: instanceId(3) })) ?? [];
    expect(takenAway({ ...head, synTraces: [{ ...trace!, nodes }] })).toBeUndefined();
  });
});
