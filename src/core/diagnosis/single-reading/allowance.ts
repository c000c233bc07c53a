import { counted } from '../../words.ts';
import type { SingleReadingRule } from '../signature.ts';
import { countSinceBoot, isFasterThanBackground, LEAST_LOSSES, matchOfReading, ONE_SAMPLE } from './rules.ts';

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
