import * as z from 'zod';

/**
 * One alarm state change in the form every transport is brought to: the EventBridge event, the direct alarm action
 * and the SNS message of one state change give the same object, byte for byte once serialised.
 */
export const Alarm = z.strictObject({
  /** `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`, the identity of the alarm. */
  arn: z.string().regex(/^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.{1,255}$/),
  name: z.string().min(1).max(255),
  accountId: z.string().regex(/^\d{12}$/),
  region: z.string().regex(/^[a-z0-9-]{5,25}$/),
  state: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  /** Time of the state change, ISO 8601 in UTC with milliseconds. */
  changedAt: z.iso.datetime({ precision: 3 }),
  /** CloudWatch's own sentence on why the state changed; foreign text, escape before showing. */
  reason: z.string().max(1024),
  /** What the alarm watches, in one short phrase such as `TargetResponseTime p99`. */
  metric: z.string().max(255),
  /** Dimensions of every metric of the alarm, duplicates removed, sorted: the transports order them differently. */
  dimensions: z.array(z.strictObject({ name: z.string().max(255), value: z.string().max(1024) })).max(90),
});
export type Alarm = z.infer<typeof Alarm>;
