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
import { CALM_USE, NEARLY_FULL_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, percent, show } from '../../src/core/words.ts';

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

/** Monitoring told a share of the table and no count: enough to say that it is nearly full, and nothing about loss. */
const toldNearlyFull: SingleReadingRule = ({ snapshot }) => {
  const told = snapshot.observations.flatMap(({ tableUse }) => tableUse ?? []);
  const most = told.reduce((highest, one) => Math.max(highest, one), 0);
  if (most < NEARLY_FULL_USE) return undefined;
  const use = valueOf(snapshot.conntrack.use);
  const now =
    use === undefined
      ? 'the count itself, and whether packets are lost, it does not tell'
      : `it held ${show(use.last)} of ${counted(use.max, 'entry')} when the count was read`;
  return {
    ...matchOfReading(
      `Connection-tracking table nearly full: monitoring tells that ${percent(most)} of it was in use; ${now}.`,
      [evidence(TABLE_USE, percent(most), 'of nf_conntrack_max', percent(NEARLY_FULL_USE), 'monitoring')],
      NO_RAISE_ON_ONE,
    ),
    impact: 'pressure',
  };
};

/** Entries that were evicted since boot, while none was refused, and a use that monitoring told without a count. */
export const singleReading: SingleReadingRules = { sinceBoot: nearFull, asRead: toldNearlyFull };
