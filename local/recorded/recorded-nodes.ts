import { join } from 'node:path';
import { counted, show } from '../../src/core/words.ts';
import type { DemoNodes, DemoNodesOptions, HealingEvidence } from '../demo-nodes.ts';
import { castOf } from './cast.ts';
import { RecordedNode, type ScriptRunner } from './recorded-node.ts';
import { scratchNamespaceAvailable } from './scratch-namespace.ts';
import { PERSISTENCE_FILE } from './scratch-values.ts';

/** What a test chooses besides the demo's own options. */
export interface RecordedNodesOptions extends DemoNodesOptions {
  /** Left out, the scripts run where this system allows it. */
  readonly runner?: ScriptRunner;
  /** How long a collection takes, in milliseconds; left out, long enough to be seen. */
  readonly collectMs?: number;
}

/**
 * A cluster of three recorded nodes, those that are sick in the scenario first. Their evidence is replayed; raise.sh and rollback.sh really run,
 * each on a scratch copy of the node's files, where this system allows that without privileges. Elsewhere a model of the
 * two stands in, which refuses what they refuse.
 */
export async function recordedNodes({
  workDir,
  say,
  scenario = 'table-full',
  runner: wanted,
  collectMs,
}: RecordedNodesOptions): Promise<DemoNodes> {
  const runner = wanted ?? ((await scratchNamespaceAvailable()) ? 'scripts' : 'model');
  const nodes: RecordedNode[] = [];
  const sick: RecordedNode[] = [];
  for (const { name, instanceId, texts, traces, need, isSick } of castOf(scenario)) {
    const node = await RecordedNode.open({
      instanceId,
      root: join(workDir, 'nodes', name),
      texts,
      traces,
      runner,
      ...(collectMs === undefined ? {} : { collectMs }),
      ...(need === undefined ? {} : { need }),
    });
    nodes.push(node);
    if (isSick) sick.push(node);
  }
  const full = sick.filter(({ need }) => need !== undefined);
  if (runner === 'model')
    say('This system allows no private namespaces: a model stands in for raise.sh and rollback.sh.');
  return {
    label: `three recorded nodes: their evidence is replayed, ${runner === 'scripts' ? 'raise.sh and rollback.sh run on scratch copies' : 'and a model stands in for raise.sh and rollback.sh'}`,
    nodes,
    alarm: {
      name: 'checkout-latency-p99',
      reason:
        'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).',
    },
    before: async () => sick.map(stateOf),
    evidenceOfHealing: async () => evidenceOf(sick.map(judge)),
    evidenceAround: async (instanceId) =>
      evidenceOf(sick.map((node) => (node.instanceId === instanceId ? judgeUntouched(node) : judge(node)))),
    evidenceOfCanary: async () => {
      const { healed: isContained, lines } = evidenceOf(judgeCanary(sick));
      return { isContained, lines };
    },
    evidenceOfNoChange: async () => evidenceOf(nodes.map(judgeUntouched)),
    // A load that ends is one of a table that is full.
    ...(full.length > 0 && {
      stopLoad: async () => {
        for (const node of full) node.endLoad();
        return ['the recorded load has ended (replayed)'];
      },
    }),
    evidenceOfRollback: async () => {
      const { healed: restored, lines } = evidenceOf(sick.map(judgeRollback));
      return { restored, lines };
    },
    close: async () => undefined,
  };
}

type Check = readonly [holds: boolean, line: string];

function evidenceOf(checks: readonly Check[]): HealingEvidence {
  return {
    healed: checks.every(([holds]) => holds),
    lines: checks.map(([holds, line]) => `${holds ? '✓' : '✗'} ${line}`),
  };
}

function stateOf({ instanceId, values, need, drops }: RecordedNode): string {
  const load = need === undefined ? '' : ` for a load that needs ${show(need)}`;
  return `${instanceId} (replayed): ${show(values.count)} of ${counted(values.max, 'entry')}${load}, ${counted(drops, 'packet')} dropped in 10 s`;
}

/** A node whose table was full has to be raised far enough; any other one has to be left alone. */
function judge(node: RecordedNode): Check {
  if (node.need === undefined) return judgeUntouched(node);
  const { values, original, need, instanceId } = node;
  const isKept = values.keptMax === values.max;
  const room = `nf_conntrack_max ${original.max} → ${values.max} for a load of ${counted(need ?? 0, 'entry')}`;
  const kept = `${isKept ? 'kept' : 'not kept'} in /${PERSISTENCE_FILE}`;
  return [node.isRaisedEnough && isKept, `${instanceId} (replayed): ${room}, ${kept}`];
}

function judgeUntouched({ values, original, instanceId }: RecordedNode): Check {
  const isSame = values.max === original.max && values.filesOfEtc() === original.files;
  const files = isSame ? 'files as before, byte for byte' : 'limit or files differ from before';
  return [isSame, `${instanceId} (replayed): not touched, nf_conntrack_max ${values.max}, ${files}`];
}

/** Exactly one node was changed, and it is full again; the others are as before. */
function judgeCanary(sick: readonly RecordedNode[]): Check[] {
  const changed = sick.filter(({ values, original }) => values.max !== original.max);
  return sick.map((node) => {
    const { values, original, instanceId, isRaisedEnough } = node;
    if (values.max === original.max) {
      const isSame = values.filesOfEtc() === original.files;
      const files = isSame ? 'files as before, byte for byte' : 'files differ from before';
      return [isSame, `${instanceId} (replayed): not touched, nf_conntrack_max ${values.max}, ${files}`];
    }
    const room = `nf_conntrack_max ${original.max} → ${values.max}, full again at a load of ${counted(node.need ?? 0, 'entry')}`;
    return [changed.length === 1 && !isRaisedEnough, `${instanceId} (replayed): ${room}`];
  });
}

function judgeRollback({ values, original, instanceId }: RecordedNode): Check {
  const isSame = values.filesOfEtc() === original.files;
  return [
    values.max === original.max && isSame,
    `${instanceId} (replayed): nf_conntrack_max ${values.max}, files ${isSame ? 'as before, byte for byte' : 'differ from before'}`,
  ];
}
