import {
  type CloudWatchClient,
  type Dimension,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import type { NumberField } from '../../core/fleet/reading.ts';
import type { SampledNode } from '../../core/fleet/sampled.ts';
import type { SweptNode } from '../../core/sweep/found.ts';
import { nodeNames } from '../../core/sweep/node-names.ts';
import type { NodeSeries } from '../../core/sweep/sampled.ts';
import { allPages, inBatches } from '../lookups/pages.ts';

/**
 * What the agent's section `ethtool` tells of an interface, and what it comes to for the node. The agent sends the driver's counters as
 * they are, since boot, other than those of `net` and `diskio`, which it sends as what they rose by (amazon-cloudwatch-agent,
 * translator/translate/otel/pipeline/host).
 */
const METRICS = {
  ethtool_conntrack_allowance_exceeded: {
    field: 'enaExceeded',
    ofAll: (values) => values.reduce((sum, value) => sum + value, 0),
  },
  ethtool_conntrack_allowance_available: { field: 'enaAvailable', ofAll: (values) => Math.min(...values) },
} as const satisfies Record<string, { field: NumberField; ofAll: (values: readonly number[]) => number }>;

type MetricName = keyof typeof METRICS;

/** Metrics that one call is asked for, and pages of a list of metrics: 50,000 metrics of 5,000 nodes (CloudWatch API reference). */
const QUERIES_MOST = 500;
const PAGES_MOST = 100;

/** Time of which values are asked for, in ms, and how long a value counts for, in seconds. */
const WINDOW = 10 * 60_000;
const PERIOD = 60;

/** One metric of one interface of a node; its dimensions may have been others before. */
interface Found {
  readonly instanceId: string;
  readonly interfaceName: string;
  readonly name: MetricName;
  readonly dimensions: readonly Dimension[];
}

/** The newest value of an interface, with its time in milliseconds since 1970. */
interface Newest {
  readonly at: number;
  readonly value: number;
}

/**
 * What the CloudWatch agent sends of EC2's allowance for tracked connections. It sends nothing of the node's own table, so that stays
 * unknown with this source.
 */
export class AgentSeries implements NodeSeries {
  readonly #client: CloudWatchClient;
  readonly #namespace: string;

  constructor(client: CloudWatchClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async read(nodes: readonly SweptNode[], now: number): Promise<ReadonlyMap<string, SampledNode>> {
    const found = [
      ...(await this.#listed('ethtool_conntrack_allowance_exceeded', nodes)),
      ...(await this.#listed('ethtool_conntrack_allowance_available', nodes)),
    ];
    const values = new Map<string, Map<MetricName, Map<string, Newest | undefined>>>();
    for (const batch of inBatches(found, QUERIES_MOST)) {
      const newest = await this.#newest(batch, now);
      batch.forEach(({ instanceId, interfaceName, name }, index) => {
        const ofNode = values.get(instanceId) ?? new Map<MetricName, Map<string, Newest | undefined>>();
        const ofMetric = ofNode.get(name) ?? new Map<string, Newest | undefined>();
        ofMetric.set(interfaceName, later(ofMetric.get(interfaceName), newest[index]));
        values.set(instanceId, ofNode.set(name, ofMetric));
      });
    }
    return new Map(
      [...values].flatMap(([instanceId, ofNode]) => {
        const sampled = sampledOf(ofNode);
        return sampled === undefined ? [] : [[instanceId, sampled]];
      }),
    );
  }

  /** The metrics of that name which are of an interface of a node, each once: one that was put often may be listed often. */
  async #listed(name: MetricName, nodes: readonly SweptNode[]): Promise<readonly Found[]> {
    const find = nodeNames(nodes);
    const pages = await allPages(
      (NextToken) =>
        this.#client.send(
          new ListMetricsCommand({
            Namespace: this.#namespace,
            MetricName: name,
            RecentlyActive: 'PT3H',
            NextToken,
          }),
        ),
      PAGES_MOST,
    );
    const once = new Map<string, Found>();
    for (const { Dimensions = [] } of pages.flatMap(({ Metrics = [] }) => Metrics)) {
      const valueOf = (wanted: string) => Dimensions.find(({ Name }) => Name === wanted)?.Value;
      // What the agent sums up over interfaces has no interface, and is in the others already.
      const interfaceName = valueOf('interface');
      const names = ['InstanceId', 'host'].flatMap((wanted) => valueOf(wanted) ?? []);
      const instanceId = find({ names });
      if (interfaceName === undefined || instanceId === undefined) continue;
      const key = Dimensions.map(({ Name, Value }) => JSON.stringify([Name, Value]))
        .toSorted()
        .join('');
      once.set(key, { instanceId, interfaceName, name, dimensions: Dimensions });
    }
    return [...once.values()];
  }

  /** The newest values of metrics, in their order; nothing of one that has none. */
  async #newest(found: readonly Found[], now: number): Promise<readonly (Newest | undefined)[]> {
    const MetricDataQueries = found.map(({ name, dimensions }, index) => ({
      Id: `m${index}`,
      MetricStat: {
        Metric: { Namespace: this.#namespace, MetricName: name, Dimensions: [...dimensions] },
        Period: PERIOD,
        Stat: 'Maximum',
      },
    }));
    const pages = await allPages((NextToken) =>
      this.#client.send(
        new GetMetricDataCommand({
          MetricDataQueries,
          StartTime: new Date(now - WINDOW),
          EndTime: new Date(now),
          ScanBy: 'TimestampDescending',
          NextToken,
        }),
      ),
    );
    const newest = new Map<string, Newest>();
    for (const { Id = '', Timestamps = [], Values = [] } of pages.flatMap(
      ({ MetricDataResults = [] }) => MetricDataResults,
    ))
      Timestamps.forEach((time, index) => {
        const value = Values[index];
        const best = value === undefined ? undefined : later(newest.get(Id), { at: time.getTime(), value });
        if (best !== undefined) newest.set(Id, best);
      });
    return found.map((_, index) => newest.get(`m${index}`));
  }
}

function later(one: Newest | undefined, other: Newest | undefined): Newest | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.at === other.at) return one.value >= other.value ? one : other;
  return one.at > other.at ? one : other;
}

/**
 * What the interfaces of a node come to. Where one of them has no value, no sum of them is known: it would rise by all that this one
 * has counted since boot once it has one again.
 */
function sampledOf(
  ofNode: ReadonlyMap<MetricName, ReadonlyMap<string, Newest | undefined>>,
): SampledNode | undefined {
  const numbers: Partial<Record<NumberField, number>> = {};
  let at = Number.POSITIVE_INFINITY;
  for (const [name, ofMetric] of ofNode) {
    const all = [...ofMetric.values()];
    const known = all.filter((one) => one !== undefined);
    if (known.length < all.length) continue;
    const { field, ofAll } = METRICS[name];
    numbers[field] = ofAll(known.map(({ value }) => value));
    at = Math.min(at, ...known.map((one) => one.at));
  }
  return Number.isFinite(at) ? { at, numbers } : undefined;
}
