import * as z from 'zod';
import { Foreseen } from './joined/foreseen.ts';
import { stored } from './stored.ts';

const CLOUDWATCH_ARN = /^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.{1,255}$/;
const OTHER_ALERT =
  /^alert:aws[a-z-]*:(alertmanager|grafana|skywalking|manual|warning):[a-z0-9-]+:\d{12}:[0-9a-f]{32}$/;

/**
 * One alarm state change in the form every transport is brought to: the EventBridge event, the direct alarm action
 * and the SNS message of one state change give the same object, byte for byte once serialised. What another monitoring
 * system or a person raised has the same form.
 */
export const Alarm = stored({
  /**
   * Identity of the alarm: `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`, or for what did not come from CloudWatch
   * `alert:aws:SENDER:REGION:ACCOUNT:HASH`, with partition, region and account where an ARN has them.
   */
  arn: z.union([z.string().regex(CLOUDWATCH_ARN), z.string().regex(OTHER_ALERT)]),
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
  dimensions: z.array(stored({ name: z.string().max(255), value: z.string().max(1024) })).max(90),
  /** Where the traces of that time are shown, by the template of the configuration; absent where it names none. */
  traceUrl: z
    .string()
    .regex(/^https:\/\/[^\s<>|"]{1,600}$/)
    .optional(),
  /** When the tables of its nodes are likely to be full, where it is an early warning. */
  foreseen: Foreseen.optional(),
  /** The incident that ended and whose nodes a person wants to have read again, those of alarms that had joined with them. */
  again: z
    .string()
    .regex(/^[a-z0-9-]{8,64}$/)
    .optional(),
});
export type Alarm = z.infer<typeof Alarm>;

/** Who else than CloudWatch can say that something is wrong; `manual` is a person, `warning` the sweep that foresees it. */
export type AlertSender = 'alertmanager' | 'grafana' | 'skywalking' | 'manual' | 'warning';

/** Whether CloudWatch knows the alarm, so that it can be asked about it. */
export const isCloudWatchAlarm = ({ arn }: Pick<Alarm, 'arn'>): boolean => CLOUDWATCH_ARN.test(arn);
