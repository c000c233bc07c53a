import type { Distribution, LatencyShape } from './record/latency/shape.ts';
import { show } from './words.ts';

/** Whether latencies are distributed as SYNs that are sent again leave them. */
export interface ShapeVerdict {
  readonly fit: 'fits' | 'does-not-fit' | 'unclear';
  /** One sentence with the numbers, ending in a full stop. */
  readonly says: string;
}

/** Requests that have to be measured before shares say anything. */
const LEAST_REQUESTS = 200;
/** Share of requests that has to be slow in steps; below it nobody is alarmed. Our choice. */
const LEAST_STEPS = 0.005;
/** So many times as many requests stand on the steps as between them, where nothing but lost SYNs makes them slow. Our choice. */
const STEPS_TO_GAP = 2;
/** A percentile moved that is so many times what it was, and at least by so many seconds. Our choice. */
const MOVED = { times: 2, by: 0.05 } as const;
/** Requests that were sent twice take longer than this, in seconds. */
const FIRST_STEP = 0.95;

/**
 * Judges a distribution of latencies. A lost SYN is sent again after 1 s, and then after 2 s and 4 s more (RFC 6298 with an
 * initial timeout of 1 s; net/ipv4/tcp_timer.c), so those who wait stand on steps at 1, 3 and 7 s and the others are as fast as
 * before. It speaks for or against lost SYNs and never says where they are lost.
 */
export function judgeShape({ now, before }: Pick<Read, 'now' | 'before'>): ShapeVerdict {
  if (now.count < LEAST_REQUESTS)
    return unclear(
      `Latency’s shape says nothing: only ${show(Math.round(now.count))} requests were measured.`,
    );
  const gained = (share: (one: Distribution) => number) =>
    Math.max(0, share(now) - (before === undefined ? 0 : share(before)));
  const steps = gained(({ at1, at3, at7 }) => at1 + at3 + at7);
  const between = gained((one) => one.between);
  // Where all wait so long, or nobody knows how fast they were, it may as well be the service.
  const hasFast = now.p10 < (before === undefined ? FIRST_STEP / 2 : FIRST_STEP);
  const isStepped = hasFast && steps >= LEAST_STEPS && steps >= STEPS_TO_GAP * between;
  const median = before === undefined ? ms(now.p50) : `${ms(before.p50)} → ${ms(now.p50)}`;
  const isMoved = (of: (one: Distribution) => number) =>
    before !== undefined && of(now) >= MOVED.times * of(before) && of(now) - of(before) >= MOVED.by;
  const hasMedianMoved = isMoved(({ p50 }) => p50);
  // Where more than half wait for a SYN the median stands on a step itself, and the fastest are as fast as before.
  const hasMoved = hasMedianMoved && !(isStepped && !isMoved(({ p10 }) => p10));
  if (hasMoved)
    return {
      fit: 'does-not-fit',
      says: `SYN retransmission does not fit the latency’s shape: the whole distribution moved (median ${median}).`,
    };
  if (isStepped) return { fit: 'fits', says: fitting(now, before, hasMedianMoved) };
  if (steps < LEAST_STEPS && between < LEAST_STEPS && now.p99 < FIRST_STEP)
    return {
      fit: 'does-not-fit',
      says: `SYN retransmission does not fit the latency’s shape: 99 % of requests took less than ${ms(now.p99)}, and none stand at 1, 3 and 7 s.`,
    };
  if (before !== undefined && between >= LEAST_STEPS && steps < between)
    return {
      fit: 'does-not-fit',
      says: `SYN retransmission does not fit the latency’s shape: the slow ones stand between 1, 3 and 7 s, not there (${percentOf(between)} against ${percentOf(steps)}).`,
    };
  return unclear(
    `Latency’s shape is unclear: ${percentOf(steps)} of requests stand at 1, 3 and 7 s, ${percentOf(between)} between (median ${median}).`,
  );
}

type Read = Extract<LatencyShape, { kind: 'read' }>;

const unclear = (says: string): ShapeVerdict => ({ fit: 'unclear', says });

function fitting(now: Distribution, before: Distribution | undefined, hasMedianMoved: boolean): string {
  const at = [
    [now.at1, 1],
    [now.at3, 3],
    [now.at7, 7],
  ] as const;
  const told = at.flatMap(([share, second]) =>
    share >= 0.0005 ? [`${percentOf(share)} at ${second} s`] : [],
  );
  const middle =
    before === undefined
      ? `median ${ms(now.p50)}`
      : hasMedianMoved
        ? `the fastest as fast as before, ${ms(now.p10)}`
        : `median unmoved, ${ms(now.p50)}`;
  return `SYN retransmission fits the latency’s shape: ${told.join(', ')} of requests, ${middle}.`;
}

/** `3.1 %`: one decimal, as shares of a per cent matter here. */
const percentOf = (share: number): string => `${show(Math.round(share * 1000) / 10)} %`;

/** Seconds as people read a latency: `20 ms`, `1.4 s`. */
function ms(seconds: number): string {
  return seconds < 1 ? `${show(Math.round(seconds * 1000))} ms` : `${show(Math.round(seconds * 10) / 10)} s`;
}
