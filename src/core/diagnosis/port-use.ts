import type { EntryFacts, TranslatedGroup } from '../parse/entries/facts.ts';
import type { Evidence } from '../record/diagnosis.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
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
  readonly available: number;
  readonly isUsedUp: boolean;
}

/** Finds the fullest pool; `undefined` when no source is translated or the entries are not known. */
export function fullestPool(snapshot: Snapshot): PortUse | undefined {
  const entries = valueOf(snapshot.entries);
  if (entries === undefined) return undefined;
  return entries.translated
    .map((group) => poolOf(group, entries, snapshot))
    .sort((a, b) => b.used / b.available - a.used / a.available)[0];
}

function poolOf(group: TranslatedGroup, entries: EntryFacts, snapshot: Snapshot): PortUse {
  const ranges = (valueOf(snapshot.nat)?.rules.portRanges ?? []).filter(
    ({ protocol }) => protocol === undefined || protocol === group.protocol,
  );
  const available =
    ranges.length === 0 ? ALL_PORTS : Math.max(...ranges.map(({ first, last }) => last - first + 1));
  const used = Math.round(group.share * entries.total);
  const error = Math.round(entries.groupError * entries.total);
  const isUsedUp = used + error >= USED_UP * available && used >= LEAST_ESTIMATE * available;
  return { group, used, error, available, isUsedUp };
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
