import { isOtherBoot, type ProbeReading } from './reading.ts';
import { HOUR } from './series.ts';

/** What a node lost lately, per second; absent where two readings of one boot do not show it. */
export interface LossRates {
  /** Packets that found the table full. */
  readonly fullDrops?: number;
  /** Entries that could not be inserted: clashes and long chains. */
  readonly insertFailed?: number;
  /** Packets that EC2 dropped, because the instance tracked as many connections as its type may. */
  readonly enaExceeded?: number;
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
  if (isOtherBoot(before, now) === true || seconds <= 0 || now.at - before.at > HOUR) return {};
  const drops = risenBy(before.drops, now.drops);
  const failed = risenBy(before.insertFailed, now.insertFailed);
  const full = fullDropsOf(drops, failed, chainsBetween(before, now));
  const exceeded = risenBy(before.enaExceeded, now.enaExceeded);
  return {
    ...(full === undefined ? {} : { fullDrops: full / seconds }),
    ...(failed === undefined ? {} : { insertFailed: failed / seconds }),
    ...(exceeded === undefined ? {} : { enaExceeded: exceeded / seconds }),
  };
}

/** The least that a full table dropped. Where nobody knows how many failed for their chain, none for certain is not known to be none. */
function fullDropsOf(
  drops: number | undefined,
  failed: number | undefined,
  chains: number | undefined,
): number | undefined {
  if (drops === undefined || failed === undefined) return undefined;
  const least = Math.max(0, drops - Math.max(0, failed - (chains ?? 0)));
  return chains === undefined && least === 0 && drops > 0 ? undefined : least;
}

/** What the counter of long chains rose by: nothing on a kernel without it, not known where the samples do not tell it. */
const chainsBetween = (before: ProbeReading, now: ProbeReading): number | undefined =>
  risenBy(before.chainTooLong, now.chainTooLong) ?? (now.gaps.chainTooLong === 'not-sampled' ? undefined : 0);

/** A counter that fell was begun anew, with the module or by overflow: nothing is known of that time. */
const risenBy = (before: number | undefined, now: number | undefined): number | undefined =>
  before === undefined || now === undefined || now < before ? undefined : now - before;
