import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type Dimension,
  ListTagsForResourceCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { Dimensions } from '../../core/resolve/metric-selectors.ts';
import type { AlarmLookups, DescribedAlarm } from '../../core/resolve/node-lookups.ts';
import { allPages } from './pages.ts';

/** Alarms as CloudWatch describes them. */
export class CloudWatchAlarms implements AlarmLookups {
  private readonly client: CloudWatchClient;

  constructor(client: CloudWatchClient) {
    this.client = client;
  }

  async describe(names: readonly string[]): Promise<readonly DescribedAlarm[]> {
    // Without AlarmTypes the service leaves composite alarms out.
    const pages = await allPages((NextToken) =>
      this.client.send(
        new DescribeAlarmsCommand({
          AlarmNames: [...names],
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: 100,
          NextToken,
        }),
      ),
    );
    return pages.flatMap(({ MetricAlarms = [], CompositeAlarms = [] }) => [
      ...MetricAlarms.map(metricAlarm),
      ...CompositeAlarms.map(compositeAlarm),
    ]);
  }

  async tag(alarmArn: string, key: string): Promise<string | undefined> {
    const { Tags = [] } = await this.client.send(new ListTagsForResourceCommand({ ResourceARN: alarmArn }));
    return Tags.find(({ Key }) => Key === key)?.Value;
  }
}

function metricAlarm(alarm: MetricAlarm): DescribedAlarm {
  const { Metrics = [], Dimensions: own = [] } = alarm;
  const inputs = Metrics.flatMap(({ MetricStat, AccountId }) =>
    MetricStat === undefined
      ? []
      : [
          {
            dimensions: byName(MetricStat.Metric?.Dimensions),
            ...(AccountId === undefined ? {} : { account: AccountId }),
          },
        ],
  );
  return { ...common(alarm), metrics: own.length === 0 ? inputs : [{ dimensions: byName(own) }, ...inputs] };
}

function compositeAlarm(alarm: CompositeAlarm): DescribedAlarm {
  return { ...common(alarm), metrics: [], rule: alarm.AlarmRule ?? '' };
}

function common({ AlarmName = '', AlarmArn = '', StateValue }: MetricAlarm | CompositeAlarm) {
  return { name: AlarmName, arn: AlarmArn, isFiring: StateValue === 'ALARM' };
}

function byName(dimensions: readonly Dimension[] = []): Dimensions {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}
