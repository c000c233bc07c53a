import type { EntryFacts, TranslatedGroup } from '../parse/entries/facts.ts';
import type { SourceRanges } from '../parse/nat-rules.ts';
import type { Evidence } from '../record/diagnosis.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { isTableCalm } from '../snapshot/table-state.ts';
import { percent, show } from '../words.ts';
import { evidence } from './signature.ts';

/** Ports a translated source may get where no rule narrows them: 1024 to 65535 (net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple). */
const ALL_PORTS = 64_512;

/**
 * Occupancy from which ports count as used up. The kernel tries at most 248 ports in a wide range, so connects begin to
 * fail near 98 % (0.98²⁴⁸ = 0.7 %); a little below it the next burst gets there.
 */
const USED_UP = 0.95;

/** Lowest estimate that is believed when only the error bound of a small sample reaches {@link USED_UP}. */
const LEAST_ESTIMATE = 0.8;

/** The pool of translated ports that is fullest: one translated address towards one destination address and port. */
export interface PortUse {
  readonly group: TranslatedGroup;
  /** Estimated ports in use. */
  readonly used: number;
  /** Estimated error of that number. */
  readonly error: number;
  /** Ports that there are, by the narrowest range that these connections fit into. */
  readonly available: number;
  readonly isUsedUp: boolean;
  /**
   * Whether all that decides was read: the ranges of the rules, only one of which can be that of the pool, and every pool
   * that may be a full one.
   */
  readonly isSure: boolean;
}

/** Finds the fullest pool; `undefined` when no source is translated or the entries are not known. */
export function fullestPool(snapshot: Snapshot): PortUse | undefined {
  const entries = valueOf(snapshot.entries);
  if (entries === undefined) return undefined;
  const ranges = valueOf(snapshot.sourceRanges);
  const pools = entries.translated.map((group) => poolOf(group, entries, ranges));
  const fullest = pools.toSorted((a, b) => b.used / b.available - a.used / a.available)[0];
  if (fullest === undefined || fullest.isUsedUp || ranges === undefined) return fullest;
  // Pools beyond the list hold no more connections than the last one on it, and may have a narrower range.
  const unlisted = pools.length < LISTED ? 0 : Math.min(...pools.map(({ used }) => used), entries.total);
  const narrowest = Math.min(...sizesOf(ranges, undefined));
  return { ...fullest, isSure: fullest.isSure && unlisted < LEAST_ESTIMATE * narrowest };
}

/** Groups of translated connections that a list holds at the least where there are more (nodes/collect/entries.sh). */
const LISTED = 5;

function poolOf(group: TranslatedGroup, entries: EntryFacts, ranges: SourceRanges | undefined): PortUse {
  const used = Math.round(group.share * entries.total);
  const error = Math.round(entries.groupError * entries.total);
  const sizes = ranges === undefined ? [ALL_PORTS] : sizesOf(ranges, group.protocol);
  // More connections than a range has ports have another one.
  const fitting = sizes.filter((size) => used - error <= size);
  const available = Math.min(...(fitting.length === 0 ? sizes : fitting));
  const isUsedUp = used + error >= USED_UP * available && used >= LEAST_ESTIMATE * available;
  return { group, used, error, available, isUsedUp, isSure: ranges !== undefined && sizes.length === 1 };
}

/** The different numbers of ports that a pool of the protocol may have; of any protocol without one. */
function sizesOf({ ranges, hasOpenRule }: SourceRanges, wanted: string | undefined): readonly number[] {
  const sizes = ranges
    .filter(({ protocol }) => wanted === undefined || protocol === undefined || protocol === wanted)
    .map(({ first, last }) => last - first + 1);
  return [...new Set(sizes.length === 0 || hasOpenRule ? [...sizes, ALL_PORTS] : sizes)];
}

/** The pool's fill level as evidence; addresses are left out, ports are told. */
export function portUseEvidence(use: PortUse): Evidence {
  const { group, used, error, available } = use;
  const bound = error === 0 ? '' : ` ± ${show(error)}`;
  return evidence(
    `translated ports to the busiest destination (${group.protocol} port ${group.remotePort ?? '–'})`,
    `${show(used)}${bound} of ${show(available)} (${percent(used / available)})`,
    'ports',
    percent(USED_UP),
    'entries of the table',
  );
}

/** Why a clash needs no larger table; that the table has room is said only where that was read. */
export function noRaiseForClash(snapshot: Snapshot, clashing: 'ports' | 'lookups'): string {
  return isTableCalm(snapshot)
    ? `The table has room; the ${clashing} clash. A larger table changes nothing.`
    : `The ${clashing} clash. A larger table changes nothing.`;
}
