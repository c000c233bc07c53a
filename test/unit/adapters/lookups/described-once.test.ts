import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, it } from 'vitest';
import { CloudWatchAlarms } from '../../../../src/adapters/lookups/cloudwatch-alarms.ts';
import { CloudWatchMetrics } from '../../../../src/adapters/lookups/cloudwatch-metrics.ts';
import { describedOnce } from '../../../../src/adapters/lookups/described-once.ts';
import { SsmManagedNodes } from '../../../../src/adapters/lookups/ssm-managed-nodes.ts';
import { readLatencyShape } from '../../../../src/core/resolve/latency-metric.ts';
import type { NodeLookups } from '../../../../src/core/resolve/node-lookups.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { LOCAL, startResponder } from '../support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

const ALARM = buildAlarm({ name: 'checkout-p99' });
const PLACE = { partition: 'aws', account: '123456789012', region: 'eu-central-1' };

it('asks what an alarm watches once for its nodes and its latencies, and anew for the next alarm', async () => {
  server = await startResponder(() => ({
    status: 200,
    body: { MetricAlarms: [{ AlarmName: 'checkout-p99', AlarmArn: ALARM.arn, Dimensions: [] }] },
  }));
  const settings = { ...LOCAL, endpoint: server.url, maxAttempts: 1 };
  const client = new CloudWatchClient(settings);
  const aws = { alarms: new CloudWatchAlarms(client), metrics: new CloudWatchMetrics(client) };
  const lookups = { managed: new SsmManagedNodes(new SSMClient(settings)), aws } as unknown as NodeLookups;
  const look = async () => {
    const at = describedOnce(() => lookups);
    await readLatencyShape(at(PLACE).aws, ALARM);
    return await at(PLACE).aws?.alarms.describe([ALARM.name]);
  };
  expect(await look()).toMatchObject([{ name: 'checkout-p99' }]);
  expect(server.seen).toHaveLength(1);
  await look();
  expect(server.seen).toHaveLength(2);
});
