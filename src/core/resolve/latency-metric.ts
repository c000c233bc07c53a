import { messageOf } from '../errors.ts';
import { type Alarm, isCloudWatchAlarm } from '../record/alarm.ts';
import type { Distribution, LatencyShape } from '../record/latency/shape.ts';
import type { Datapoints, DescribedAlarm, MetricLookups, MetricName, NodeLookups } from './node-lookups.ts';

const MINUTE = 60_000;
/** Around the state change: the minutes before it made the alarm fire. */
const NOW = { before: 5 * MINUTE, after: MINUTE } as const;
/** What was before: an hour that ends well before an alarm that takes some minutes to fire. */
const EARLIER = { from: 75 * MINUTE, to: 15 * MINUTE } as const;

/** Names of metrics that measure how long something took. */
const LATENCY = /latency|duration|response.?time|request.?time|elapsed/i;
/** Namespaces whose latency metrics have one unit, whatever the alarm says (the services' user guides, "CloudWatch metrics"). */
const UNITS: Readonly<Record<string, 'Seconds' | 'Milliseconds'>> = {
  'AWS/ApplicationELB': 'Seconds',
  'AWS/ELB': 'Seconds',
  'AWS/X-Ray': 'Seconds',
  'AWS/ApplicationSignals': 'Milliseconds',
  'AWS/ApiGateway': 'Milliseconds',
  'AWS/Lambda': 'Milliseconds',
};

/** Bounds of the shares in seconds: the steps of SYNs that are sent again, for services that answer within half a second, and between. */
const SHARES = [
  ['at1', 0.95, 1.5],
  ['at3', 2.95, 3.5],
  ['at7', 6.95, 7.5],
  ['between', 1.5, 2.95],
] as const;
const PERCENTILES = ['p10', 'p50', 'p90', 'p99'] as const;

/**
 * Asks CloudWatch how the latencies behind an alarm are distributed. Never throws: what is not told is told as such.
 *
 * @returns nothing where the alarm watches no latency that CloudWatch keeps
 */
export async function readLatencyShape(
  aws: Pick<NonNullable<NodeLookups['aws']>, 'alarms' | 'metrics'> | undefined,
  alarm: Alarm,
): Promise<LatencyShape | undefined> {
  if (aws === undefined || !isCloudWatchAlarm(alarm)) return undefined;
  let name: string | undefined;
  try {
    const [described] = await aws.alarms.describe([alarm.name]);
    const watched = described?.metrics.find(
      ({ metric }) => metric !== undefined && LATENCY.test(metric.name),
    );
    if (watched?.metric === undefined) return undefined;
    name = `${watched.metric.namespace} ${watched.metric.name}`.slice(0, 512);
    return await shapeOf(aws.metrics, alarm, { ...watched, metric: watched.metric });
  } catch (error) {
    const why = `${name ?? 'the metric of the alarm'} could not be read in time: ${messageOf(error)}`;
    return { kind: 'unread', why: why.replaceAll(/\s+/g, ' ').slice(0, 400) };
  }
}

/** Without what multiplying leaves behind the last digit that matters. */
const bound = (value: number): number => Math.round(value * 1000) / 1000;

type Watched = DescribedAlarm['metrics'][number] & { readonly metric: MetricName };

async function shapeOf(
  metrics: MetricLookups,
  alarm: Alarm,
  { metric, dimensions, account }: Watched,
): Promise<LatencyShape> {
  const perSecond = unitsPerSecond(metric);
  const name = `${metric.namespace} ${metric.name}`;
  if (perSecond === undefined)
    return unread(`${name}: whether it is in seconds or milliseconds is not known`);
  const at = Date.parse(alarm.changedAt);
  const statistics = [
    'SampleCount',
    ...PERCENTILES,
    ...SHARES.map(([, low, high]) => `PR(${bound(low * perSecond)}:${bound(high * perSecond)})`),
  ];
  const [counts = new Map(), ...others] = await metrics.read({
    metric,
    dimensions,
    account,
    statistics,
    from: at - EARLIER.from,
    to: at + NOW.after,
  });
  const distribution = (from: number, to: number) => distributionOf(counts, others, { from, to }, perSecond);
  const now = distribution(at - NOW.before, at + NOW.after);
  if (now === 'no-percentiles')
    return unread(
      `${name}: CloudWatch has no percentiles of it, as of metrics that are published as sums and not value by value`,
    );
  if (now === 'nothing') return unread(`${name}: CloudWatch has no values around the alarm yet`);
  const before = distribution(at - EARLIER.from, at - EARLIER.to);
  return { kind: 'read', metric: name, now, ...(typeof before === 'string' ? {} : { before }) };
}

const unread = (why: string): LatencyShape => ({ kind: 'unread', why: why.slice(0, 400) });

function unitsPerSecond({ namespace, name, unit }: MetricName): number | undefined {
  const known = UNITS[namespace] ?? unit;
  if (known === 'Seconds') return 1;
  if (known === 'Milliseconds') return 1000;
  if (known === 'Microseconds') return 1_000_000;
  if (/(?:_|-|\b)ms$|Ms$|milli/i.test(name)) return 1000;
  return /seconds?$/i.test(name) ? 1 : undefined;
}

/** Puts the minutes of a time together, each by how many requests it had: exact for shares, near enough for percentiles. */
function distributionOf(
  counts: Datapoints,
  others: readonly Datapoints[],
  { from, to }: { readonly from: number; readonly to: number },
  perSecond: number,
): Distribution | 'nothing' | 'no-percentiles' {
  const minutes = [...counts].filter(([time, count]) => time >= from && time < to && count > 0);
  if (minutes.length === 0) return 'nothing';
  const whole = minutes.filter(([time]) => others.every((one) => one.has(time)));
  const count = whole.reduce((sum, [, requests]) => sum + requests, 0);
  if (count === 0) return 'no-percentiles';
  const mean = (values: Datapoints | undefined) =>
    whole.reduce((sum, [time, requests]) => sum + requests * (values?.get(time) ?? 0), 0) / count;
  const seconds = (index: number) => Math.max(0, mean(others[index]) / perSecond);
  const share = (index: number) => Math.min(1, Math.max(0, mean(others[PERCENTILES.length + index]) / 100));
  return {
    count,
    p10: seconds(0),
    p50: seconds(1),
    p90: seconds(2),
    p99: seconds(3),
    at1: share(0),
    at3: share(1),
    at7: share(2),
    between: share(3),
  };
}
