/** A moment and what was counted then. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
}

/** How fast a count grows, per millisecond: the middle one of all slopes between two points, and an interval around it. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Points that a slope is made from at most. More are put together in blocks of equal length, each with its middle value, which
 * also takes out most of what one reading shares with the next. 48 of them make 1,128 slopes: some 50 µs a node.
 */
const MOST_POINTS = 48;

/** Half the width of a 95 % interval of a normal distribution, in standard deviations. */
const NORMAL_95 = 1.96;

/**
 * The slope of Theil and Sen: the median of the slopes between every two points. A third of them may be wrong, such as a burst or a
 * reading of a bad moment, before it moves, where a least-squares line follows each (P. K. Sen, J. Am. Stat. Assoc. 63, 1968).
 *
 * The interval is Sen's: 95 % from the variance of Kendall's tau, for independent errors. What one reading shares with the next
 * makes it too narrow, so it says at least how uncertain the slope is.
 *
 * @returns nothing for fewer than three moments
 */
export function theilSen(points: readonly Point[]): Slope | undefined {
  const blocks = blocksOf(points, MOST_POINTS);
  const n = blocks.length;
  if (n < 3) return undefined;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let made = 0;
  for (const [index, from] of blocks.entries()) {
    for (let later = index + 1; later < n; later++) {
      const to = blocks[later];
      if (to !== undefined && to.at > from.at) slopes[made++] = (to.count - from.count) / (to.at - from.at);
    }
  }
  if (made === 0) return undefined;
  const sorted = slopes.subarray(0, made).sort();
  const spread = NORMAL_95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (place: number): number => sorted[Math.min(made - 1, Math.max(0, Math.round(place)))] ?? 0;
  return { slope: at((made - 1) / 2), low: at((made - spread) / 2 - 1), high: at((made + spread) / 2) };
}

/** Points in at most so many blocks of the same number of points: the middle moment and the middle count of each. */
export function blocksOf(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, index) => {
    const block = points.slice(
      Math.floor((index * points.length) / most),
      Math.floor(((index + 1) * points.length) / most),
    );
    return { at: median(block.map(({ at }) => at)), count: median(block.map(({ count }) => count)) };
  });
}

/** The middle value; the mean of both in the middle of an even number; `NaN` of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}
