import type { Random } from '../random.ts';

/** A load as a share of the limit that the node began with, by hours since the series began (a Friday, 00:00 UTC). */
export type Load = (hours: number) => number;

/** Whether an hour lies on a Saturday or Sunday. */
export const isWeekend = (hours: number): boolean => [1, 2].includes(Math.floor(hours / 24) % 7);

/**
 * Load that rises and falls each day and is lower on weekends. No two days are the same: each is up to 5 % more or less than
 * planned, so that an earlier day never foretells the next one exactly.
 */
export function daily(random: Random, trough: number, peak: number): Load {
  const [busiest, sharpness, weekend] = [
    random.between(0, 24),
    random.between(1, 2.2),
    random.between(0.4, 0.9),
  ];
  const days = Array.from({ length: 40 }, () => random.between(0.95, 1.05));
  return (hours) => {
    const shape = ((1 + Math.cos(((hours - busiest) / 24) * 2 * Math.PI)) / 2) ** sharpness;
    // One day hands over to the next where the load is lowest, so that no jump shows.
    const day = Math.floor((hours + 12 - busiest) / 24);
    const factor = (days[day + 1] ?? 1) * (isWeekend(day * 24 + busiest) ? weekend : 1);
    return trough + (peak / 1.05 - trough) * shape * factor;
  };
}

/** The same load with something on top in some hours: 0 before `from`, `by` in full after `over` hours, 0 again after `until`. */
export function plateau(load: Load, from: number, until: number, by: number, over: number): Load {
  return (hours) => {
    const risen = Math.min(1, Math.max(0, (hours - from) / over));
    const fallen = Math.min(1, Math.max(0, (hours - until) / over));
    return load(hours) + by * (risen - fallen);
  };
}

/** The same load and entries that come from an hour on, so many a hour, and never end. */
export const leaking = (
  load: Load,
  from: number,
  perHour: number,
  until = Number.POSITIVE_INFINITY,
): Load => {
  return (hours) => load(hours) + (hours > until ? 0 : Math.max(0, hours - from) * perHour);
};
