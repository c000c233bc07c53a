import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted } from '../../src/core/words.ts';
import { hashEntries } from './entries.ts';
import remediation from './remediation.ts';
import { singleReading } from './single-reading.ts';

/**
 * A bucket's chain was longer than the kernel allows, so the insert was refused and the packet dropped
 * (5.15 and later; nf_conntrack_core.c, __nf_conntrack_confirm: MIN_CHAINLEN, MAX_CHAINLEN).
 */
export default defineSignature({
  id: 'hash-chains-long',
  title: 'Hash chains too long: too few buckets',
  order: { stage: 'new-entries', position: 50 },
  usualSuspect: 40,
  remediation,
  singleReading,
  evaluate(snapshot) {
    const { conntrack } = snapshot;
    const [losses, use, buckets] = [
      valueOf(conntrack.losses),
      valueOf(conntrack.use),
      valueOf(conntrack.buckets),
    ];
    if (losses === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const chains = evidence(
      'chaintoolong',
      losses.chainTooLong,
      perWindow('packets', snapshot),
      0,
      'conntrack counters',
    );
    const { entries, noun, nouns, source } = hashEntries(snapshot);
    const load =
      buckets === undefined || use === undefined
        ? []
        : [
            evidence(
              'entries per bucket',
              entries / buckets,
              'entries',
              8,
              `${source} ÷ nf_conntrack_buckets`,
            ),
          ];
    if (losses.chainTooLong === 0n) return { state: 'no-match', evidence: [chains, ...load] };
    const detail =
      buckets === undefined ? '' : ` (${counted(entries, noun, nouns)} in ${counted(buckets, 'bucket')})`;
    return {
      state: 'match',
      impact: 'drops',
      confidence: 'high',
      evidence: [chains, ...load],
      lost: { packets: losses.chainTooLong, by: 'node' },
      headline: `Hash chains too long${detail}: ${counted(losses.chainTooLong, 'packet')} of new connections dropped, although the table has room.`,
      raise: {
        allowed: false,
        why: 'A higher nf_conntrack_max allows longer chains still: raise nf_conntrack_buckets instead.',
      },
    };
  },
});
