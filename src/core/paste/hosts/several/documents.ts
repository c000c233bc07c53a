import { asJson, balanceOf } from '../../json-text.ts';
import type { PasteLine } from '../../paste-line.ts';
import { withReplaced } from './replaced.ts';

/** Lines and characters of a JSON document that is looked into, at most. */
const MOST_LINES = 20_000;
const MOST_CHARS = 1_000_000;

/** A JSON document in a text. */
interface LaidOutDocument {
  /** The line after its last one, or after the last that was looked at. */
  readonly end: number;
  /** `undefined` where no document begins or none ends. */
  readonly value: unknown;
}

/** The document that begins on a line. */
function documentAt(lines: readonly PasteLine[], at: number): LaidOutDocument {
  const first = lines[at];
  if (first === undefined || first.command !== undefined || !/^\s*[[{]/.test(first.text))
    return { end: at, value: undefined };
  const text: string[] = [];
  let depth = 0;
  let chars = 0;
  let end = at;
  while (end < lines.length && end < at + MOST_LINES && chars < MOST_CHARS) {
    const line = lines[end];
    if (line === undefined || line.command !== undefined) break;
    end += 1;
    text.push(line.text);
    chars += line.text.length;
    depth += balanceOf(line.text);
    if (depth <= 0) return { end, value: asJson(text.join('\n')) };
  }
  return { end, value: undefined };
}

/**
 * Puts lines in the place of documents. One that does not end, or is none, is looked into once and not again from each of its
 * lines.
 *
 * @param replace what stands for the document whose lines are given; `undefined` where it stays
 */
export function withDocuments(
  lines: readonly PasteLine[],
  replace: (value: unknown, own: readonly PasteLine[]) => readonly PasteLine[] | undefined,
): readonly PasteLine[] {
  let searched = 0;
  return withReplaced(lines, (all, at) => {
    if (at < searched) return undefined;
    const { end, value } = documentAt(all, at);
    searched = end;
    const replaced = value === undefined ? undefined : replace(value, all.slice(at, end));
    return replaced === undefined ? undefined : { lines: replaced, length: end - at };
  });
}
