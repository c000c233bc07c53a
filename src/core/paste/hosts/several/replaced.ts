import type { PasteLine } from '../../paste-line.ts';

/** Lines that stand for some of a text. */
export interface Replacement {
  readonly lines: readonly PasteLine[];
  /** How many lines of the text they stand for, at least 1. */
  readonly length: number;
}

/**
 * Puts other lines in the place of those that `find` knows.
 *
 * @param find what stands for the lines that begin at a place; `undefined` where they stay
 */
export function withReplaced(
  lines: readonly PasteLine[],
  find: (lines: readonly PasteLine[], at: number) => Replacement | undefined,
): readonly PasteLine[] {
  const result: PasteLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    const found = find(lines, at);
    result.push(...(found?.lines ?? [line]));
    at += (found?.length ?? 1) - 1;
  }
  return result;
}
