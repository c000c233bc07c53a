import { fullestPool, portUseEvidence } from '../../src/core/diagnosis/port-use.ts';
import { defineSignature, evidence, perWindow, showBounds } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted, show } from '../../src/core/words.ts';
import { singleReading } from './single-reading.ts';

/**
 * All translated source ports towards one destination are taken, so new connections to it die when they are confirmed
 * (net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple). Its counters equal those of the insert race; only the
 * number of entries to that destination, held against the ports, tells them apart.
 */
export default defineSignature({
  id: 'snat-ports-exhausted',
  title: 'Translated source ports to one destination used up',
  order: { stage: 'one-destination', position: 20 },
  traceCause: 'insert-failed',
  singleReading,
  evaluate(snapshot) {
    const { conntrack, entries } = snapshot;
    const losses = valueOf(conntrack.losses);
    if (losses === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const { low, high } = losses.clash;
    const value = showBounds(losses.clash);
    const pool = fullestPool(snapshot);
    const because = [
      evidence('clash drops', value, perWindow('packets', snapshot), 0, 'insert_failed less chaintoolong'),
      ...(pool === undefined ? [] : [portUseEvidence(pool)]),
    ];
    if (pool?.isUsedUp === true) {
      const isLosing = high > 0n;
      const where = `${pool.group.protocol} port ${pool.group.remotePort ?? '–'} of one destination`;
      const ports = `about ${show(pool.used)} of ${counted(pool.available, 'translated port')} to ${where} are taken`;
      return {
        state: 'match',
        impact: isLosing ? 'drops' : 'pressure',
        confidence: low > 0n && pool.isSure && snapshot.origin !== 'paste' ? 'high' : 'medium',
        evidence: because,
        lost: { packets: high, by: 'node' },
        headline: isLosing
          ? `Source ports used up: ${ports}, and ${counted(value, 'packet')} of new connections to it were dropped.`
          : `Source ports nearly used up: ${ports}; nothing is lost yet.`,
        raise: {
          allowed: false,
          why: 'The ports to one destination are used up, not the table. A larger table has no more ports.',
        },
      };
    }
    if (high > 0n && !entries.known)
      return {
        state: 'undetermined',
        missing: ['entries to the busiest destination, which tell used-up ports from a race'],
        evidence: because,
      };
    if (high > 0n && pool !== undefined && !pool.isSure)
      return {
        state: 'undetermined',
        missing: ['the ranges of ports that the rules leave to translated sources'],
        evidence: because,
      };
    return { state: 'no-match', evidence: because };
  },
});
