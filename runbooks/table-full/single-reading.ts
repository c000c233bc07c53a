import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  NO_RAISE_ON_ONE,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { CALM_USE, FULL_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, show } from '../../src/core/words.ts';

const tableFull: SingleReadingRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  const drops = losses?.full.low ?? 0n;
  const isAtLimit = use !== undefined && use.ratio >= FULL_USE;
  if (use !== undefined && use.max > 0 && use.last >= use.max) {
    return matchOfReading(
      `Connection-tracking table at its limit: ${show(use.last)} of ${counted(use.max, 'entry')}, so a new connection gets in only if another entry is evicted for it.`,
      [
        evidence(
          TABLE_USE,
          `${show(use.last)} of ${show(use.max)}`,
          'entries',
          '100 %',
          'nf_conntrack_count',
        ),
      ],
      'No raise without two samples: take them first.',
      drops > 0n ? 'medium' : 'low',
    );
  }
  if (isAtLimit ? drops === 0n : drops < LEAST_LOSSES) return undefined;
  // A calm table was full some time ago; that is history, and told as such among the gaps.
  if (use !== undefined && use.ratio < CALM_USE) return undefined;
  return matchOfReading(
    `Connection-tracking table was full: ${counted(drops, 'packet')} of new connections dropped since boot; ${ONE_SAMPLE}.`,
    [countSinceBoot('full-table drops', drops, 'packets', 'drop less insert_failed')],
    NO_RAISE_ON_ONE,
    isAtLimit ? 'medium' : 'low',
  );
};

/** A table at its limit when it was read, or packets that a full one dropped since boot. */
export const singleReading: SingleReadingRules = { sinceBoot: tableFull };
