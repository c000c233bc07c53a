import type { SectionStatus } from '../capture/capture.ts';
import type { SourceId } from '../capture/sources.ts';
import type { PasteLine } from './paste-line.ts';

/** Stands for a source where a count may be of a part of the table, until it is told whether that is enough. */
export const LOWER_BOUND = 'least-count';

/** A run of lines that was recognised by its shape. */
export interface Found {
  /** Source of the section it becomes; `undefined` when it is recognised but can't be used. */
  readonly source: SourceId | typeof LOWER_BOUND | undefined;
  /** What it is, for people: `conntrack -S`. */
  readonly name: string;
  /** How many lines it takes, at least 1. */
  readonly lines: number;
  /** The text as the source's parser reads it. */
  readonly text: string;
  /** What may occur once in a sample: seeing one of them again begins the next sample. */
  readonly keys: readonly string[];
  /** `ok` unless the tool itself said that there is nothing. */
  readonly status?: SectionStatus;
  /** Whether only a part was pasted, as a filter or the end: what it does not show is not ruled out. */
  readonly isExcerpt?: boolean;
  /** When it was so, in milliseconds since the Unix epoch, where the lines themselves tell. */
  readonly ms?: number;
  /** Counts what happened in so many seconds before, and nothing from before them. */
  readonly sinceSeconds?: number;
  /** What else the same lines say, to another source. */
  readonly also?: readonly Found[];
  /** Why it is of no use, as a clause; only with an `undefined` source. */
  readonly why?: string;
  /** What it is a reading of all the same, so that its numbers are told; only with an `undefined` source. */
  readonly readAs?: SourceId;
}

/** What a piece shows that may occur once in a sample, of all sources apart. */
export function marksOf({ source, keys }: Pick<Found, 'source' | 'keys'>): readonly string[] {
  return keys.map((key) => `${source} ${key}`);
}

/** First lines of samples, by their numbers: what is read again begins the next. */
export function sampleStarts(
  pieces: readonly { readonly found: Found; readonly from: number }[],
): readonly number[] {
  const starts: number[] = [];
  let seen = new Set<string>();
  for (const { found, from } of pieces) {
    const marks = marksOf(found);
    if (starts.length === 0 || marks.some((mark) => seen.has(mark))) {
      starts.push(from);
      seen = new Set();
    }
    for (const mark of marks) seen.add(mark);
  }
  return starts;
}

/** What was typed before the lines that are being looked at. */
export interface Context {
  /** The last command, or an empty text. */
  readonly command: string;
  /** Whether that command shows a part of what it reads. */
  readonly isFilter: boolean;
  /** Whether that command looked into a pod or a container. */
  readonly isPod: boolean;
  /** Seconds that the command waits in all, `undefined` when it does not wait. */
  readonly wait: number | undefined;
}

/** Recognises a piece that begins at a line, or `undefined`. */
export type Recogniser = (lines: readonly PasteLine[], at: number, context: Context) => Found | undefined;

/** Marks that stand for left-out lines: `...`, `[..]`, `(snip)`. */
export function isElision(text: string): boolean {
  return /^\s*(?:\[?\.{2,}\]?|…|\[…\]|[<([]?(?:snip|cut|truncated|omitted)[>)\]]?)\s*$/i.test(text);
}

/** Takes lines from `at` on while `test` says so, passing over elisions; a command always ends it. */
export function takeWhile(
  lines: readonly PasteLine[],
  at: number,
  test: (text: string, index: number) => boolean,
): { readonly taken: readonly string[]; readonly lines: number } {
  const taken: string[] = [];
  let end = at;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined || line.command !== undefined) break;
    if (test(line.text, index)) {
      taken.push(line.text);
      end = index + 1;
    } else if (!isElision(line.text)) break;
  }
  return { taken, lines: end - at };
}

/**
 * Remembers how far a paste was searched in vain. A run of lines that lacks what tells it apart lacks it from each of its
 * later lines on too; without this, a long run would be searched once more from every line of it.
 */
export class Barren {
  readonly #before = new WeakMap<readonly PasteLine[], number>();

  /** Whether a search that begins at the line finds nothing either. */
  has(lines: readonly PasteLine[], at: number): boolean {
    return at < (this.#before.get(lines) ?? 0);
  }

  /** Notes that a search that begins at any line up to `before`, without it, finds nothing; lines are searched in order. */
  note(lines: readonly PasteLine[], before: number): void {
    this.#before.set(lines, before);
  }
}

/** Takes lines like {@link takeWhile} where at least one of them is `telling`, and nothing otherwise. */
export function takeTelling(
  barren: Barren,
  lines: readonly PasteLine[],
  at: number,
  { test, telling }: { readonly test: RegExp; readonly telling: RegExp },
): ReturnType<typeof takeWhile> | undefined {
  if (barren.has(lines, at)) return undefined;
  const run = takeWhile(lines, at, (text) => test.test(text));
  if (run.taken.some((text) => telling.test(text))) return run;
  barren.note(lines, at + run.lines);
  return undefined;
}

/** Whether each of the patterns stands somewhere after the one before it; one expression with `.*` between them would try every pair. */
export function standsInOrder(text: string, patterns: readonly RegExp[]): boolean {
  let rest = text;
  for (const pattern of patterns) {
    const match = pattern.exec(rest);
    if (match === null) return false;
    rest = rest.slice(match.index + match[0].length);
  }
  return true;
}
