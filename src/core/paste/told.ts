import type { SeenPiece } from './seen.ts';

/** Places of one kind of output that are listed one by one; of more, the first and the last tell where to look. */
const MOST_PLACES = 6;

/** A part of a text that was looked at, by its lines. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** What of a paste was recognised, a line each, with its telling numbers. */
export function seenLines(seen: readonly SeenPiece[]): readonly string[] {
  return seen.map(({ name, lines, sample, says, unusedFor }) => {
    const which = sample === undefined ? '' : sample === 0 ? ', first sample' : ', second sample';
    const unused = unusedFor === undefined ? '' : ` – not used: ${unusedFor}`;
    return `${name} (${placesOf(lines)}${which})${says === undefined ? '' : `: ${says}`}${unused}`;
  });
}

/** What of a paste was not recognised, in one line, or none. */
export function unknownLines(unknown: readonly Run[]): readonly string[] {
  return unknown.length === 0 ? [] : [`${placesOf(unknown)}: no tool’s output that is known here`];
}

function placesOf(runs: readonly Run[]): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (runs.length > MOST_PLACES) return `lines ${first.from}–${last.to}, in ${runs.length} places`;
  const places = runs.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`));
  const isOne = runs.length === 1 && first.from === first.to;
  return `${isOne ? 'line' : 'lines'} ${places.join(', ')}`;
}
