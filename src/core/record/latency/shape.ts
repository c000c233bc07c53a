import * as z from 'zod';
import { stored } from '../stored.ts';

const seconds = z.number().min(0);
const share = z.number().min(0).max(1);

/** How the latencies of many requests were distributed over a time. */
export const Distribution = stored({
  /** Requests that were measured. */
  count: z.number().min(0),
  p10: seconds,
  p50: seconds,
  p90: seconds,
  p99: seconds,
  /** Share of requests that took about 1, 3 and 7 s: what a client waits whose first, second and third SYN is lost. */
  at1: share,
  at3: share,
  at7: share,
  /** Share of those that took more than a second sent once again explains, and less than two. */
  between: share,
});
export type Distribution = z.infer<typeof Distribution>;

/** What CloudWatch says of the latencies behind an alarm, or why it says nothing. */
export const LatencyShape = z.discriminatedUnion('kind', [
  stored({
    kind: z.literal('read'),
    /** Such as `AWS/ApplicationELB TargetResponseTime`. */
    metric: z.string().max(512),
    /** The minutes around the alarm's state change. */
    now: Distribution,
    /** An hour before it; absent where nothing was measured then. */
    before: Distribution.optional(),
  }),
  stored({ kind: z.literal('unread'), why: z.string().max(400) }),
]);
export type LatencyShape = z.infer<typeof LatencyShape>;
