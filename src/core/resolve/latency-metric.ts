import { messageOf } from '../errors.ts';
import { type Alarm, isCloudWatchAlarm } from '../record/alarm.ts';
import type { Distribution, LatencyShape } from '../record/latency/shape.ts';
import { counted } from '../words.ts';
import { DEPTH_MAX, newlyWatched } from './alarm-rule.ts';
import type {
  AlarmLookups,
  Datapoints,
  DescribedAlarm,
  MetricLookups,
  MetricName,
  NodeLookups,
} from './node-lookups.ts';

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
 * Asks CloudWatch how the latencies behind an alarm are distributed; behind a composite alarm those of an alarm that it watches,
 * one that fires where any does. Never throws: what is not told is told as such.
 *
 * @returns nothing where the alarm watches metrics, and none of them is a latency
 */
export async function readLatencyShape(
  aws: Pick<NonNullable<NodeLookups['aws']>, 'alarms' | 'metrics'> | undefined,
  alarm: Alarm,
): Promise<LatencyShape | undefined> {
  if (aws === undefined || !isCloudWatchAlarm(alarm)) return undefined;
  let name: string | undefined;
  try {
    const [described] = await aws.alarms.describe([alarm.name]);
    if (described === undefined) return undefined;
    const watchers = await watchersBehind(aws.alarms, described, new Set([described.name]));
    const watched = watchers.flatMap(({ metrics }) => metrics).find(isLatency);
    if (watched === undefined) return withoutLatency(described, watchers);
    name = `${watched.metric.namespace} ${watched.metric.name}`.slice(0, 512);
    return await shapeOf(aws.metrics, alarm, watched);
  } catch (error) {
    const why = `${name ?? 'the metric of the alarm'} could not be read in time: ${messageOf(error)}`;
    return { kind: 'unread', why: why.replaceAll(/\s+/g, ' ').slice(0, 400) };
  }
}

type Watched = DescribedAlarm['metrics'][number] & { readonly metric: MetricName };

const isLatency = (one: DescribedAlarm['metrics'][number]): one is Watched =>
  one.metric !== undefined && LATENCY.test(one.metric.name);

/** The alarms with something of their own to watch: the alarm itself, or those below a composite one, those that fire first. */
async function watchersBehind(
  alarms: AlarmLookups,
  alarm: DescribedAlarm,
  visited: Set<string>,
  depth = 0,
): Promise<readonly DescribedAlarm[]> {
  if (alarm.rule === undefined) return [alarm];
  const { followed } = depth < DEPTH_MAX ? newlyWatched(alarm.rule, visited) : { followed: [] };
  if (followed.length === 0) return [];
  const children = (await alarms.describe(followed)).toSorted(
    (a, b) => Number(b.isFiring) - Number(a.isFiring),
  );
  const below: DescribedAlarm[] = [];
  // One after the other, as each may reach alarms that the next one need not look at.
  for (const child of children) below.push(...(await watchersBehind(alarms, child, visited, depth + 1)));
  return below;
}

/** Why no latency can be read where that is not simply because the alarm watches something else. */
function withoutLatency(
  { name, rule, logGroups, unknownKind, metrics }: DescribedAlarm,
  watchers: readonly DescribedAlarm[],
): LatencyShape | undefined {
  if (rule !== undefined) {
    const none =
      watchers.length === 0
        ? 'and CloudWatch describes none of the alarms that it watches'
        : `and none of the ${counted(watchers.length, 'alarm')} below it watches a latency`;
    return unread(`the alarm ${name} is a composite one, ${none}`);
  }
  if (logGroups !== undefined) return unread(`the alarm ${name} watches logs, which have no percentiles`);
  if (unknownKind !== undefined)
    return unread(`the alarm ${name} is of a kind that this version does not know (${unknownKind})`);
  if (metrics.every(({ metric }) => metric === undefined))
    return unread(
      `the alarm ${name} watches an expression that names no metric, such as a SEARCH or a query`,
    );
  return undefined;
}

/** Without what multiplying leaves behind the last digit that matters. */
const bound = (value: number): number => Math.round(value * 1000) / 1000;

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
