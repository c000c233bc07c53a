import { type Found, marksOf } from '../found.ts';
import { OF_A_CLOUD } from '../monitoring/cloud-nat.ts';
import type { PasteLine } from '../paste-line.ts';
import { recognise } from '../recognise.ts';

/** What is read in the lines of a text, looked up when it is asked for. */
export class Readings {
  readonly #lines: readonly PasteLine[];
  #starts: ReadonlySet<number> | undefined;

  constructor(lines: readonly PasteLine[]) {
    this.#lines = lines;
  }

  /** Whether a reading begins on a line. */
  beginsAt(at: number): boolean {
    this.#starts ??= new Set(
      recognise(this.#lines).pieces.flatMap(({ found, from }) => (isOfMachine(found) ? [from] : [])),
    );
    return this.#starts.has(this.#lines[at]?.number ?? 0);
  }

  /** The settings and counters that are read in a block of lines, by name. */
  namedWithin(from: number, to: number): ReadonlySet<string> {
    return new Set(this.#foundWithin(from, to).flatMap(marksOf));
  }

  /** All that is read in a block of lines: what has no name of its own, as a log line, by its kind. */
  allWithin(from: number, to: number): ReadonlySet<string> {
    return new Set(
      this.#foundWithin(from, to).flatMap((found) =>
        found.keys.length === 0 ? [`${found.source}`] : marksOf(found),
      ),
    );
  }

  /** Whether a setting or a counter is read more than once in a block of lines. */
  repeatsWithin(from: number, to: number): boolean {
    const names = this.#foundWithin(from, to).flatMap((found) => [...new Set(marksOf(found))]);
    return names.length > new Set(names).size;
  }

  #foundWithin(from: number, to: number): readonly Found[] {
    return recognise(this.#lines.slice(from, to))
      .pieces.map(({ found }) => found)
      .filter(isOfMachine);
  }
}

/** Whether a reading is of a machine: what a cloud counts of all of them is of none. */
function isOfMachine({ name }: Found): boolean {
  return name !== OF_A_CLOUD;
}

/** A block of lines below a name, with what is read in it. */
export interface NamedBlock {
  readonly name: string;
  readonly read: ReadonlySet<string>;
}

/**
 * Whether blocks look like those of different machines: at least two of different names hold readings of the same things,
 * and none holds only what no other name's block holds, as the outputs of two tools do.
 */
export function haveSameReadings(blocks: readonly NamedBlock[]): boolean {
  const filled = blocks.filter(({ read }) => read.size > 0);
  return filled.length > 1 && filled.every((block) => sharesReadings(block, filled));
}

/** Whether another name's block holds a reading of the same thing. */
export function sharesReadings({ name, read }: NamedBlock, blocks: readonly NamedBlock[]): boolean {
  return blocks.some((other) => other.name !== name && [...other.read].some((key) => read.has(key)));
}
