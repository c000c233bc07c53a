import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';

/**
 * From how many times the node's own count on the slab speaks of other tables too: below that it may be what its per-CPU caches
 * hold and what is freed late. Our choice.
 */
const OTHERS_FROM = 1.25;

/** Entries that load the hash chains. */
export interface HashEntries {
  readonly entries: number;
  /** `entry`, or `entry of all network namespaces` where others than the node's own load them. */
  readonly noun: string;
  readonly nouns: string;
  readonly source: string;
}

/**
 * Every network namespace shares one hash table, so the slab's entries of all of them load its chains; where they are no more
 * than the node's own, it is the node's own count, as everywhere else.
 */
export function hashEntries({ conntrack, slab }: Snapshot): HashEntries {
  const own = valueOf(conntrack.use)?.highest ?? 0;
  const all = valueOf(slab)?.activeObjects ?? 0;
  if (all < own * OTHERS_FROM)
    return { entries: own, noun: 'entry', nouns: 'entries', source: 'nf_conntrack_count' };
  const of = 'of all network namespaces';
  return { entries: all, noun: `entry ${of}`, nouns: `entries ${of}`, source: 'slab nf_conntrack' };
}
