import type { TableReading } from '../notifier.ts';
import { byNode } from '../record/by-node.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Incident } from '../record/incident.ts';

/** Nodes that a message has room for beside a runbook: two rows each, and two charts. */
const NODES_MOST = 8;

/**
 * The first and the newest reading of each node in numbers that can be compared, the node that lost most first. Empty where no
 * node's table was read.
 */
export function figuresOf({ collections, earlier }: Incident): readonly TableReading[] {
  const firsts = byNode([...earlier, ...collections].toSorted((a, b) => a.collection - b.collection));
  const nodes = collections.map((newest) => {
    const first = firsts.get(newest.instanceId);
    return first === undefined || first.collection === newest.collection ? [newest] : [first, newest];
  });
  return nodes
    .map((readings) => readings.flatMap((one, index) => readingOf(one, index > 0)))
    .filter((readings) => readings.length > 0)
    .toSorted((a, b) => lostBy(b) - lostBy(a))
    .slice(0, NODES_MOST)
    .flat();
}

function readingOf({ instanceId, collectedAt, outcome }: NodeCollection, isLater: boolean): TableReading[] {
  if (outcome.kind === 'failed') return [];
  const { count, highest, max, fullDrops, windowSeconds } = outcome.figures;
  const entries = highest ?? count;
  if (entries === undefined && fullDrops === undefined) return [];
  const isTimed = windowSeconds !== undefined && windowSeconds > 0;
  return [
    {
      instanceId,
      at: collectedAt,
      isLater,
      ...(entries === undefined ? {} : { entries }),
      ...(max === undefined ? {} : { limit: max }),
      ...(entries === undefined || max === undefined || max <= 0 ? {} : { use: entries / max }),
      ...(fullDrops === undefined || !isTimed ? {} : { dropsPerSecond: fullDrops / windowSeconds }),
    },
  ];
}

const lostBy = (readings: readonly TableReading[]): number =>
  Math.max(...readings.map(({ dropsPerSecond = 0, use = 0 }) => dropsPerSecond * 1000 + use));
