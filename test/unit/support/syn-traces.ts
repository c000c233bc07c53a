import type { IncidentHead } from '../../../src/core/record/incident.ts';
import type { NodeTraced } from '../../../src/core/record/traced/found.ts';
import { type SynTrace, TRACED_NODES_MOST } from '../../../src/core/record/traced/order.ts';
import { stepTime } from './diagnoses.ts';
import { ANA } from './incidents.ts';

/** Fifteen of a hundred lose their answer behind the node, and the table drops none. */
export const LOST_BEYOND: NodeTraced = {
  kind: 'traced',
  rung: 'tcpdump',
  seconds: 15,
  thin: 1,
  counts: { connections: 100, delayed: 15, troubled: 15, refused: 0 },
  lost: [{ edge: 'outside', packet: 'answer', last: 'uplink', count: 15 }],
  tableDrops: 0,
  sentences: [
    '15 of 100 new connections (15 %) were delayed 1.0 s or more, or not answered.',
    'In 15 the answer to the first SYN was seen on eth0 and the SYN came again: lost beyond this node.',
  ],
  consequences: [
    {
      mode: 'not-the-node',
      speaks: 'for',
      why: '15 of 15 troubled connections lost a packet after this node',
    },
  ],
  path: { uplink: 100, veth: 100, pod: 100, answered: 100 },
  connectTimes: [
    { label: 'below 1 s', count: 85 },
    { label: '1 s', count: 15 },
  ],
  flows: [{ begin: 0, from: '10.9.8.7', to: 'pod 1', port: 30_080, attempts: 2, gap: 1, answeredAfter: 1 }],
};

/** The same where the node's table drops them. */
export const LOST_HERE: NodeTraced = {
  ...LOST_BEYOND,
  lost: [{ edge: 'node', packet: 'SYN', last: 'uplink', missing: 'veth', count: 15 }],
  tableDrops: 31,
  sentences: [
    '15 of 100 new connections (15 %) were delayed 1.0 s or more, or not answered.',
    "In 15 the first SYN was seen on eth0 and not on the pod's interface on the node (eni0a1): lost in netfilter or routing on this node, where 31 packets were dropped because the table was full.",
  ],
  consequences: [
    { mode: 'table-full', speaks: 'for', why: '31 packets were dropped because the table was full' },
    {
      mode: 'not-the-node',
      speaks: 'against',
      why: '15 of 15 troubled connections lost a packet on this node',
    },
  ],
  path: { uplink: 100, veth: 85, pod: 85, answered: 85 },
};

/** The first trace of an incident, of its first nodes: it runs, or found what speaks for or against their verdict, or failed. */
export function buildTrace(
  { nodes }: Pick<IncidentHead, 'nodes'>,
  what: 'running' | 'for' | 'against' | 'failed',
): SynTrace {
  const instanceIds = nodes.slice(0, TRACED_NODES_MOST).map(({ instanceId }) => instanceId);
  const ordered = { number: 1, at: stepTime(7), actor: ANA, instanceIds, seconds: 15 };
  if (what === 'running') return ordered;
  const bearing = {
    kind: 'elsewhere' as const,
    verdict: 'table-full',
    why: '15 connections of 100 lost a packet beyond this node, none on the node itself, and the table dropped none',
  };
  const outcomeOf = (instanceId: string) =>
    what === 'failed'
      ? {
          kind: 'failed' as const,
          why: `${instanceId}: Another trace runs on this node; nothing was captured.`,
        }
      : what === 'for'
        ? LOST_HERE
        : { ...LOST_BEYOND, bearing };
  return {
    ...ordered,
    endedAt: stepTime(9),
    nodes: instanceIds.map((instanceId) => ({ instanceId, outcome: outcomeOf(instanceId) })),
  };
}
