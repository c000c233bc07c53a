import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { AgentSeries } from '../../src/adapters/series/cloudwatch-agent.ts';
import { sightOfSamples } from '../../src/core/fleet/sampled.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';

const NODE = 'i-0123456789abcdef0';

describe.skipIf(MOTO === undefined)('what the CloudWatch agent puts into CloudWatch', () => {
  startEmpty();
  const client = new CloudWatchClient(AT_MOTO);

  /** As the agent puts it, with the dimensions that it appends. */
  const put = async (interfaceName: string, at: number, value: number): Promise<void> => {
    const Dimensions = Object.entries({ InstanceId: NODE, driver: 'ena', interface: interfaceName }).map(
      ([Name, Value]) => ({ Name, Value }),
    );
    const metric = { MetricName: 'ethtool_conntrack_allowance_exceeded', Dimensions };
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'CWAgent',
        MetricData: [{ ...metric, Timestamp: new Date(at), Value: value }],
      }),
    );
  };

  test('is one value of each interface, however often it was put', async () => {
    const now = Date.now();
    for (const [minutes, value] of [
      [6, 10],
      [4, 12],
      [2, 40],
    ] as const)
      await put('ens5', now - minutes * 60_000, value);
    await put('ens6', now - 2 * 60_000, 2);
    const nodes = [{ instanceId: NODE, isOnline: true }];
    const sampled = await new AgentSeries(client, 'CWAgent').read(nodes, now);
    expect(sampled.get(NODE)?.numbers).toEqual({ enaExceeded: 42 });
    const { reading } = sightOfSamples(sampled.get(NODE) ?? { at: 0, numbers: {} }, now);
    expect(reading).toMatchObject({ enaExceeded: 42, gaps: { count: 'not-sampled', max: 'not-sampled' } });
    expect((await new AgentSeries(client, 'Elsewhere').read(nodes, now)).size).toBe(0);
  });
});
