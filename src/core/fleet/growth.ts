import { blocksOf, median, type Point, type Slope, theilSen } from './theil-sen.ts';

/** How something grew since it was lowest. Slopes are per millisecond. */
export interface Growth {
  /** Milliseconds from when it was last low to the newest point. */
  readonly seen: number;
  /** Entries by which it rose in that time. */
  readonly rise: number;
  readonly whole: Slope;
  /** The last quarter of that time. */
  readonly quarter: Slope;
  /** Where it stops if it goes on slowing down as it did; absent where it does not slow down. */
  readonly levelsOffAt?: number;
}

/** Why points show no growth that could be continued. */
export type NoGrowth =
  | { readonly why: 'too-short'; readonly seen: number }
  | { readonly why: 'not-certain' | 'came-at-once' | 'slowed-down'; readonly growth: Growth };

/** Points and milliseconds that growth has at least: Coroot asks for ten (auditor/memory.go); fewer give no interval worth naming. */
const LEAST_POINTS = 10;
const LEAST_SEEN = 45 * 60_000;

/** Blocks in which the lowest point of a day is looked for: a quarter of an hour each. */
const MOST_BLOCKS = 96;

/** The last quarter grows by at least so much of what all of it does: Coroot's number (auditor/memory.go, MemoryGrowthPct). */
const STILL_GROWING = 0.3;

/**
 * Share of the rise that the middle slope over all of its time has to account for. A straight line accounts for all of it; a step in
 * load comes at once and leaves most slopes flat, and its rise says nothing of what follows. Growth that began
 * lately within a longer rise shows in the last quarter, which then accounts for half of that share. Our choice.
 */
const STEADY = 0.6;

/** Milliseconds of the end of growth in which it is told whether it slows down. */
const LEAST_END = 3 * 3_600_000;

/**
 * Share of the whole rise up to which the table still counts as lowest. Growth begins where it last was: a load that stood still
 * for hours before it rose has not grown for hours.
 */
const STILL_LOW = 0.1;

/**
 * Tells whether points grow and go on doing so: the slope of all of it and of its last quarter agree, each with an interval
 * above zero for the whole.
 *
 * @param points in order of time
 */
export function growthOf(points: readonly Point[]): Growth | NoGrowth {
  const grown = sinceLow(points);
  const [first, last] = [grown[0], grown.at(-1)];
  const seen = first === undefined || last === undefined ? 0 : last.at - first.at;
  if (last === undefined || grown.length < LEAST_POINTS || seen < LEAST_SEEN)
    return { why: 'too-short', seen };
  const whole = theilSen(grown);
  const quarter = theilSen(between(grown, last.at - seen / 4, last.at));
  if (whole === undefined || quarter === undefined) return { why: 'too-short', seen };
  const levelsOffAt = levelsOff(grown, last.at, seen);
  const growth: Growth = {
    seen,
    rise: levelOf(grown) - (first?.count ?? 0),
    whole,
    quarter,
    ...(levelsOffAt === undefined ? {} : { levelsOffAt }),
  };
  if (whole.low <= 0) return { why: 'not-certain', growth };
  const [inAll, inQuarter] = [whole.slope * seen, quarter.slope * (seen / 4)];
  if (inAll < growth.rise * STEADY && inQuarter < (growth.rise * STEADY) / 2)
    return { why: 'came-at-once', growth };
  if (quarter.slope <= 0 || quarter.slope < whole.slope * STILL_GROWING)
    return { why: 'slowed-down', growth };
  return growth;
}

/**
 * Where growth stops if it goes on slowing down as it did from one part of its end to the next; nothing where it does not. The end is
 * its last half: a daily rise is steepest in its middle, and all of it would say that it is still as steep. It is three hours at
 * least, because the noise of shorter parts hides how a slope changes.
 */
function levelsOff(grown: readonly Point[], end: number, seen: number): number | undefined {
  const part = Math.max(seen / 2, Math.min(seen, LEAST_END)) / 2;
  const [early, late] = [
    theilSen(between(grown, end - 2 * part, end - part)),
    theilSen(between(grown, end - part, end)),
  ];
  if (early === undefined || late === undefined || early.slope <= late.slope) return undefined;
  const slowing = (early.slope - late.slope) / part;
  const now = Math.max(0, late.slope - (slowing * part) / 2);
  return levelOf(grown) + now ** 2 / (2 * slowing);
}

/** What the newest points hold, without what one of them alone says. */
export const levelOf = (points: readonly Point[]): number =>
  median(points.slice(-3).map(({ count }) => count));

/** The points since the table was last low: no lower than two neighbours agree on, so that one bad reading is not taken for it. */
function sinceLow(points: readonly Point[]): readonly Point[] {
  const blocks = blocksOf(points, MOST_BLOCKS);
  let lowest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < blocks.length; index++)
    lowest = Math.min(lowest, Math.max(blocks[index - 1]?.count ?? 0, blocks[index]?.count ?? 0));
  const still = lowest + (levelOf(points) - lowest) * STILL_LOW;
  const low = blocks.findLast(({ count }) => count <= still)?.at ?? 0;
  return points.slice(
    Math.max(
      0,
      points.findIndex(({ at }) => at >= low),
    ),
  );
}

const between = (points: readonly Point[], from: number, to: number): readonly Point[] =>
  points.filter(({ at }) => at >= from && at <= to);
