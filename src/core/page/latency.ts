import { alarmValues } from '../alarm-values.ts';
import type { Alarm } from '../record/alarm.ts';
import type { ClientLatency } from '../record/latency/client.ts';

/** The values of the alarm's metric that its own sentence holds: what was felt before anything was done. */
export interface AlarmLatency {
  readonly metric: string;
  /** `s` where the metric is one that counts seconds; empty where that is not known. */
  readonly unit: string;
  /** Oldest first; a time only where the sentence has one. */
  readonly values: readonly { readonly value: number; readonly at?: string }[];
  readonly threshold?: number;
}

/** Metrics of load balancers that count seconds (Elastic Load Balancing user guides, CloudWatch metrics). */
const SECONDS = /^(?:TargetResponseTime|Latency)\b/;

/** What the alarm's sentence says of its metric; nothing where it has no values. */
export function alarmLatency({ reason, metric }: Pick<Alarm, 'reason' | 'metric'>): AlarmLatency | undefined {
  const said = alarmValues(reason);
  return said && { metric, unit: SECONDS.test(metric) ? 's' : '', ...said };
}

/** What a client felt in one stretch of time, put together from its samples. */
export interface ClientSummary {
  readonly attempts: number;
  readonly failures: number;
  /** The worst of the samples, in milliseconds; absent where nothing was answered. */
  readonly worstP99Ms?: number;
  /** Median of the samples' medians, in milliseconds. */
  readonly medianMs?: number;
}

/** The same client before the first change and after the last one. */
export interface ClientBeforeAfter {
  readonly before: ClientSummary;
  readonly after?: ClientSummary;
}

/**
 * What a client felt before a change and after it.
 * @param from ISO 8601, when the first change was done; absent while none was
 * @param until ISO 8601, when it was first taken back; what was felt later is neither
 */
export function clientBeforeAfter(
  { samples }: ClientLatency,
  from: string | undefined,
  until: string | undefined,
): ClientBeforeAfter {
  const before = samples.filter(({ at }) => from === undefined || at < from);
  const after = samples.filter(
    ({ at }) => from !== undefined && at >= from && (until === undefined || at < until),
  );
  return { before: summaryOf(before), ...(after.length === 0 ? {} : { after: summaryOf(after) }) };
}

function summaryOf(samples: ClientLatency['samples']): ClientSummary {
  const worst = samples.flatMap(({ p99Ms }) => p99Ms ?? []);
  const medians = samples.flatMap(({ medianMs }) => medianMs ?? []).toSorted((a, b) => a - b);
  const median = medians[Math.floor((medians.length - 1) / 2)];
  return {
    attempts: samples.reduce((sum, { attempts }) => sum + attempts, 0),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
    ...(worst.length === 0 ? {} : { worstP99Ms: Math.max(...worst) }),
    ...(median === undefined ? {} : { medianMs: median }),
  };
}
