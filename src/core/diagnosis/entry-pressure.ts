import type { EntryFacts } from '../parse/entries/facts.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { CALM_USE } from '../snapshot/table-state.ts';
import { percent } from '../words.ts';
import { missingUse } from './missing-use.ts';
import { evidence, type SignatureResult, TABLE_USE } from './signature.ts';

/** Time in seconds in which a person can react; a table that grows to its limit sooner is under pressure for a flood. Our choice, half an hour. */
const REACTION_SECONDS = 1_800;

/**
 * What fills the table only matters where the table is under pressure: 80 % in use, or the kernel already evicts.
 *
 * @param options.orFilling a table that will be full within half an hour counts too, whatever its use: a flood shows in its
 *   growth long before its level
 * @returns the entries to judge, or a finished result where there is no pressure or the entries were not read
 */
export function entriesUnderPressure(
  snapshot: Snapshot,
  options: { readonly orFilling?: boolean } = {},
): { readonly facts: EntryFacts; readonly isPaste: boolean } | SignatureResult {
  const use = valueOf(snapshot.conntrack.use);
  const earlyDrop = valueOf(snapshot.conntrack.losses)?.earlyDrop ?? 0n;
  const seen =
    use === undefined
      ? []
      : [
          evidence(
            TABLE_USE,
            percent(use.ratio),
            'of nf_conntrack_max',
            percent(CALM_USE),
            'nf_conntrack_count',
          ),
        ];
  if (use === undefined) {
    return snapshot.conntrack.use.known || snapshot.conntrack.use.kind === 'not-applicable'
      ? { state: 'no-match', evidence: seen }
      : { state: 'undetermined', missing: [missingUse(snapshot.conntrack)], evidence: seen };
  }
  const isFilling = options.orFilling === true && (use.secondsToFull ?? Infinity) < REACTION_SECONDS;
  if (use.ratio < CALM_USE && earlyDrop === 0n && !isFilling) return { state: 'no-match', evidence: seen };
  if (!snapshot.entries.known)
    return { state: 'undetermined', missing: [snapshot.entries.why], evidence: seen };
  return { facts: snapshot.entries.value, isPaste: snapshot.origin === 'paste' };
}
