import { wallTimeOf } from '../paste-clock.ts';
import type { PasteLine } from '../paste-line.ts';
import type { Readings } from './readings.ts';

/** Lines between what announces an output and that output. */
const MOST_BETWEEN = 3;

/** Sentences among them. */
const MOST_SENTENCES = 2;

/** Longer lines are no sentence. */
const LONGEST_SENTENCE = 200;

/** What stands below a line, as far as a line may announce it. */
export interface Below {
  /** The line of the reading or of the command. */
  readonly line: PasteLine;
  /** Whether nothing but blank lines, fences and dates stand between. */
  readonly isDirect: boolean;
}

/** What a line may announce: a reading or a command below it, with little between; `undefined` where there is none. */
export function belowOf(lines: readonly PasteLine[], at: number, readings: Readings): Below | undefined {
  let [between, sentences] = [0, 0];
  for (let next = at + 1; between <= MOST_BETWEEN; next += 1) {
    const line = lines[next];
    if (line === undefined) return undefined;
    if (line.command !== undefined || readings.beginsAt(next)) return { line, isDirect: sentences === 0 };
    if (line.text.trim() !== '') between += 1;
    if (
      /^\s*(?:```\w*|<\/?(?:pre|code)>)?\s*$/.test(line.text) ||
      wallTimeOf(line.text, 'date') !== undefined
    )
      continue;
    if (line.text.length > LONGEST_SENTENCE || !/^[\p{L}\W]/u.test(line.text)) return undefined;
    sentences += 1;
    if (sentences > MOST_SENTENCES) return undefined;
  }
  return undefined;
}
