import type { PastedHost } from '../src/core/paste/read-paste.ts';
import { seenLines, unknownLines } from '../src/core/paste/told.ts';
import { bold } from './output.ts';

/** What of a paste was recognised, with its telling numbers, and what was not, by line numbers. */
export function pasteReport({ seen, unknown }: Pick<PastedHost, 'seen' | 'unknown'>): string {
  return [
    ...section('Seen in your text', seenLines(seen)),
    ...section('Ignored', unknownLines(unknown)),
  ].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`)];
}
