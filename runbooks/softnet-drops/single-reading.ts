import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  ONE_SAMPLE,
  percentOf,
  shareOf,
  TELLING_SHARE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { show } from '../../src/core/words.ts';

const softnetDrops: SingleReadingRule = ({ softnet }) => {
  if (softnet === undefined) return undefined;
  const { dropped, processed } = softnet;
  const share = shareOf(dropped, processed + dropped);
  if (dropped < LEAST_LOSSES || share < TELLING_SHARE) return undefined;
  return matchOfReading(
    `Packets were dropped before connection tracking: ${show(dropped)} since boot (${percentOf(share)} of all), because a CPU’s backlog was full; ${ONE_SAMPLE}.`,
    [
      countSinceBoot('backlog drops', dropped, 'packets', '/proc/net/softnet_stat'),
      evidence(
        'share of packets',
        percentOf(share),
        'since boot',
        percentOf(TELLING_SHARE),
        '/proc/net/softnet_stat',
      ),
    ],
    'The packets were dropped before connection tracking saw them; its table is not involved.',
  );
};

/** Packets that a full backlog dropped since boot. */
export const singleReading: SingleReadingRules = { sinceBoot: softnetDrops };
