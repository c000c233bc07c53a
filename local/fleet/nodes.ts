import { join } from 'node:path';
import { counted, percent, show } from '../../src/core/words.ts';
import { DEMO_GROUP, type DemoNodes, type DemoNodesOptions, type HealingEvidence } from '../demo-nodes.ts';
import { startEc2 } from '../ec2.ts';
import { recordedTexts, recordedTraces } from '../recorded/cast.ts';
import { scratchNamespaceAvailable } from '../recorded/scratch-namespace.ts';
import { PERSISTENCE_FILE } from '../recorded/scratch-values.ts';
import { FLEET } from './day.ts';
import { FleetNode } from './node.ts';
import { FleetDay } from './pass.ts';

/** Alarms of services whose pods run on the nodes that are full, each with the positions of its nodes; some have the same. */
const ALARMS = [
  { name: 'checkout-latency-p99', nodes: [0, 1] },
  { name: 'cart-latency-p99', nodes: [1, 2] },
  { name: 'payment-errors', nodes: [2, 0] },
] as const;
const REASON =
  'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).';

/**
 * A fleet of forty nodes over half a day: what they hold is made, what a collection shows of them is recorded, and the scripts that
 * change something really run on scratch copies where this system allows that.
 */
export async function fleetNodes({ workDir, say }: DemoNodesOptions): Promise<DemoNodes> {
  const runner = (await scratchNamespaceAvailable()) ? 'scripts' : 'model';
  if (runner === 'model')
    say('This system allows no private namespaces: a model stands in for raise.sh and rollback.sh.');
  const day = new FleetDay();
  const nodes: FleetNode[] = [];
  for (const member of FLEET) {
    const root = join(workDir, 'nodes', member.instanceId);
    const traces = recordedTraces(member.recorded === 'node-3' ? 'healthy' : 'full-table');
    const texts = recordedTexts(member.recorded);
    nodes.push(await FleetNode.open(member, day, { root, texts, traces, runner }));
  }
  const ec2 = await startEc2(nodes.map(({ instance }) => instance));
  const sick = ALARMS.flatMap(({ nodes: positions }) => positions)
    .filter((position, index, all) => all.indexOf(position) === index)
    .flatMap((position) => nodes[position] ?? []);
  const idsOf = (positions: readonly number[]) => positions.flatMap((at) => nodes[at]?.instanceId ?? []);
  const [first, ...more] = ALARMS.map(({ name }) => ({ name, reason: REASON }));
  if (first === undefined) throw new Error('The fleet has no alarm.');
  return {
    label: `forty nodes over half a day: their loads are made, what is collected from them is recorded, ${runner === 'scripts' ? 'raise.sh and rollback.sh run on scratch copies' : 'and a model stands in for raise.sh and rollback.sh'}`,
    nodes,
    alarm: first,
    moreAlarms: more,
    day,
    environment: {
      AWS_ENDPOINT_URL_EC2: ec2.url,
      MEDIC_NODE_LOOKUPS: 'aws',
      MEDIC_SWEEP_MINUTES: '15',
      MEDIC_PROBE_POLL_SECONDS: '0.2',
      MEDIC_ALARM_TARGETS: JSON.stringify(
        ALARMS.map(({ name, nodes: positions }) => ({ alarm: name, instanceIds: idsOf(positions) })),
      ),
    },
    before: async () => [
      `${counted(nodes.length, 'node')} of cluster ${DEMO_GROUP.cluster}; a release of this morning keeps its connections open on some of them`,
    ],
    evidenceOfHealing: async () => evidenceOf(sick.map(judge)),
    evidenceOfNoChange: async () => evidenceOf(nodes.map(judgeUntouched)),
    evidenceOfRollback: async () => {
      const { healed: restored, lines } = evidenceOf(sick.map(judgeUntouched));
      return { restored, lines };
    },
    close: () => ec2.close(),
  };
}

type Check = readonly [holds: boolean, line: string];

const evidenceOf = (checks: readonly Check[]): HealingEvidence => ({
  healed: checks.every(([holds]) => holds),
  lines: checks.map(([holds, line]) => `${holds ? '✓' : '✗'} ${line}`),
});

function judge({ instanceId, recorded, demand, isFull }: FleetNode): Check {
  const { values, original } = recorded;
  const isKept = values.keptMax === values.max;
  const room = `nf_conntrack_max ${show(original.max)} → ${show(values.max)} for a load of ${counted(demand, 'entry')} (${percent(demand / values.max)})`;
  return [
    values.max > original.max && !isFull && isKept,
    `${instanceId}: ${room}, ${isKept ? 'kept' : 'not kept'} in /${PERSISTENCE_FILE}`,
  ];
}

function judgeUntouched({ instanceId, recorded: { values, original } }: FleetNode): Check {
  const isSame = values.max === original.max && values.filesOfEtc() === original.files;
  return [
    isSame,
    `${instanceId}: nf_conntrack_max ${show(values.max)}, files ${isSame ? 'as before, byte for byte' : 'differ from before'}`,
  ];
}
