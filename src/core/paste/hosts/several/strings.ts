import { asJson } from '../../json-text.ts';
import type { PasteLine } from '../../paste-line.ts';

/** Characters by which a string is found again. */
const TELLING = 200;

/** Finds the line of a document on which a string stands, each asked one behind the one before. */
export function linesOfStrings(lines: readonly PasteLine[]): (wanted: string) => PasteLine | undefined {
  const strings = lines.flatMap((line) =>
    Array.from(line.text.matchAll(/"(?:[^"\\]|\\.)*"/g), ([literal]) => ({ line, value: asJson(literal) })),
  );
  let next = 0;
  return (wanted) => {
    const found = strings.findIndex(
      ({ value }, index) =>
        index >= next && typeof value === 'string' && value.includes(wanted.slice(0, TELLING)),
    );
    if (found < 0) return undefined;
    next = found + 1;
    return strings[found]?.line;
  };
}
