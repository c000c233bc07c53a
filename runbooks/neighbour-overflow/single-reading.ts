import { type SingleReadingRule, type SingleReadingRules } from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

const neighbourOverflow: SingleReadingRule = ({ neighbourTableFulls: fulls }) => {
  if (fulls < LEAST_LOSSES) return undefined;
  return matchOfReading(
    `The neighbour table overflowed: ${counted(fulls, 'allocation')} refused since boot; ${ONE_SAMPLE}.`,
    [countSinceBoot('neighbour table overflows', fulls, 'allocations', '/proc/net/stat/arp_cache')],
    'Packets died because their next hop could not be resolved; the connection-tracking table is another one.',
  );
};

/** Neighbours that were refused since boot. */
export const singleReading: SingleReadingRules = { sinceBoot: neighbourOverflow };
