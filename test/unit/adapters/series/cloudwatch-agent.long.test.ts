import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, test } from 'vitest';
import { AgentSeries } from '../../../../src/adapters/series/cloudwatch-agent.ts';
import { LOCAL, startResponder } from '../support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

const NOW = Date.parse('2026-11-30T09:00:00Z');
const MINUTE = 60_000;
const EXCEEDED = 'ethtool_conntrack_allowance_exceeded';
const AVAILABLE = 'ethtool_conntrack_allowance_available';
const idOf = (index: number) => `i-${String(index).padStart(17, '0')}`;
const [ONE, TWO] = [idOf(1), idOf(2)];

/** A metric as it is listed, with its values by how many minutes ago they are of. */
interface Kept {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<number, number>>;
}
const kept = (name: string, InstanceId: string, values: Kept['values'], more: object = {}): Kept => ({
  name,
  dimensions: { InstanceId, interface: 'ens5', driver: 'ena', ...more },
  values,
});

interface Asked {
  readonly MetricName?: string;
  readonly NextToken?: string;
  readonly MetricDataQueries?: readonly {
    readonly Id: string;
    readonly MetricStat: {
      readonly Metric: {
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
      };
    };
  }[];
}

/** CloudWatch with these metrics, on pages as the service has them. */
async function seriesOf(metrics: readonly Kept[], nodes: readonly string[] = [ONE, TWO]) {
  server = await startResponder(({ target, body }) => {
    const asked: Asked = JSON.parse(body);
    const from = Number(asked.NextToken ?? 0);
    if (target === 'ListMetrics') {
      const all = metrics.filter(({ name }) => name === asked.MetricName);
      const Metrics = all.slice(from, from + 500).map(({ name, dimensions }) => ({
        Namespace: 'CWAgent',
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      }));
      return {
        status: 200,
        body: { Metrics, ...(from + 500 < all.length && { NextToken: String(from + 500) }) },
      };
    }
    // Half of the values on each of two pages, as where there are too many for one.
    const results = (asked.MetricDataQueries ?? []).map(({ Id, MetricStat: { Metric } }) => {
      const own = metrics.find(
        ({ name, dimensions }) =>
          name === Metric.MetricName &&
          Metric.Dimensions.length === Object.keys(dimensions).length &&
          Metric.Dimensions.every(({ Name, Value }) => dimensions[Name] === Value),
      );
      const points = Object.entries(own?.values ?? {}).filter((_, index) => index % 2 === from);
      return {
        Id,
        Timestamps: points.map(([ago]) => (NOW - Number(ago) * MINUTE) / 1_000),
        Values: points.map(([, value]) => value),
      };
    });
    return { status: 200, body: { MetricDataResults: results, ...(from === 0 && { NextToken: '1' }) } };
  });
  const client = new CloudWatchClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  const fleet = nodes.map((instanceId) => ({
    instanceId,
    isOnline: true,
    hostNames: [`host-of-${instanceId}`],
  }));
  return await new AgentSeries(client, 'CWAgent').read(fleet, NOW);
}

const asked = (target: string): readonly Asked[] =>
  (server?.seen ?? []).filter((one) => one.target === target).map(({ body }) => JSON.parse(body));

describe("the CloudWatch agent's metrics", () => {
  test('are the newest values of all interfaces of a node', async () => {
    const sampled = await seriesOf([
      kept(EXCEEDED, ONE, { 5: 30, 2: 40, 3: 39 }),
      kept(EXCEEDED, ONE, { 3: 2 }, { interface: 'ens6' }),
      kept(AVAILABLE, ONE, { 2: 12_000 }),
      kept(AVAILABLE, ONE, { 2: 90_000 }, { interface: 'ens6' }),
      kept(EXCEEDED, idOf(9), { 2: 7 }),
    ]);
    expect([...sampled]).toEqual([
      [ONE, { at: NOW - 3 * MINUTE, numbers: { enaExceeded: 42, enaAvailable: 12_000 } }],
    ]);
  });

  test('count once for an interface, however it is listed', async () => {
    const own = kept(EXCEEDED, ONE, { 2: 40 });
    const before = kept(EXCEEDED, ONE, { 9: 12 }, { InstanceType: 'm5.large' });
    const { interface: _, ...rolledUp } = own.dimensions;
    const sampled = await seriesOf([
      own,
      own,
      before,
      { ...own, dimensions: rolledUp },
      kept(EXCEEDED, ONE, { 2: 2 }, { interface: 'ens6' }),
    ]);
    expect(sampled.get(ONE)).toEqual({ at: NOW - 2 * MINUTE, numbers: { enaExceeded: 42 } });
    expect(asked('GetMetricData')[0]?.MetricDataQueries).toHaveLength(3);
  });

  test('have no sum where one interface has no value, and none of them is zero', async () => {
    const sampled = await seriesOf([
      kept(EXCEEDED, ONE, { 2: 40 }),
      kept(EXCEEDED, ONE, {}, { interface: 'ens6' }),
      kept(AVAILABLE, ONE, { 2: 12_000 }),
      kept(EXCEEDED, TWO, {}),
    ]);
    expect([...sampled]).toEqual([[ONE, { at: NOW - 2 * MINUTE, numbers: { enaAvailable: 12_000 } }]]);
  });

  test('are those of the host where the agent names no instance', async () => {
    const { InstanceId: _, ...byHost } = kept(EXCEEDED, ONE, {}).dimensions;
    const sampled = await seriesOf([
      { name: EXCEEDED, dimensions: { ...byHost, host: `host-of-${TWO}` }, values: { 1: 5 } },
      kept(EXCEEDED, ONE, { 1: 7 }, { host: `host-of-${TWO}` }),
    ]);
    expect([...sampled.keys()]).toEqual([TWO]);
  });

  test('are asked for 500 at a time, of all pages of the list', async () => {
    const ids = Array.from({ length: 1_201 }, (_, index) => idOf(index));
    const sampled = await seriesOf(
      ids.map((id, index) => kept(EXCEEDED, id, { 1: index })),
      ids,
    );
    expect(sampled.size).toBe(1_201);
    expect(sampled.get(idOf(1_200))?.numbers).toEqual({ enaExceeded: 1_200 });
    const sizes = asked('GetMetricData').map(({ MetricDataQueries = [] }) => MetricDataQueries.length);
    expect(sizes).toEqual([500, 500, 500, 500, 201, 201]);
  });
});
