import type { Fate } from './fate.ts';

/** Connections that took about as long. */
export interface ConnectTime {
  /** `1 s`, or `no answer`. */
  readonly label: string;
  readonly count: number;
}

/**
 * How long connections took, to the second: lost SYNs show as a comb at 1, 3 and 7 s, or at each second where the kernel
 * of the client repeats the first ones every second (tcp_syn_linear_timeouts, Linux 6.5).
 */
export function connectTimesOf(fates: readonly Fate[]): readonly ConnectTime[] {
  const sums = new Map<number, number>();
  for (const { answeredAfter, count, isLate } of fates) {
    if (isLate) continue;
    const second = answeredAfter === undefined ? Number.POSITIVE_INFINITY : Math.floor(answeredAfter + 0.1);
    sums.set(second, (sums.get(second) ?? 0) + count);
  }
  return [...sums]
    .toSorted(([a], [b]) => a - b)
    .map(([second, count]) => ({
      label: !Number.isFinite(second) ? 'no answer' : second === 0 ? 'below 1 s' : `${second} s`,
      count,
    }));
}
