import { type SingleReadingRule, type SingleReadingRules } from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

const hashChainsLong: SingleReadingRule = ({ losses }) => {
  if (losses === undefined || losses.chainTooLong < LEAST_LOSSES) return undefined;
  return matchOfReading(
    `Hash chains were too long: ${counted(losses.chainTooLong, 'new connection')} lost a packet to it since boot; ${ONE_SAMPLE}.`,
    [countSinceBoot('chaintoolong', losses.chainTooLong, 'packets', 'conntrack counters')],
    'A higher nf_conntrack_max allows longer chains still: raise nf_conntrack_buckets instead.',
  );
};

/** New connections that long chains refused since boot. */
export const singleReading: SingleReadingRules = { sinceBoot: hashChainsLong };
