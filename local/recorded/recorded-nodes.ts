import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { counted, show } from '../../src/core/words.ts';
import type { DemoNodes, DemoNodesOptions, HealingEvidence } from '../demo-nodes.ts';
import { RecordedNode, type RecordedTexts, type ScriptRunner } from './recorded-node.ts';
import { scratchNamespaceAvailable } from './scratch-namespace.ts';
import { PERSISTENCE_FILE } from './scratch-values.ts';

const CAPTURES = join(import.meta.dirname, 'captures');

/** Entries that the recorded loads need: connections a second × mean seconds that one is tracked. */
const NEEDS = { 'node-1': 900 * 120, 'node-2': 600 * 132 } as const;

/** So many times the recorded need fits into no raise that one click makes. */
const HOPELESS = 40;

/** What a test chooses besides the demo's own options. */
export interface RecordedNodesOptions extends DemoNodesOptions {
  /** Left out, the scripts run where this system allows it. */
  readonly runner?: ScriptRunner;
  /** How long a collection takes, in milliseconds; left out, long enough to be seen. */
  readonly collectMs?: number;
}

/**
 * A cluster of three recorded nodes, two of them sick. Their evidence is replayed; raise.sh and rollback.sh really run,
 * each on a scratch copy of the node's files, where this system allows that without privileges. Elsewhere a model of the
 * two stands in, which refuses what they refuse.
 */
export async function recordedNodes({
  workDir,
  say,
  isHopeless = false,
  runner: wanted,
  collectMs,
}: RecordedNodesOptions): Promise<DemoNodes> {
  const runner = wanted ?? ((await scratchNamespaceAvailable()) ? 'scripts' : 'model');
  const open = (name: string, instanceId: string, texts: RecordedTexts, need?: number) =>
    RecordedNode.open({
      instanceId,
      root: join(workDir, 'nodes', name),
      texts,
      runner,
      ...(collectMs === undefined ? {} : { collectMs }),
      ...(need === undefined ? {} : { need: need * (isHopeless ? HOPELESS : 1) }),
    });
  const sick = [
    await open('node-1', 'i-0a11ce00000000001', sickTexts('node-1'), NEEDS['node-1']),
    await open('node-2', 'i-0a11ce00000000002', sickTexts('node-2'), NEEDS['node-2']),
  ];
  const healthy = await open('node-3', 'i-0a11ce00000000003', healthyTexts('node-3/healthy'));
  if (runner === 'model')
    say('This system allows no private namespaces: a model stands in for raise.sh and rollback.sh.');
  return {
    label: `three recorded nodes: their evidence is replayed, ${runner === 'scripts' ? 'raise.sh and rollback.sh run on scratch copies' : 'and a model stands in for raise.sh and rollback.sh'}`,
    nodes: [...sick, healthy],
    alarm: {
      name: 'checkout-latency-p99',
      reason:
        'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).',
    },
    before: async () =>
      sick.map(
        ({ instanceId, values, need, drops }) =>
          `${instanceId} (replayed): ${show(values.max)} of ${counted(values.max, 'entry')} for a load that needs ${show(need ?? 0)}, ${counted(drops, 'packet')} dropped in 10 s`,
      ),
    evidenceOfHealing: async () => evidenceOf(sick.map(judge)),
    evidenceAround: async (instanceId) =>
      evidenceOf(sick.map((node) => (node.instanceId === instanceId ? judgeUntouched(node) : judge(node)))),
    evidenceOfCanary: async () => {
      const { healed: isContained, lines } = evidenceOf(judgeCanary(sick));
      return { isContained, lines };
    },
    stopLoad: async () => {
      for (const node of sick) node.endLoad();
      return ['the recorded load has ended (replayed)'];
    },
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

function judge(node: RecordedNode): Check {
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

function sickTexts(node: string): RecordedTexts {
  return {
    sick: text(`${node}/sick`),
    raisedTooLittle: text(`${node}/raised-too-little`),
    raised: text(`${node}/raised`),
    rolledBack: text(`${node}/rolled-back`),
  };
}

function healthyTexts(name: string): RecordedTexts {
  const healthy = text(name);
  return { sick: healthy, raisedTooLittle: healthy, raised: healthy, rolledBack: healthy };
}

function text(name: string): string {
  const file = join(CAPTURES, `${name}.txt`);
  if (!existsSync(file)) throw new Error(`The recorded capture ${name} is missing; npm run record makes it.`);
  return readFileSync(file, 'utf8');
}
