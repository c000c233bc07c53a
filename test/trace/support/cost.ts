import type { Opened } from './trace-lab.ts';

/** What runs beside the clients: a trace, nothing, or packet sockets at its points that are handed no packet. */
export type Beside = 'trace' | 'nothing' | 'sockets';

/** Part of a run, in milliseconds since the epoch, in which one of these ran. */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly beside: Beside;
}

/** How long clients waited in blocks of one kind, against those in which nothing ran. */
export interface Waited {
  /** The median over the blocks of what 99 in 100 connections opened within, in milliseconds. */
  readonly took: number;
  /** The median over neighbours of the one divided by the other, and between which numbers it lies 95 times in 100. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
}

/** How long clients waited with a trace and without, and how far that can be told. */
export interface Cost {
  /** How many of each kind. */
  readonly blocks: number;
  readonly without: number;
  readonly traced: Waited;
  /** `undefined` where no block was of that kind. */
  readonly sockets: Waited | undefined;
}

/** How often pairs of blocks are drawn anew. */
const DRAWS = 4000;

/**
 * Compares blocks in turn with and without a trace. What else the machine does falls on both of two neighbours, and a moment that is slow
 * spoils one pair and not the median of all: a quantile of the whole run follows its worst seconds.
 *
 * The interval is that of a bootstrap over pairs of blocks (Efron, 1979), with numbers that are the same in each run.
 */
export function costOf(opened: Opened, blocks: readonly Block[]): Cost {
  const quantiles = (beside: Beside) =>
    blocks
      .filter((block) => block.beside === beside)
      .map(({ from, to }) =>
        quantile(
          opened
            .filter(([begun]) => begun >= from && begun < to)
            .map(([, took]) => (took < 0 ? Number.POSITIVE_INFINITY : took)),
          0.99,
        ),
      );
  const without = quantiles('nothing');
  const waited = (took: readonly number[]): Waited => {
    const ratios = took.map((one, pair) => one / (without[pair] ?? 0));
    const next = numbersFrom(1);
    const draws = Array.from({ length: DRAWS }, () => {
      return median(ratios.map(() => ratios[Math.floor(next() * ratios.length)] ?? 0));
    });
    return {
      took: median(took),
      ratio: median(ratios),
      interval: [quantile(draws, 0.025), quantile(draws, 0.975)],
    };
  };
  const sockets = quantiles('sockets');
  return {
    blocks: without.length,
    without: median(without),
    traced: waited(quantiles('trace')),
    sockets: sockets.length === 0 ? undefined : waited(sockets),
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
