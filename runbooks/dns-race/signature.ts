import { fullestPool, noRaiseForClash } from '../../src/core/diagnosis/port-use.ts';
import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import { type EntryFacts, shareOf } from '../../src/core/parse/entries/facts.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Losses, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { CALM_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, percent, show } from '../../src/core/words.ts';

/** Share of UDP entries from which a clash is taken to be one of UDP: the greater half. */
const UDP_MAJORITY = 0.5;

/**
 * UDP lookups raced for one tuple and the loser was dropped at confirm (nf_conntrack_core.c, nf_ct_resolve_clash). UDP is
 * not sent again by the kernel, so the client waits for its resolver's timeout. Two queries of one socket (A and AAAA)
 * are repaired on kernels from 5.10 on and counted as clash_resolve, which is harmless; what is lost there are lookups
 * of different clients that were given the same translated port.
 */
export default defineSignature({
  id: 'dns-race',
  title: 'DNS lookups lost in an insert race',
  order: { stage: 'one-destination', position: 30 },
  evaluate(snapshot) {
    const { conntrack, entries } = snapshot;
    const [losses, deltas] = [valueOf(conntrack.losses), valueOf(conntrack.deltas)];
    if (losses === undefined || deltas === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const facts = valueOf(entries);
    const because = evidenceOf(losses, deltas.get('clash_resolve'), facts, snapshot);
    const { low, high } = losses.clash;
    const isExplainedByTable = losses.full.low > 0n && low === 0n;
    const use = valueOf(conntrack.use);
    if (high === 0n || isExplainedByTable || fullestPool(snapshot)?.isUsedUp === true)
      return { state: 'no-match', evidence: because };
    // Where a clash can't be told from a full table (kernels before 5.10), a full table explains the drops better.
    if (low === 0n && losses.full.high > 0n && (use?.ratio ?? 1) >= CALM_USE)
      return {
        state: 'undetermined',
        missing: ['what part of drop is clashes: this kernel counts them together'],
        evidence: because,
      };
    const why = noRaiseForClash(snapshot, 'lookups');
    const resolved = deltas.get('clash_resolve') ?? 0n;
    // Only protocols whose clashes may be repaired count any, and TCP is none (nf_conntrack_proto_udp.c, allow_clash).
    if (facts === undefined && low > 0n && resolved >= low) {
      return {
        state: 'match',
        impact: 'drops',
        confidence: 'low',
        evidence: because,
        lost: { packets: high, by: 'node' },
        headline: `UDP insert race: ${counted(low, 'packet')} dropped while ${counted(resolved, 'clash')} of UDP flows were repaired, so by the counters they are DNS lookups; the entries were not seen.`,
        raise: { allowed: false, why },
      };
    }
    if (facts === undefined) {
      return {
        state: 'undetermined',
        missing: ['shares of the entries by protocol, which tell lost lookups from lost connections'],
        evidence: because,
      };
    }
    const udp = udpShare(facts);
    if (udp - facts.stateError <= UDP_MAJORITY) return { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'drops',
      confidence: low > 0n ? 'medium' : 'low',
      evidence: because,
      lost: { packets: high, by: 'node' },
      headline: `UDP insert race: ${counted(low === high ? show(low) : `up to ${show(high)}`, 'packet')}, DNS lookups by the look of the table (${percent(udp)} UDP), were dropped; each costs its client a resolver timeout.`,
      raise: { allowed: false, why },
    };
  },
});

function udpShare(facts: EntryFacts): number {
  return shareOf(facts, ({ protocol }) => protocol === 'udp');
}

function evidenceOf(
  { clash }: Losses,
  resolved: bigint | undefined,
  facts: EntryFacts | undefined,
  snapshot: Snapshot,
): Evidence[] {
  const value = clash.low === clash.high ? show(clash.low) : `${show(clash.low)} to ${show(clash.high)}`;
  const found = [
    evidence('clash drops', value, perWindow('packets', snapshot), 0, 'insert_failed less chaintoolong'),
  ];
  if (resolved !== undefined)
    found.push(
      evidence('repaired clashes (harmless)', resolved, perWindow('packets', snapshot), '–', 'clash_resolve'),
    );
  if (facts !== undefined) {
    found.push(
      evidence(
        'UDP share',
        percent(udpShare(facts)),
        'of entries',
        percent(UDP_MAJORITY),
        'entries of the table',
      ),
    );
    const port = facts.destinations[0]?.port;
    if (port !== undefined)
      found.push(evidence('busiest destination port', String(port), '', '–', 'entries of the table'));
  }
  return found;
}
