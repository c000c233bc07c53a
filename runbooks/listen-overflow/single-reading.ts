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
  riseAboveBackground,
  riseTold,
  shareOf,
  TELLING_SHARE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

const listenOverflow: SingleReadingRule = ({ protocol }) => {
  const [overflows, opens] = [
    protocol.get('TcpExtListenOverflows') ?? 0n,
    protocol.get('TcpPassiveOpens') ?? 0n,
  ];
  const share = shareOf(overflows, opens);
  if (overflows < LEAST_LOSSES || share < TELLING_SHARE) return undefined;
  return matchOfReading(
    `Accept queues overflowed ${counted(overflows, 'time')} since boot (${percentOf(share)} of accepted connections); ${ONE_SAMPLE}.`,
    [
      countSinceBoot('listen overflows', overflows, 'handshakes', 'TcpExtListenOverflows'),
      evidence(
        'share of passive opens',
        percentOf(share),
        'since boot',
        percentOf(TELLING_SHARE),
        'TcpPassiveOpens',
      ),
    ],
    'The connections died in the listener’s queue, not in the connection-tracking table.',
  );
};

/** A monitoring system saw the counter rise. */
const overflowing: SingleReadingRule = (reading) => {
  const perSecond = riseAboveBackground(reading, 'TcpExtListenOverflows');
  if (perSecond === undefined) return undefined;
  return matchOfReading(
    `Accept queues overflow: monitoring tells of ${counted(Math.round(perSecond * 100) / 100, 'handshake')} dropped a second.`,
    [riseTold('TcpExtListenOverflows', perSecond)],
    'The connections die in the listener’s queue, not in the connection-tracking table.',
  );
};

/** Handshakes that full accept queues dropped since boot, and those that monitoring saw dropped. */
export const singleReading: SingleReadingRules = { sinceBoot: listenOverflow, asRead: overflowing };
