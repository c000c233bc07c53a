import type { Figures, NodeCollection } from '../record/collection.ts';
import { diagnosedIn } from './readings.ts';

/** What one collection showed of one node's table and counters; what was not read is absent. */
export interface Reading {
  readonly collection: number;
  /** When it was collected, ISO 8601. */
  readonly at: string;
  /** Most entries that either of its samples saw, which is what the verdict speaks of. */
  readonly entries?: number;
  readonly max?: number;
  readonly buckets?: number;
  readonly windowSeconds?: number;
  /** Packets, or allocations, that each counter rose by in the window. */
  readonly counters: Readonly<Partial<Record<CounterId, number>>>;
}

/** One node over the life of the incident. */
export interface NodeSeries {
  readonly instanceId: string;
  /** Oldest first. */
  readonly readings: readonly Reading[];
}

/** Counters of which the record keeps what they rose by. */
export const COUNTERS = {
  fullDrops: 'packets dropped because the table was full',
  earlyDrops: 'entries evicted to make room (early_drop)',
  chainTooLong: 'packets refused for a chain that was too long',
  neighbourFulls: 'neighbour entries refused',
} as const satisfies Partial<Record<keyof Figures, string>>;

/** Name of one of the counters. */
export type CounterId = keyof typeof COUNTERS;
const COUNTER_IDS = Object.keys(COUNTERS) as readonly CounterId[];

/** Every node that could be read at least once, in the given order. */
export function seriesOf(
  collections: readonly NodeCollection[],
  order: readonly string[],
): readonly NodeSeries[] {
  const byNode = new Map<string, Reading[]>(order.map((id) => [id, []]));
  for (const one of collections) {
    const seen = diagnosedIn(one);
    if (seen === undefined) continue;
    const known = byNode.get(one.instanceId) ?? [];
    byNode.set(one.instanceId, [...known, readingOf(one, seen.figures)]);
  }
  return [...byNode].flatMap(([instanceId, readings]) =>
    readings.length === 0 ? [] : [{ instanceId, readings: readings.toSorted(byTime) }],
  );
}

const byTime = (a: Reading, b: Reading): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);

function readingOf({ collection, collectedAt: at }: NodeCollection, figures: Figures): Reading {
  const { highest, count, max, buckets, windowSeconds } = figures;
  const entries = highest ?? count;
  const counters = Object.fromEntries(
    COUNTER_IDS.flatMap((id) => (figures[id] === undefined ? [] : [[id, figures[id]]])),
  );
  return {
    collection,
    at,
    ...(entries === undefined ? {} : { entries }),
    ...(max === undefined ? {} : { max }),
    ...(buckets === undefined ? {} : { buckets }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    counters,
  };
}

/** How full a table was, 1 at its limit; nothing where either number was not read or there is no limit. */
export const useOf = ({ entries, max }: Reading): number | undefined =>
  entries === undefined || max === undefined || max === 0 ? undefined : entries / max;

/** What a counter rose by each second; nothing where it, or how long it was watched, was not read. */
export function rateOf({ counters, windowSeconds }: Reading, id: CounterId): number | undefined {
  const rise = counters[id];
  return rise === undefined || windowSeconds === undefined || windowSeconds <= 0
    ? undefined
    : rise / windowSeconds;
}

/** The counters that were read and rose on some node in some reading; all others stood still or are not known. */
export function risenCounters(series: readonly NodeSeries[]): readonly CounterId[] {
  return COUNTER_IDS.filter((id) =>
    series.some(({ readings }) => readings.some(({ counters }) => (counters[id] ?? 0) > 0)),
  );
}
