import { FULL_TABLE_DROPS, TABLE_USE } from '../diagnosis/signature.ts';
import { type FactTwice, factsTwice } from '../diagnosis/told-again.ts';
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
  const proving = nodes.map(provingFacts);
  const named = new Map(proving.flat().map((one) => [one.fact, one.unit]));
  return nodes
    .map((readings, node) =>
      readings.flatMap((one, index) =>
        readingOf(one, index > 0).map((told) => {
          const facts = factsOf(one, { named, own: proving[node] ?? [], isLater: index > 0 });
          return facts.length === 0 ? told : { ...told, facts };
        }),
      ),
    )
    .filter((readings) => readings.length > 0)
    .toSorted((a, b) => lostBy(b) - lostBy(a))
    .slice(0, NODES_MOST)
    .flat();
}

/** What every table shows of each node anyway. */
const IN_EVERY_TABLE: ReadonlySet<string> = new Set([TABLE_USE, FULL_TABLE_DROPS]);

/** What proves a node's first verdict beside the table's use and drops; nothing where a larger table is the remedy. */
function provingFacts([first, newest = first]: readonly NodeCollection[]): readonly FactTwice[] {
  if (first?.outcome.kind !== 'diagnosed' || newest?.outcome.kind !== 'diagnosed') return [];
  if (first.outcome.diagnosis.offer.raise) return [];
  return factsTwice(first.outcome.diagnosis, newest.outcome.diagnosis).filter(
    ({ fact }) => !IN_EVERY_TABLE.has(fact),
  );
}

/** The named facts as a reading tells them: of its own verdict, or of whatever looked at them. */
function factsOf(
  { outcome }: NodeCollection,
  {
    named,
    own,
    isLater,
  }: {
    readonly named: ReadonlyMap<string, string>;
    readonly own: readonly FactTwice[];
    readonly isLater: boolean;
  },
): NonNullable<TableReading['facts']> {
  if (outcome.kind !== 'diagnosed') return [];
  const seen = outcome.diagnosis.findings.flatMap(({ because }) => because);
  return [...named].flatMap(([name, unit]) => {
    const proof = own.find(({ fact }) => fact === name);
    const other = seen.find(({ fact }) => fact === name);
    const value =
      proof === undefined
        ? other && (other.unit === unit ? other.value : `${other.value} ${other.unit}`)
        : isLater
          ? proof.later
          : proof.first;
    return value === undefined ? [] : [{ name, value }];
  });
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
