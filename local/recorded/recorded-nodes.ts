import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoNodes, DemoNodesOptions, HealingEvidence } from '../demo-nodes.ts';
import { RecordedNode, type RecordedTexts } from './recorded-node.ts';
import { scratchNamespaceAvailable } from './scratch-namespace.ts';
import { PERSISTENCE_FILE } from './scratch-values.ts';

const CAPTURES = join(import.meta.dirname, 'captures');

/** Entries that the recorded loads need: connections a second × mean seconds that one is tracked. */
const NEEDS = { 'node-1': 900 * 120, 'node-2': 600 * 132 } as const;

/** So many times the recorded need fits into no raise that one click makes. */
const HOPELESS = 40;

/**
 * A cluster of three recorded nodes, two of them sick. Their evidence is replayed; raise.sh and rollback.sh really run,
 * each on a scratch copy of the node's files, where this system allows that without privileges.
 */
export async function recordedNodes({
  workDir,
  say,
  isHopeless = false,
}: DemoNodesOptions): Promise<DemoNodes> {
  const root = (name: string) => join(workDir, 'nodes', name);
  const needOf = (name: keyof typeof NEEDS) => NEEDS[name] * (isHopeless ? HOPELESS : 1);
  const sick = [
    await RecordedNode.open('i-0a11ce00000000001', root('node-1'), sickTexts('node-1'), needOf('node-1')),
    await RecordedNode.open('i-0a11ce00000000002', root('node-2'), sickTexts('node-2'), needOf('node-2')),
  ];
  const healthy = await RecordedNode.open(
    'i-0a11ce00000000003',
    root('node-3'),
    healthyTexts('node-3/healthy'),
  );
  const isReal = await scratchNamespaceAvailable();
  if (!isReal)
    say('This system allows no private namespaces: the results of raise and rollback are replayed as well.');
  return {
    label: `three recorded nodes: their evidence is replayed, ${isReal ? 'raise.sh and rollback.sh run on scratch copies' : 'and so are the results of the scripts'}`,
    nodes: [...sick, healthy],
    alarm: {
      name: 'checkout-latency-p99',
      reason:
        'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).',
    },
    before: async () =>
      sick.map(
        ({ instanceId, values, need, drops }) =>
          `${instanceId} (replayed): ${values.max} of ${values.max} entries for a load that needs ${need}, ${drops} packets dropped in 10 s`,
      ),
    evidenceOfHealing: async () => evidenceOf(sick.map((node) => judge(node, isReal))),
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

function judge(node: RecordedNode, isReal: boolean): Check {
  const { values, original, need, instanceId } = node;
  const isKept = !isReal || values.keptMax === values.max;
  const room = `nf_conntrack_max ${original.max} → ${values.max} for a load of ${need} entries`;
  const kept = isReal ? `, ${isKept ? 'kept' : 'not kept'} in /${PERSISTENCE_FILE}` : '';
  return [node.isRaisedEnough && isKept, `${instanceId} (replayed): ${room}${kept}`];
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
    const room = `nf_conntrack_max ${original.max} → ${values.max}, full again at a load of ${node.need} entries`;
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
    raiseResult: text(`${node}/raise-result`),
    rollbackResult: text(`${node}/rollback-result`),
  };
}

function healthyTexts(name: string): RecordedTexts {
  const healthy = text(name);
  return {
    sick: healthy,
    raisedTooLittle: healthy,
    raised: healthy,
    rolledBack: healthy,
    raiseResult: undefined,
    rollbackResult: undefined,
  };
}

function text(name: string): string {
  const file = join(CAPTURES, `${name}.txt`);
  if (!existsSync(file)) throw new Error(`The recorded capture ${name} is missing; npm run record makes it.`);
  return readFileSync(file, 'utf8');
}
