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
  /** Why it is of no use, as a clause; only with an `undefined` source. */
  readonly why?: string;
}

/** What was typed before the lines that are being looked at. */
export interface Context {
  /** The last command, or an empty text. */
  readonly command: string;
  /** Whether that command looked into a pod or a container. */
  readonly isPod: boolean;
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
  test: (text: string) => boolean,
): { readonly taken: readonly string[]; readonly lines: number } {
  const taken: string[] = [];
  let end = at;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined || line.command !== undefined) break;
    if (test(line.text)) {
      taken.push(line.text);
      end = index + 1;
    } else if (!isElision(line.text)) break;
  }
  return { taken, lines: end - at };
}
