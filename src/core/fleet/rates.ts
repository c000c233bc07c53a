import type { ProbeReading } from './reading.ts';
import { HOUR } from './series.ts';

/** What a node lost lately, per second; absent where two readings of one boot do not show it. */
export interface LossRates {
  /** Packets that found the table full. */
  readonly fullDrops?: number;
  /** Entries that could not be inserted: clashes and long chains. */
  readonly insertFailed?: number;
}

/**
 * The losses between the two newest readings. A full table adds to `drop` alone, a clash to `drop` and `insert_failed`, and a long
 * chain to `insert_failed` and `chaintoolong` (nf_conntrack_core.c, from 5.10 on); where an older kernel counts repaired clashes
 * in `insert_failed` as well, drops of a full table are the least that it can have been.
 *
 * @param readings of one node in order of time
 */
export function lossRates(readings: readonly ProbeReading[]): LossRates {
  const [before, now] = readings.slice(-2);
  if (before === undefined || now === undefined) return {};
  const seconds = (now.at - before.at) / 1_000;
  const isOneBoot = before.bootId === undefined || now.bootId === undefined || before.bootId === now.bootId;
  if (!isOneBoot || seconds <= 0 || now.at - before.at > HOUR) return {};
  const drops = risenBy(before.drops, now.drops);
  const failed = risenBy(before.insertFailed, now.insertFailed);
  const chains = risenBy(before.chainTooLong, now.chainTooLong) ?? 0;
  return {
    ...(drops === undefined || failed === undefined
      ? {}
      : { fullDrops: Math.max(0, drops - Math.max(0, failed - chains)) / seconds }),
    ...(failed === undefined ? {} : { insertFailed: failed / seconds }),
  };
}

/** A counter that fell was begun anew, with the module or by overflow: nothing is known of that time. */
const risenBy = (before: number | undefined, now: number | undefined): number | undefined =>
  before === undefined || now === undefined || now < before ? undefined : now - before;
