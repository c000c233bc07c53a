import { counted } from '../../words.ts';
import { evidence, type SingleReadingRule } from '../signature.ts';
import {
  countSinceBoot,
  isFasterThanBackground,
  LEAST_LOSSES,
  matchOfReading,
  ONE_SAMPLE,
  riseAboveBackground,
  riseTold,
} from './rules.ts';

/** What CloudWatch added up, or a query says of the rise, for a limit that no healthy instance meets: it happened then. */
export function summedAllowance(name: string, what: string): SingleReadingRule {
  return (reading) => {
    const { snapshot } = reading;
    const perSecond = riseAboveBackground(reading, `${name}_allowance_exceeded`);
    if (perSecond !== undefined)
      return matchOfReading(
        `EC2’s ${what} is exceeded: monitoring tells of ${counted(Math.round(perSecond * 100) / 100, 'packet')} a second that are dropped outside the instance.`,
        [riseTold(`${name}_allowance_exceeded`, perSecond)],
        'EC2 drops at its own limit outside the instance; a larger table in the kernel does not move it.',
      );
    const sums = snapshot.observations.flatMap(({ summed }) =>
      summed?.name === `${name}_allowance_exceeded` ? [summed.packets] : [],
    );
    const packets = sums.reduce((total, one) => total + one, 0);
    if (packets < Number(LEAST_LOSSES)) return undefined;
    return matchOfReading(
      `EC2’s ${what} was exceeded: CloudWatch added up ${counted(packets, 'packet')} dropped outside the instance in the periods that were pasted.`,
      [
        evidence(
          `${name}_allowance_exceeded`,
          packets,
          'packets in the periods pasted',
          LEAST_LOSSES,
          'CloudWatch',
        ),
      ],
      'EC2 drops at its own limit outside the instance; a larger table in the kernel does not move it.',
    );
  };
}

/** EC2's limits outside the instance. Bandwidth and packet rate tick during micro-bursts on healthy instances; the others do not. */
export function allowance(names: readonly string[], what: string, hasBackground: boolean): SingleReadingRule {
  return (reading) => {
    const counts = names.map(
      (name) => [name, reading.allowances.get(`${name}_allowance_exceeded`) ?? 0n] as const,
    );
    const met = counts.filter(([, count]) =>
      hasBackground ? isFasterThanBackground(count, reading) : count >= LEAST_LOSSES,
    );
    if (met.length === 0) return undefined;
    const sum = met.reduce((total, [, count]) => total + count, 0n);
    return matchOfReading(
      `EC2’s ${what} was exceeded: ${counted(sum, 'packet')} queued or dropped outside the instance since the driver was loaded; ${ONE_SAMPLE}.`,
      counts.map(([name, count]) =>
        countSinceBoot(`${name}_allowance_exceeded`, count, 'packets', 'ethtool -S'),
      ),
      'EC2 drops at its own limit outside the instance; a larger table in the kernel does not move it.',
    );
  };
}
