import type { Opened } from './trace-lab.ts';

/** Part of a run, in milliseconds since the epoch, in which a trace ran or none did. */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly isTraced: boolean;
}

/** How long clients waited with a trace and without, and how far that can be told. */
export interface Cost {
  readonly blocks: number;
  /** Medians over the blocks of what 99 in 100 connections opened within, in milliseconds. */
  readonly traced: number;
  readonly without: number;
  /** The median over pairs of neighbours of the one divided by the other, and between which numbers it lies 95 times in 100. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
}

/** How often the pairs of blocks are drawn anew. */
const DRAWS = 4000;

/**
 * Compares blocks in turn with and without a trace. What else the machine does falls on both of two neighbours, and a moment that is slow
 * spoils one pair and not the median of all: a quantile of the whole run follows its worst seconds.
 *
 * The interval is that of a bootstrap over pairs of blocks (Efron, 1979), with numbers that are the same in each run.
 */
export function costOf(opened: Opened, blocks: readonly Block[]): Cost {
  const quantiles = (isTraced: boolean) =>
    blocks
      .filter((block) => block.isTraced === isTraced)
      .map(({ from, to }) =>
        quantile(
          opened
            .filter(([begun]) => begun >= from && begun < to)
            .map(([, took]) => (took < 0 ? Number.POSITIVE_INFINITY : took)),
          0.99,
        ),
      );
  const [traced, without] = [quantiles(true), quantiles(false)];
  const ratios = traced.map((took, pair) => took / (without[pair] ?? 0));
  const next = numbersFrom(1);
  const draws = Array.from({ length: DRAWS }, () => {
    return median(ratios.map(() => ratios[Math.floor(next() * ratios.length)] ?? 0));
  });
  return {
    blocks: traced.length,
    traced: median(traced),
    without: median(without),
    ratio: median(ratios),
    interval: [quantile(draws, 0.025), quantile(draws, 0.975)],
  };
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Numbers from 0 to 1 that are the same for a seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
