import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, test } from 'vitest';
import { CloudWatchAlarms } from '../../../../src/adapters/lookups/cloudwatch-alarms.ts';
import { CloudWatchMetrics } from '../../../../src/adapters/lookups/cloudwatch-metrics.ts';
import { judgeShape } from '../../../../src/core/latency-shape.ts';
import { readLatencyShape } from '../../../../src/core/resolve/latency-metric.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { LOCAL, type SeenRequest, startResponder } from '../support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

const AT = Date.parse('2026-11-23T14:02:11.123Z');
const MINUTE = 60_000;
const ALARM = buildAlarm({ name: 'checkout-p99', changedAt: new Date(AT).toISOString() });
const DIMENSIONS = [{ Name: 'LoadBalancer', Value: 'app/checkout/50dc6c495c0c9188' }];

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Unit?: string;
}
const ALB: Metric = { Namespace: 'AWS/ApplicationELB', MetricName: 'TargetResponseTime' };

type Values = Readonly<Record<string, number | undefined>>;
/** What CloudWatch says of a minute, by statistic; nothing of one without requests. */
type Minute = (minutesAgo: number) => Values | undefined;

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    readonly Stat: string;
    readonly Metric: { readonly Namespace: string; readonly Dimensions: typeof DIMENSIONS };
  };
}

const bodyOf = ({ body }: SeenRequest): { readonly MetricDataQueries: readonly Query[] } => JSON.parse(body);

/** Lists of CloudWatch's answer about alarms, each alarm without its ARN. */
type Alarms = Readonly<
  Record<string, readonly ({ readonly AlarmName: string } & Readonly<Record<string, unknown>>)[]>
>;

const onMetric = (metric: Metric, AlarmName = 'checkout-p99', StateValue = 'ALARM') => ({
  AlarmName,
  StateValue,
  ...metric,
  Dimensions: DIMENSIONS,
});

/** CloudWatch with one alarm on a metric, or with these alarms, as the SDK speaks to it. */
async function shapeOf(metric: Metric | Alarms, minute: Minute | 'denied', alarm = ALARM) {
  const alarms = 'MetricName' in metric ? { MetricAlarms: [onMetric(metric as Metric)] } : metric;
  server = await startResponder((request) => {
    if (request.target === 'DescribeAlarms') {
      const { AlarmNames } = JSON.parse(request.body) as { AlarmNames: string[] };
      const named = Object.entries(alarms).map(([kind, list]) => [
        kind,
        list.flatMap((one) =>
          AlarmNames.includes(one.AlarmName) ? [{ ...one, AlarmArn: `${alarm.arn}-${one.AlarmName}` }] : [],
        ),
      ]);
      return { status: 200, body: Object.fromEntries(named) };
    }
    if (minute === 'denied')
      return { status: 403, body: { message: 'not authorized' }, errorType: 'AccessDeniedException' };
    return {
      status: 200,
      body: {
        MetricDataResults: bodyOf(request).MetricDataQueries.map(({ Id, MetricStat: { Stat } }) => {
          const points = Array.from({ length: 76 }, (_, ago) => {
            const value = minute(ago)?.[Stat];
            const time = Math.floor((AT - ago * MINUTE) / MINUTE) * MINUTE;
            return value === undefined ? [] : [[time / 1000, value] as const];
          }).flat();
          return {
            Id,
            StatusCode: 'Complete',
            Timestamps: points.map(([time]) => time),
            Values: points.map(([, value]) => value),
          };
        }),
      },
    };
  });
  const client = new CloudWatchClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  const aws = { alarms: new CloudWatchAlarms(client), metrics: new CloudWatchMetrics(client) };
  return await readLatencyShape(aws, alarm);
}

const queries = () => bodyOf(server?.seen.at(-1) ?? expect.unreachable()).MetricDataQueries;

const calm = (scale = 1): Values => ({
  SampleCount: 1000,
  p10: 0.01 * scale,
  p50: 0.02 * scale,
  p90: 0.05 * scale,
  p99: 0.1 * scale,
  [`PR(${0.95 * scale}:${1.5 * scale})`]: 0,
  [`PR(${2.95 * scale}:${3.5 * scale})`]: 0,
  [`PR(${6.95 * scale}:${7.5 * scale})`]: 0,
  [`PR(${1.5 * scale}:${2.95 * scale})`]: 0,
});

describe('the latencies behind an alarm', () => {
  test('are read in one call, and judged: lost SYNs', async () => {
    const lost = { ...calm(), p99: 1.02, 'PR(0.95:1.5)': 3.1, 'PR(2.95:3.5)': 0.8 };
    const shape = await shapeOf(ALB, (ago) => (ago < 5 ? lost : calm()));
    expect(shape).toMatchObject({
      kind: 'read',
      metric: 'AWS/ApplicationELB TargetResponseTime',
      now: { count: 5000, p50: 0.02, at1: 0.031, at3: 0.008 },
      before: { at1: 0, p50: 0.02 },
    });
    if (shape?.kind !== 'read') return expect.unreachable();
    expect(judgeShape(shape).says).toBe(
      'SYN retransmission fits the latency’s shape: 3.1 % at 1 s, 0.8 % at 3 s of requests, median unmoved, 20 ms.',
    );
    expect(server?.seen).toHaveLength(2);
    expect(queries()[0]?.MetricStat.Metric).toEqual({ ...without(ALB), Dimensions: DIMENSIONS });
  });

  test('weigh each minute by its requests', async () => {
    const shape = await shapeOf(ALB, (ago) =>
      ago === 1 ? { ...calm(), SampleCount: 3000, 'PR(0.95:1.5)': 4 } : ago < 3 ? calm() : undefined,
    );
    expect(shape).toMatchObject({ now: { count: 5000, at1: 0.024 } });
    expect(shape).not.toHaveProperty('before');
  });

  test.each([
    [{ Namespace: 'AWS/ApplicationSignals', MetricName: 'Latency' }, 1000],
    [{ Namespace: 'Shop', MetricName: 'CheckoutLatency', Unit: 'Milliseconds' }, 1000],
    [{ Namespace: 'Shop', MetricName: 'request_duration_ms' }, 1000],
    [{ Namespace: 'Shop', MetricName: 'request_duration_seconds' }, 1],
  ])('are asked for in the unit of the metric: %j', async (metric, scale) => {
    const shape = await shapeOf(metric, () => calm(scale));
    expect(shape).toMatchObject({ kind: 'read', now: { p50: 0.02, p99: 0.1 } });
    expect(queries().map(({ MetricStat }) => MetricStat.Stat)).toContain(
      `PR(${0.95 * scale}:${1.5 * scale})`,
    );
  });

  test.each<[what: string, Metric, Minute | 'denied', RegExp]>([
    [
      'sums instead of values',
      { Namespace: 'Shop', MetricName: 'Latency', Unit: 'Seconds' },
      () => ({ SampleCount: 100 }),
      /^Shop Latency: CloudWatch has no percentiles of it, as of metrics that are published as sums/,
    ],
    ['no values yet', ALB, () => undefined, /has no values around the alarm yet$/],
    [
      'an unknown unit',
      { Namespace: 'Shop', MetricName: 'Latency' },
      () => calm(),
      /seconds or milliseconds/,
    ],
    ['a role that may not ask', ALB, 'denied', /could not be read in time: .*not authorized/],
  ])('are a gap that is named: %s', async (_, metric, minute, why) => {
    expect(await shapeOf(metric, minute)).toEqual({ kind: 'unread', why: expect.stringMatching(why) });
  });

  test('are those of an alarm below a composite one that fires', async () => {
    const inner = {
      AlarmName: 'inner',
      StateValue: 'ALARM',
      AlarmRule: 'ALARM(slow) OR ALARM("checkout-p99")',
    };
    const shape = await shapeOf(
      {
        CompositeAlarms: [
          { AlarmName: 'checkout-p99', AlarmRule: 'ALARM(calm) OR ALARM(busy) OR ALARM(inner)' },
          inner,
        ],
        MetricAlarms: [
          onMetric({ Namespace: 'Shop', MetricName: 'Latency' }, 'calm', 'OK'),
          onMetric({ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, 'busy'),
          onMetric(ALB, 'slow'),
        ],
      },
      () => calm(),
    );
    expect(shape).toMatchObject({ kind: 'read', metric: 'AWS/ApplicationELB TargetResponseTime' });
    expect(queries()[0]?.MetricStat.Metric.Dimensions).toEqual(DIMENSIONS);
  });

  test('are those of an input of metric math', async () => {
    const stat = { Metric: { ...ALB, Dimensions: DIMENSIONS }, Period: 60, Stat: 'p99' };
    const Metrics = [
      { Id: 'e1', Expression: 'FILL(m1, 0)', ReturnData: true },
      { Id: 'm1', ReturnData: false, MetricStat: stat },
    ];
    const shape = await shapeOf({ MetricAlarms: [{ AlarmName: 'checkout-p99', Metrics }] }, () => calm());
    expect(shape).toMatchObject({ kind: 'read', metric: 'AWS/ApplicationELB TargetResponseTime' });
  });

  test.each<[what: string, Alarms, why: RegExp]>([
    [
      'a composite alarm over other things',
      {
        CompositeAlarms: [{ AlarmName: 'checkout-p99', AlarmRule: 'ALARM(busy) AND ALARM(full)' }],
        MetricAlarms: [
          onMetric({ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, 'busy'),
          onMetric({ Namespace: 'CWAgent', MetricName: 'disk_used' }, 'full'),
        ],
      },
      /is a composite one, and none of the 2 alarms below it watches a latency$/,
    ],
    [
      'a composite alarm whose alarms are gone',
      { CompositeAlarms: [{ AlarmName: 'checkout-p99', AlarmRule: 'ALARM(gone)' }] },
      /is a composite one, and CloudWatch describes none of the alarms that it watches$/,
    ],
    [
      'a log alarm',
      {
        LogAlarms: [
          { AlarmName: 'checkout-p99', ScheduledQueryConfiguration: { LogGroupIdentifiers: ['/aws/x'] } },
        ],
      },
      /watches logs, which have no percentiles$/,
    ],
    [
      'a search',
      {
        MetricAlarms: [
          { AlarmName: 'checkout-p99', Metrics: [{ Id: 'e1', Expression: "SEARCH('Latency', 'p99')" }] },
        ],
      },
      /watches an expression that names no metric, such as a SEARCH or a query$/,
    ],
  ])('are missing, and it is said why, behind %s', async (_, alarms, why) => {
    expect(await shapeOf(alarms, () => calm())).toEqual({
      kind: 'unread',
      why: expect.stringMatching(why),
    });
  });

  test('are none where the alarm watches something else, or is not of CloudWatch', async () => {
    expect(
      await shapeOf({ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, () => calm()),
    ).toBeUndefined();
    await server?.close();
    const other = buildAlarm({ arn: `alert:aws:grafana:eu-central-1:111122223333:${'0'.repeat(32)}` });
    expect(await shapeOf(ALB, () => calm(), other)).toBeUndefined();
    expect(server?.seen).toEqual([]);
  });
});

const without = ({ Namespace, MetricName }: Metric) => ({ Namespace, MetricName });
