import { evidence, type SingleReadingRules } from '../../src/core/diagnosis/signature.ts';
import { LEAST_LOSSES, matchOfReading, ONE_SAMPLE } from '../../src/core/diagnosis/single-reading/rules.ts';
import { show } from '../../src/core/words.ts';

/** What counters since boot prove of it, and why they have no benign background. Leave this file out where they prove nothing. */
export const singleReading: SingleReadingRules = {
  sinceBoot({ losses }) {
    if (losses === undefined || losses.earlyDrop < LEAST_LOSSES) return undefined;
    return matchOfReading(
      `One sentence in the past tense: ${show(losses.earlyDrop)} since boot; ${ONE_SAMPLE}.`,
      [evidence('early drops', losses.earlyDrop, 'entries since boot', LEAST_LOSSES, 'early_drop')],
      'Why a larger table does not help.',
    );
  },
};
