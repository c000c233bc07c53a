import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type Tag,
} from '@aws-sdk/client-cloudwatch';
import { TARGET_TAG } from '../../../src/core/resolve/alarm-target.ts';
import type { AlarmParts } from './alarm-kinds.ts';
import { AT_MOTO } from './moto.ts';

/** Puts an alarm of metrics into CloudWatch, in the state that the case wants. */
export async function putAlarm(
  name: string,
  parts: AlarmParts,
  settings: CloudWatchClientConfig = AT_MOTO,
): Promise<void> {
  const client = new CloudWatchClient(settings);
  const tags: Tag[] = parts.tag === undefined ? [] : [{ Key: TARGET_TAG, Value: parts.tag }];
  const common = { AlarmName: name, ...(tags.length === 0 ? {} : { Tags: tags }) };
  await client.send(
    new PutMetricAlarmCommand({
      ...common,
      EvaluationPeriods: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0.5,
      ...(parts.inputs === undefined ? oneMetric(parts) : metricMath(parts.inputs)),
    }),
  );
  const StateValue = parts.isFiring === false ? 'OK' : 'ALARM';
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: 'for the test' }));
}

const listed = (dimensions: Readonly<Record<string, string>> = {}) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const oneMetric = ({ namespace, metric, dimensions }: AlarmParts) => ({
  Namespace: namespace,
  MetricName: metric,
  Dimensions: listed(dimensions),
  Period: 60,
  ExtendedStatistic: 'p99',
});

const metricMath = (inputs: readonly Readonly<Record<string, string>>[]) => ({
  Metrics: [
    { Id: 'worst', Expression: 'MAX(METRICS())', ReturnData: true },
    ...inputs.map((dimensions, index) => ({
      Id: `m${index}`,
      ReturnData: false,
      MetricStat: {
        Stat: 'p99',
        Period: 60,
        Metric: { Namespace: 'CWAgent', MetricName: 'latency', Dimensions: listed(dimensions) },
      },
    })),
  ],
});
