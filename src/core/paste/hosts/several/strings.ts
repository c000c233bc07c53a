import { asJson } from '../../json-text.ts';
import type { PasteLine } from '../../paste-line.ts';

/** Characters by which a string is found again. */
const TELLING = 200;

/** Strings that are searched in vain: each costs a look at all of them. */
const MOST_MISSES = 50;

/** Finds the line of a document on which a string stands, each asked one behind the one before. */
export function linesOfStrings(lines: readonly PasteLine[]): (wanted: string) => PasteLine | undefined {
  const strings = lines.flatMap((line) =>
    Array.from(line.text.matchAll(/"(?:[^"\\]|\\.)*"/g), ([literal]) => ({ line, value: asJson(literal) })),
  );
  let next = 0;
  let misses = 0;
  return (wanted) => {
    if (misses >= MOST_MISSES) return undefined;
    const start = wanted.slice(0, TELLING);
    for (let at = next; at < strings.length; at += 1) {
      const { line, value } = strings[at] ?? {};
      if (typeof value !== 'string' || !value.includes(start)) continue;
      next = at + 1;
      return line;
    }
    misses += 1;
    return undefined;
  };
}
