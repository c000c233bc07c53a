import { type Growth, growthOf, levelOf } from './growth.ts';
import type { ProbeReading } from './reading.ts';
import { HOUR } from './series.ts';
import { median, type Point } from './theil-sen.ts';

/** Days ago on which the load may have been what it is today: yesterday, and the same day of the last two weeks. */
const DAYS_AGO = [1, 7, 14] as const;

/** What an earlier day says of the hours ahead. */
export interface LikeDay {
  readonly daysAgo: (typeof DAYS_AGO)[number];
  /** Entries that today has more than that day had; negative where it has fewer. */
  readonly above: number;
  /** How what today has more grows by itself, where it does. */
  readonly growth?: Growth;
  /** The most entries that the hours ahead would hold by that day. */
  readonly highest: number;
  /** Milliseconds until the limit would be met by that day; absent where it is not. */
  readonly fullIn?: number;
}

/** Hours up to now in which a day has to be like today. */
const LIKE_HOURS = 3;

/** Readings of those hours at the default interval. */
const LIKE_POINTS = 36;

/** Middle deviation from that day, as a share of what the table holds, up to which it is like today. Our choice. */
const LIKE = 0.05;

/** Share of the readings that have to be there on that day: Coroot's number (auditor/memory.go). */
const LEAST_THERE = 0.8;

/** Milliseconds between two looks ahead, and how far from a moment a reading may lie that speaks for it. */
const STEP = 5 * 60_000;
const NEAR = 10 * 60_000;

/**
 * The earlier day that is most like today: whose load, three hours up to this moment, differs from today's by the same number of
 * entries all along. Its hours ahead, with that difference, are what today's will be; what today has more and that grows by itself
 * is continued as far as all growth is.
 *
 * @param readings of one node in order of time
 * @param points the newest run of them
 * @param ahead milliseconds to look ahead, less than a day
 * @returns nothing where no earlier day is known or none is like today
 */
export function likeDay(
  readings: readonly ProbeReading[],
  points: readonly Point[],
  max: number,
  ahead: number,
): LikeDay | undefined {
  const now = points.at(-1)?.at;
  if (now === undefined) return undefined;
  let best: { readonly daysAgo: (typeof DAYS_AGO)[number]; readonly spread: number } | undefined;
  const recent = points.filter(({ at }) => at > now - LIKE_HOURS * HOUR);
  for (const daysAgo of DAYS_AGO) {
    const differences = differencesTo(readings, recent, daysAgo);
    if (differences === undefined) continue;
    const counts = differences.map(({ count }) => count);
    const middle = median(counts);
    const spread = median(counts.map((count) => Math.abs(count - middle)));
    if (spread <= LIKE * levelOf(points) && spread < (best?.spread ?? Number.POSITIVE_INFINITY))
      best = { daysAgo, spread };
  }
  if (best === undefined) return undefined;
  return aheadOf(readings, points, max, ahead, best.daysAgo, now);
}

function aheadOf(
  readings: readonly ProbeReading[],
  points: readonly Point[],
  max: number,
  ahead: number,
  daysAgo: (typeof DAYS_AGO)[number],
  now: number,
): LikeDay | undefined {
  const differences = differencesTo(readings, points, daysAgo, 0);
  if (differences === undefined) return undefined;
  const found = growthOf(differences);
  const growth = 'why' in found ? undefined : found;
  // What does not grow by itself and passes within the hour, as a deploy does, is none of what today has more.
  const above =
    growth === undefined
      ? median(differences.slice(-LIKE_POINTS).map(({ count }) => count))
      : levelOf(differences);
  const most =
    growth === undefined
      ? 0
      : Math.min(growth.rise, (growth.levelsOffAt ?? Number.POSITIVE_INFINITY) - levelOf(differences));
  const scale = scaleOf(readings, points, differences, daysAgo);
  let [highest, seen, fullIn] = [0, 0, undefined as number | undefined];
  const steps = Math.floor(ahead / STEP);
  for (let step = 0; step <= steps; step++) {
    const then = countAt(readings, now + step * STEP - daysAgo * 24 * HOUR);
    if (then === undefined) continue;
    seen++;
    const grown = growth === undefined ? 0 : Math.min(growth.quarter.slope * step * STEP, most);
    const expected = scale === undefined ? then + above + grown : then * scale;
    highest = Math.max(highest, expected);
    if (expected >= max) fullIn ??= step * STEP;
  }
  if (seen < steps * LEAST_THERE) return undefined;
  // From this moment on, because a restart that is due empties the table. A day that has no place for what is there already was like today until something began.
  if (highest < levelOf(points) - LIKE * max) return undefined;
  return {
    daysAgo,
    above,
    highest,
    ...(growth === undefined ? {} : { growth }),
    ...(fullIn === undefined ? {} : { fullIn }),
  };
}

/**
 * By what today is a multiple of that day, where that says more of the last hours than a number of entries more: load that is some
 * per cent higher is so at night and at its peak, and what it has more grows with the day by itself.
 */
function scaleOf(
  readings: readonly ProbeReading[],
  points: readonly Point[],
  differences: readonly Point[],
  daysAgo: number,
): number | undefined {
  const recent = points.filter(({ at }) => at > (points.at(-1)?.at ?? 0) - LIKE_HOURS * HOUR);
  const ratios = recent.flatMap(({ at, count }) => {
    const then = countAt(readings, at - daysAgo * 24 * HOUR);
    return then === undefined || then === 0 ? [] : [count / then];
  });
  if (ratios.length < recent.length * LEAST_THERE) return undefined;
  const scale = median(ratios.slice(-LIKE_POINTS));
  const more = differences.slice(-recent.length).map(({ count }) => count);
  return spreadOf(ratios) * levelOf(points) < spreadOf(more) ? scale : undefined;
}

/** How far values lie from their middle one, in the middle. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/**
 * Whether these hours were seen yesterday and a week ago: then a day that is like neither is an unusual one, where without the week
 * it may be the first Monday.
 */
export const isWeekKnown = (readings: readonly ProbeReading[], points: readonly Point[]): boolean =>
  [1, 7].every((daysAgo) => differencesTo(readings, points.slice(-LIKE_POINTS), daysAgo) !== undefined);

/** How many entries more there are now than so many days before; nothing where too few of those moments were seen. */
function differencesTo(
  readings: readonly ProbeReading[],
  points: readonly Point[],
  daysAgo: number,
  least = LEAST_THERE,
): readonly Point[] | undefined {
  const differences = points.flatMap(({ at, count }) => {
    const then = countAt(readings, at - daysAgo * 24 * HOUR);
    return then === undefined ? [] : [{ at, count: count - then }];
  });
  return differences.length === 0 || differences.length < points.length * least ? undefined : differences;
}

/** What the table held at a moment: the middle one of the readings around it. */
function countAt(readings: readonly ProbeReading[], at: number): number | undefined {
  const counts: number[] = [];
  for (let index = firstFrom(readings, at - NEAR); index < readings.length; index++) {
    const reading = readings[index];
    if (reading === undefined || reading.at > at + NEAR) break;
    if (reading.count !== undefined) counts.push(reading.count);
  }
  return counts.length === 0 ? undefined : median(counts);
}

/** Place of the first reading at or after a moment. */
function firstFrom(readings: readonly ProbeReading[], at: number): number {
  let [low, high] = [0, readings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((readings[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
