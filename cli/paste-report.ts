import type { SeenPiece } from '../src/core/paste/seen.ts';
import { bold } from './output.ts';

/** Places of one kind of output that are listed one by one; of more, the first and the last tell where to look. */
const MOST_PLACES = 6;

/** What of a paste was recognised, with its telling numbers, and what was not, by line numbers. */
export function pasteReport(paste: {
  readonly seen: readonly SeenPiece[];
  readonly unknown: readonly { readonly from: number; readonly to: number }[];
}): string {
  const seen = paste.seen.map(({ name, lines, sample, says, unusedFor }) => {
    const which = sample === undefined ? '' : sample === 0 ? ', first sample' : ', second sample';
    const unused = unusedFor === undefined ? '' : ` – not used: ${unusedFor}`;
    return `${name} (${placesOf(lines)}${which})${says === undefined ? '' : `: ${says}`}${unused}`;
  });
  const unknown =
    paste.unknown.length === 0 ? [] : [`${placesOf(paste.unknown)}: no tool’s output that is known here`];
  return [...section('Seen in your text', seen), ...section('Ignored', unknown)].join('\n');
}

function placesOf(runs: readonly { readonly from: number; readonly to: number }[]): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (runs.length > MOST_PLACES) return `lines ${first.from}–${last.to}, in ${runs.length} places`;
  const places = runs.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`));
  const isOne = runs.length === 1 && first.from === first.to;
  return `${isOne ? 'line' : 'lines'} ${places.join(', ')}`;
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`)];
}
