import { effectOf, freshLines } from '../../src/core/diagnosis/log-lines.ts';
import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { LogMessage, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { counted } from '../../src/core/words.ts';
import remediation from './remediation.ts';
import { singleReading } from './single-reading.ts';

/**
 * The neighbour (ARP) table reached gc_thresh3, so packets to addresses that are not in it are dropped
 * (net/core/neighbour.c, neigh_alloc: `table_fulls` and the log line come from the same refusal). One table for all
 * network namespaces.
 */
export default defineSignature({
  id: 'neighbour-overflow',
  title: 'Neighbour table overflow: addresses can not be resolved',
  order: { stage: 'host', position: 10 },
  usualSuspect: 70,
  remediation,
  singleReading,
  evaluate(snapshot) {
    const lines = freshLines(snapshot, 'neighbour-table-overflow');
    const fulls = valueOf(snapshot.neighbours)?.tableFulls;
    const because = evidenceOf(snapshot, fulls, lines?.length);
    const isLogged = lines !== undefined && lines.length > 0;
    if ((fulls !== undefined && fulls > 0n) || isLogged) {
      return {
        state: 'match',
        impact: 'drops',
        confidence:
          fulls !== undefined && fulls > 0n ? 'high' : snapshot.windowSeconds.known ? 'medium' : 'low',
        evidence: because,
        headline: headlineOf(fulls, lines ?? []),
        raise: {
          allowed: false,
          why: 'Packets die because their next hop can not be resolved; the connection-tracking table is another one.',
        },
      };
    }
    if (fulls === undefined)
      return {
        state: 'undetermined',
        missing: ['/proc/net/stat/arp_cache of two samples'],
        evidence: because,
      };
    return { state: 'no-match', evidence: because };
  },
});

function evidenceOf(snapshot: Snapshot, fulls: bigint | undefined, lines: number | undefined): Evidence[] {
  const facts: Evidence[] = [];
  if (fulls !== undefined) {
    facts.push(
      evidence(
        'neighbour table overflows',
        fulls,
        perWindow('allocations', snapshot),
        0,
        '/proc/net/stat/arp_cache',
      ),
    );
  }
  if (lines !== undefined)
    facts.push(evidence('"neighbor table overflow" lines', lines, 'kernel messages', 0, 'dmesg'));
  const table = valueOf(snapshot.neighbourTable);
  if (table !== undefined) {
    facts.push(
      evidence('neighbour entries', table.entries, 'entries in all namespaces', table.limit, 'gc_thresh3'),
    );
  }
  return facts;
}

function headlineOf(fulls: bigint | undefined, lines: readonly LogMessage[]): string {
  const now = 'so packets to addresses that are not in it are dropped';
  if (fulls !== undefined && fulls > 0n)
    return `Neighbour table overflow: ${counted(fulls, 'allocation')} refused in the window, ${now}.`;
  const times = counted(lines.length, 'time');
  const past = 'so packets to addresses that were not in it were dropped';
  return `Neighbour table overflow: the kernel logged it ${times}, ${effectOf(lines, now, past)}`;
}
