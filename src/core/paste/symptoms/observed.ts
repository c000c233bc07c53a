import { type Observation, observationLine } from '../../parse/observations.ts';
import { show } from '../../words.ts';
import type { Found } from '../found.ts';

/** A piece that shows something and is no counter of a node. */
export function observed(name: string, lines: number, kind: Observation['kind'], says: string): Found {
  return { source: 'observations', name, lines, text: observationLine({ kind, says }), keys: [] };
}

/** Counts by name, the largest first: `12 SYN_SENT, 3 ESTABLISHED`. */
export function tally(counts: ReadonlyMap<string, number>, most = 5): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, times]) => `${show(times)} ${name}`)
    .join(', ');
}

/** Adds to a count by name. */
export function count(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
