import { type CloudWatchClient, GetMetricDataCommand, type StandardUnit } from '@aws-sdk/client-cloudwatch';
import type { Datapoints, MetricLookups } from '../../core/resolve/node-lookups.ts';

/** An incident's card waits for nothing that it can do without: what is not there by then is left out. */
const ANSWER_MS = 1200;

/** Metrics as CloudWatch has them, with what they said minute by minute. */
export class CloudWatchMetrics implements MetricLookups {
  private readonly client: CloudWatchClient;

  constructor(client: CloudWatchClient) {
    this.client = client;
  }

  async read({
    metric: { namespace, name, unit },
    dimensions,
    account,
    statistics,
    from,
    to,
  }: Parameters<MetricLookups['read']>[0]): Promise<readonly Datapoints[]> {
    const Metric = {
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    };
    const { MetricDataResults = [] } = await this.client.send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: statistics.map((Stat, index) => ({
          Id: `s${index}`,
          ...(account === undefined ? {} : { AccountId: account }),
          MetricStat: {
            Metric,
            Period: 60,
            Stat,
            ...(unit === undefined ? {} : { Unit: unit as StandardUnit }),
          },
        })),
      }),
      { abortSignal: AbortSignal.timeout(ANSWER_MS) },
    );
    return statistics.map((_, index) => {
      const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === `s${index}`) ?? {};
      return new Map(
        Timestamps.flatMap((time, at) => {
          const value = Values[at];
          return value === undefined ? [] : [[time.getTime(), value] as const];
        }),
      );
    });
  }
}
