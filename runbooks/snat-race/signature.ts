import { fullestPool, noRaiseForClash, portUseEvidence } from '../../src/core/diagnosis/port-use.ts';
import { defineSignature, evidence, perWindow, showBounds } from '../../src/core/diagnosis/signature.ts';
import { mayBeStrict } from '../../src/core/snapshot/data-path.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { CALM_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, show } from '../../src/core/words.ts';
import { singleReading } from './single-reading.ts';

/**
 * Two new flows picked the same translated port at once and the loser was dropped when it was confirmed
 * (nf_conntrack_core.c, nf_ct_resolve_clash). Counters look the same when the ports to one destination are used up.
 */
export default defineSignature({
  id: 'snat-race',
  title: 'Insert race: two connections picked the same translated port',
  order: { stage: 'one-destination', position: 40 },
  usualSuspect: 30,
  singleReading,
  evaluate(snapshot) {
    const { conntrack } = snapshot;
    const [losses, deltas] = [valueOf(conntrack.losses), valueOf(conntrack.deltas)];
    if (losses === undefined || deltas === undefined) {
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    }
    const use = valueOf(conntrack.use);
    const { low, high } = losses.clash;
    const value = showBounds(losses.clash);
    const pool = fullestPool(snapshot);
    const because = [
      evidence('clash drops', value, perWindow('packets', snapshot), 0, 'insert_failed less chaintoolong'),
      evidence(
        'found',
        deltas.get('found') ?? 'not printed',
        perWindow('port tries', snapshot),
        '–',
        'conntrack counters',
      ),
      ...(pool === undefined ? [] : [portUseEvidence(pool)]),
    ];
    if (high === 0n || pool?.isUsedUp === true) return { state: 'no-match', evidence: because };
    // Where a clash can't be told from a full table (kernels before 5.10), a full table explains the drops better.
    if (low === 0n && losses.full.high > 0n && (use?.ratio ?? 1) >= CALM_USE) {
      return {
        state: 'undetermined',
        missing: ['what part of drop is clashes: this kernel counts them together'],
        evidence: because,
      };
    }
    const branches = valueOf(snapshot.branches);
    if (branches !== undefined && mayBeStrict(branches)) {
      return {
        state: 'undetermined',
        missing: [
          'whether translations clash with each other or with what the node sends to pods on branch interfaces',
        ],
        evidence: because,
      };
    }
    const doubt =
      pool === undefined
        ? 'the counters look alike when the ports to one destination are used up'
        : pool.isSure
          ? `of the ports to the busiest destination ${show(pool.used)} of ${show(pool.available)} are taken, so they are not used up`
          : `unless a rule leaves fewer, ${show(pool.used)} of ${counted(pool.available, 'port')} to the busiest destination are taken; the ranges were not all read`;
    return {
      state: 'match',
      impact: 'drops',
      confidence: low === 0n ? 'low' : pool?.isSure === true ? 'high' : 'medium',
      evidence: because,
      lost: { packets: high, by: 'node' },
      headline: `Insert race: ${counted(value, 'packet')} dropped because two connections claimed the same translated port at once; ${doubt}.`,
      raise: { allowed: false, why: noRaiseForClash(snapshot, 'ports') },
    };
  },
});
