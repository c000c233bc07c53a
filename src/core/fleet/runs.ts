import { isOtherBoot, type ProbeReading } from './reading.ts';
import { HOUR } from './series.ts';
import type { Point } from './theil-sen.ts';

/** What a run begins with: something that makes what was before speak of another table, or the end of what is looked at. */
export type RunStart =
  | 'limit-changed'
  | 'rebooted'
  | 'kube-proxy-restarted'
  | 'fell-by-half'
  | 'not-seen'
  | 'earliest';

/** Readings of one table under one limit that follow each other without a break. */
export interface Run {
  /** In order of time; the last one is the newest of the node. */
  readonly points: readonly Point[];
  /** nf_conntrack_max all along; 0 is none. */
  readonly max: number;
  readonly begunBy: RunStart;
}

/** Milliseconds that a run reaches back at most: a day, after which the load repeats and the peaks of earlier days say more. */
const LONGEST_RUN = 24 * HOUR;

/**
 * How long nothing may have been seen within a run: twelve times the default interval. What happened meanwhile is not known, and
 * a line through both ends would claim that it is.
 */
const LONGEST_GAP = HOUR;

/**
 * The longest unbroken run that reaches to the newest reading: a longer one before a cut speaks of another boot, another limit
 * or a load that has gone. It is cut where the limit or the boot id changed, kube-proxy was restarted, the count fell by half
 * within one step (what held the entries has ended), or nothing was seen for an hour.
 *
 * A value that was not seen on either side cuts nothing: a gap is no change.
 *
 * @param readings in order of time
 */
export function newestRun(readings: readonly ProbeReading[]): Run | undefined {
  const points: Point[] = [];
  let later: Told | undefined;
  for (let index = readings.length - 1; index >= 0; index--) {
    const reading = readings[index];
    if (reading?.count === undefined || reading.max === undefined) continue;
    const { at, count, max } = reading;
    if (later !== undefined) {
      const begunBy =
        (points[0]?.at ?? at) - at > LONGEST_RUN ? 'earliest' : cutBetween(reading, count, max, later);
      if (begunBy !== undefined) return { points: points.toReversed(), max: later.max, begunBy };
    }
    points.push({ at, count });
    // What was not seen in a reading is looked for in the ones after it.
    later = {
      at,
      count,
      max,
      bootId: reading.bootId ?? later?.bootId,
      bootedAt: reading.bootedAt ?? later?.bootedAt,
      kubeProxyStarted: reading.kubeProxyStarted ?? later?.kubeProxyStarted,
    };
  }
  return later === undefined
    ? undefined
    : { points: points.toReversed(), max: later.max, begunBy: 'earliest' };
}

/** What is known of the table right after a reading. */
interface Told {
  readonly at: number;
  readonly count: number;
  readonly max: number;
  readonly bootId: string | undefined;
  readonly bootedAt: number | undefined;
  readonly kubeProxyStarted: number | undefined;
}

function cutBetween(earlier: ProbeReading, count: number, max: number, later: Told): RunStart | undefined {
  if (isOtherBoot(earlier, later) === true) return 'rebooted';
  if (max !== later.max) return 'limit-changed';
  if (isOther(earlier.kubeProxyStarted, later.kubeProxyStarted)) return 'kube-proxy-restarted';
  if (later.count < count / 2) return 'fell-by-half';
  return later.at - earlier.at > LONGEST_GAP ? 'not-seen' : undefined;
}

const isOther = <T>(before: T | undefined, after: T | undefined): boolean =>
  before !== undefined && after !== undefined && before !== after;
