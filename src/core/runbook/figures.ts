import { factsTwice } from '../diagnosis/told-again.ts';
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
    .map((readings) => {
      const facts = factsOf(readings);
      return readings.flatMap((one, index) =>
        readingOf(one, index > 0).map((told) => {
          const own = facts[index] ?? [];
          return own.length === 0 ? told : { ...told, facts: own };
        }),
      );
    })
    .filter((readings) => readings.length > 0)
    .toSorted((a, b) => lostBy(b) - lostBy(a))
    .slice(0, NODES_MOST)
    .flat();
}

/** What proves the first verdict, in each of a node's readings; nothing where the table's use and drops are what proves it. */
function factsOf([first, newest = first]: readonly NodeCollection[]): readonly NonNullable<
  TableReading['facts']
>[] {
  if (first?.outcome.kind !== 'diagnosed' || newest?.outcome.kind !== 'diagnosed') return [];
  if (first.outcome.diagnosis.offer.raise) return [];
  const all = factsTwice(first.outcome.diagnosis, newest.outcome.diagnosis);
  return [
    all.map(({ fact, first: value }) => ({ name: fact, value })),
    all.flatMap(({ fact, later }) => (later === undefined ? [] : [{ name: fact, value: later }])),
  ];
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
