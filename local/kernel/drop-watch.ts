import { readFileSync } from 'node:fs';
import { CHANGED_VALUES, readValue } from './kernel-values.ts';

const STAT_FILE = '/proc/net/stat/nf_conntrack';
const COUNTER_RANGE = 2 ** 32;

/** One look at the kernel's counters. */
export interface DropSample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Packets dropped for conntrack's sake since boot, summed over CPUs (column `drop`). */
  readonly drops: number;
  readonly max: number;
}

/** Sum of one column of /proc/net/stat/nf_conntrack, which is hexadecimal with a row for each CPU. */
export function sumColumn(text: string, column: string): number {
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const index = header.trim().split(/\s+/).indexOf(column);
  if (index < 0) throw new Error(`${STAT_FILE} has no column ${column}`);
  return rows.reduce((sum, row) => sum + Number.parseInt(row.trim().split(/\s+/)[index] ?? '', 16), 0);
}

/** Watches the kernel's own `drop` counter and limit, so that it can be said when the drops stopped. */
export class DropWatch {
  #changes: DropSample[] = [];
  #last: DropSample;
  readonly #timer: NodeJS.Timeout;

  constructor(everyMs = 20) {
    this.#last = readDrops();
    this.#changes.push(this.#last);
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  #look(): void {
    const sample = readDrops();
    if (sample.drops !== this.#last.drops || sample.max !== this.#last.max) this.#changes.push(sample);
    if (this.#changes.length > 100_000) this.#changes.splice(1, 50_000);
    this.#last = sample;
  }

  /** Drops between two times, in milliseconds since the epoch, as seen by the samples. */
  between(from: number, to: number): number {
    this.#look();
    return (this.#at(to) - this.#at(from) + COUNTER_RANGE) % COUNTER_RANGE;
  }

  /** When the counter last moved, or undefined when it never did while watched. */
  lastDropAt(): number | undefined {
    this.#look();
    return this.#changes.findLast(
      (sample, index) => this.#changes[index - 1]?.drops !== sample.drops && index > 0,
    )?.at;
  }

  /** When nf_conntrack_max last went up, or undefined when it never did while watched. */
  raisedAt(): number | undefined {
    this.#look();
    return this.#changes.findLast(
      (sample, index) => sample.max > (this.#changes[index - 1]?.max ?? sample.max),
    )?.at;
  }

  #at(time: number): number {
    return (this.#changes.findLast((sample) => sample.at <= time) ?? this.#changes[0] ?? this.#last).drops;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function readDrops(): DropSample {
  return {
    at: Date.now(),
    drops: sumColumn(readFileSync(STAT_FILE, 'utf8'), 'drop'),
    max: readValue(CHANGED_VALUES.max),
  };
}
