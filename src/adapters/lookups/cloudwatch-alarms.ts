import {
  AlarmType,
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  type Dimension,
  ListTagsForResourceCommand,
  type LogAlarm,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { Dimensions } from '../../core/resolve/metric-selectors.ts';
import type { AlarmLookups, DescribedAlarm, MetricName } from '../../core/resolve/node-lookups.ts';
import { allPages } from './pages.ts';

/** Types that CloudWatch has had longest: what is asked where it does not take one of the others. */
const OLDEST_TYPES: readonly AlarmType[] = [AlarmType.MetricAlarm, AlarmType.CompositeAlarm];

/** Alarms as CloudWatch describes them. */
export class CloudWatchAlarms implements AlarmLookups {
  private readonly client: CloudWatchClient;

  constructor(client: CloudWatchClient) {
    this.client = client;
  }

  async describe(names: readonly string[]): Promise<readonly DescribedAlarm[]> {
    // Without AlarmTypes the service answers with metric alarms alone, whatever else has these names.
    const pages = await this.pagesOf(names, Object.values(AlarmType)).catch((error: unknown) => {
      if (!isOfTheTypes(error)) throw error;
      return this.pagesOf(names, OLDEST_TYPES);
    });
    return pages.flatMap(alarmsOf);
  }

  async tag(alarmArn: string, key: string): Promise<string | undefined> {
    const { Tags = [] } = await this.client.send(new ListTagsForResourceCommand({ ResourceARN: alarmArn }));
    return Tags.find(({ Key }) => Key === key)?.Value;
  }

  private async pagesOf(
    names: readonly string[],
    types: readonly AlarmType[],
  ): Promise<readonly DescribeAlarmsCommandOutput[]> {
    return await allPages((NextToken) =>
      this.client.send(
        new DescribeAlarmsCommand({
          AlarmNames: [...names],
          AlarmTypes: [...types],
          MaxRecords: 100,
          NextToken,
        }),
      ),
    );
  }
}

/** Whether a region refuses a type of alarm that it does not have yet. */
function isOfTheTypes(error: unknown): boolean {
  return error instanceof Error && /valid/i.test(error.name) && /alarmTypes/i.test(error.message);
}

const KNOWN_LISTS: ReadonlySet<string> = new Set(['MetricAlarms', 'CompositeAlarms', 'LogAlarms']);

function alarmsOf(page: DescribeAlarmsCommandOutput): DescribedAlarm[] {
  const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } = page;
  return [
    ...MetricAlarms.map(metricAlarm),
    ...CompositeAlarms.map(compositeAlarm),
    ...LogAlarms.map(logAlarm),
    ...Object.entries(page).flatMap(([key, list]) => (KNOWN_LISTS.has(key) ? [] : unknownAlarms(key, list))),
  ];
}

const UnknownAlarms = z.array(
  z.looseObject({ AlarmName: z.string(), AlarmArn: z.string(), StateValue: z.string().optional() }),
);

/** A list that a newer SDK knows and this code does not. */
function unknownAlarms(kind: string, list: unknown): DescribedAlarm[] {
  const alarms = UnknownAlarms.safeParse(list).data ?? [];
  return alarms.map((alarm) => ({ ...common(alarm), metrics: [], unknownKind: kind }));
}

function metricAlarm(alarm: MetricAlarm): DescribedAlarm {
  const { Metrics = [], Dimensions: own = [], Namespace, MetricName, Unit } = alarm;
  const inputs = Metrics.flatMap(({ MetricStat, AccountId }) =>
    MetricStat === undefined
      ? []
      : [
          {
            dimensions: byName(MetricStat.Metric?.Dimensions),
            ...(AccountId === undefined ? {} : { account: AccountId }),
            ...named(MetricStat.Metric?.Namespace, MetricStat.Metric?.MetricName, MetricStat.Unit),
          },
        ],
  );
  const ofOwn = named(Namespace, MetricName, Unit);
  const isOwn = own.length > 0 || ofOwn.metric !== undefined;
  return {
    ...common(alarm),
    metrics: isOwn ? [{ dimensions: byName(own), ...ofOwn }, ...inputs] : inputs,
  };
}

function named(
  namespace: string | undefined,
  name: string | undefined,
  unit: string | undefined,
): { readonly metric?: MetricName } {
  if (namespace === undefined || name === undefined) return {};
  return { metric: { namespace, name, ...(unit === undefined ? {} : { unit }) } };
}

function compositeAlarm(alarm: CompositeAlarm): DescribedAlarm {
  return { ...common(alarm), metrics: [], rule: alarm.AlarmRule ?? '' };
}

function logAlarm(alarm: LogAlarm): DescribedAlarm {
  const { LogGroupIdentifiers = [] } = alarm.ScheduledQueryConfiguration ?? {};
  return { ...common(alarm), metrics: [], logGroups: LogGroupIdentifiers };
}

interface Named {
  readonly AlarmName?: string | undefined;
  readonly AlarmArn?: string | undefined;
  readonly StateValue?: string | undefined;
}

function common({ AlarmName = '', AlarmArn = '', StateValue }: Named) {
  return { name: AlarmName, arn: AlarmArn, isFiring: StateValue === 'ALARM' };
}

function byName(dimensions: readonly Dimension[] = []): Dimensions {
  return Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
}
