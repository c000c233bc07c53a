import type { PasteLine } from './paste-line.ts';

/** Lines of a text by number, both ends included. */
export interface LineRun {
  readonly from: number;
  readonly to: number;
}

/** Divides a span into the runs of lines that are a host's own: those of others may stand among them. */
export type OwnRuns = (span: LineRun) => readonly LineRun[];

/** The runs of one host's lines, which are in ascending order. */
export function ownRuns(lines: readonly PasteLine[]): OwnRuns {
  const numbers = lines.map(({ number }) => number);
  const isOneRun = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) === numbers.length - 1;
  return ({ from, to }) => (isOneRun ? [{ from, to }] : runsWithin(numbers, from, to));
}

function runsWithin(numbers: readonly number[], from: number, to: number): readonly LineRun[] {
  const runs: { from: number; to: number }[] = [];
  for (let at = firstAt(numbers, from); at < numbers.length; at += 1) {
    const number = numbers[at] ?? to + 1;
    if (number > to) break;
    const last = runs.at(-1);
    if (last !== undefined && number <= last.to + 1) last.to = Math.max(last.to, number);
    else runs.push({ from: number, to: number });
  }
  return runs;
}

/** Where the first of ascending numbers stands that is not below `least`. */
function firstAt(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers of all lines of which something is told. */
export function toldLines(
  pieces: readonly LineRun[],
  rest: readonly PasteLine[],
  runs: OwnRuns,
): ReadonlySet<number> {
  const told = new Set(rest.map(({ number }) => number));
  for (const piece of pieces)
    for (const { from, to } of runs(piece)) for (let at = from; at <= to; at += 1) told.add(at);
  return told;
}
