import { type SingleReadingRule, type SingleReadingRules } from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  NO_RAISE_ON_ONE,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { CALM_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, show } from '../../src/core/words.ts';

const nearFull: SingleReadingRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  if (losses === undefined || losses.earlyDrop < LEAST_LOSSES || losses.full.low >= LEAST_LOSSES)
    return undefined;
  const now =
    use !== undefined && use.ratio < CALM_USE
      ? `it is calm now, ${show(use.last)} of ${counted(use.max, 'entry')}`
      : ONE_SAMPLE;
  return {
    ...matchOfReading(
      `Connection-tracking table was at its limit: ${counted(losses.earlyDrop, 'entry')} evicted since boot to make room; ${now}.`,
      [countSinceBoot('early drops', losses.earlyDrop, 'entries', 'early_drop')],
      NO_RAISE_ON_ONE,
    ),
    impact: 'pressure',
  };
};

/** Entries that were evicted since boot, while none was refused. */
export const singleReading: SingleReadingRules = { sinceBoot: nearFull };
