import type { IgnoredPiece, UsedPiece } from '../src/core/paste/read-paste.ts';
import { bold } from './output.ts';

/** Pieces that are listed of each kind; a long paste has more, and nobody reads them all. */
const MOST_LISTED = 12;

/** What of a paste was used and what was not, by line numbers. */
export function pasteReport(paste: {
  readonly used: readonly UsedPiece[];
  readonly ignored: readonly IgnoredPiece[];
}): string {
  const used = paste.used.map(({ name, from, to, sample }) => {
    const which = sample === undefined ? '' : sample === 0 ? ', first sample' : ', second sample';
    return `${name} (${linesOf(from, to)}${which})`;
  });
  const ignored = paste.ignored.map(({ from, to, why }) => `${linesOf(from, to)}: ${why}`);
  return [...section('Used', used), ...section('Ignored', ignored)].join('\n');
}

function linesOf(from: number, to: number): string {
  return from === to ? `line ${from}` : `lines ${from}–${to}`;
}

function section(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - MOST_LISTED;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  return [bold(heading), ...lines.slice(0, MOST_LISTED).map((line) => `  ${line}`), ...more];
}
