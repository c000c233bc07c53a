import { type SingleReadingRule, type SingleReadingRules } from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  isFasterThanBackground,
  matchOfReading,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

const snatRace: SingleReadingRule = (reading) => {
  const clashes = reading.losses?.clash.low ?? 0n;
  if (!isFasterThanBackground(clashes, reading)) return undefined;
  return matchOfReading(
    `Two connections claimed one translated port ${counted(clashes, 'time')} since boot and one lost a packet; ${ONE_SAMPLE}.`,
    [countSinceBoot('clash drops', clashes, 'packets', 'insert_failed less chaintoolong')],
    'The ports clashed, not the table. A larger table changes nothing.',
  );
};

/** Clashes since boot that came faster than a healthy node’s background. */
export const singleReading: SingleReadingRules = { sinceBoot: snatRace };
