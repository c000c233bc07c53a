import { AlarmType, CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, expect, it } from 'vitest';
import type { LocalServer } from '../../../../local/http-server.ts';
import { CloudWatchAlarms } from '../../../../src/adapters/lookups/cloudwatch-alarms.ts';
import { type Answer, LOCAL, type SeenRequest, startResponder } from '../support.ts';

let server: (LocalServer & { readonly seen: SeenRequest[] }) | undefined;
afterEach(() => server?.close());

async function describeIn(respond: (types: readonly string[]) => Answer) {
  server = await startResponder(({ body }) => respond(JSON.parse(body).AlarmTypes));
  const client = new CloudWatchClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  return await new CloudWatchAlarms(client).describe(['latency']);
}

const named = (AlarmName: string) => ({ AlarmName, AlarmArn: `arn-of-${AlarmName}`, StateValue: 'ALARM' });

it('asks for every type of alarm that there is, and tells each by what it watches', async () => {
  const described = await describeIn((types) => ({
    status: 200,
    body: {
      ...(types.includes('MetricAlarm') && {
        MetricAlarms: [{ ...named('m'), Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] }],
      }),
      ...(types.includes('CompositeAlarm') && {
        CompositeAlarms: [{ ...named('c'), AlarmRule: 'ALARM(m)' }],
      }),
      ...(types.includes('LogAlarm') && {
        LogAlarms: [
          {
            ...named('l'),
            ScheduledQueryConfiguration: { LogGroupIdentifiers: ['/aws/containerinsights/shop/dataplane'] },
          },
        ],
      }),
    },
  }));
  expect(JSON.parse(server?.seen[0]?.body ?? '').AlarmTypes.toSorted()).toEqual(
    Object.values(AlarmType).toSorted(),
  );
  expect(described).toEqual([
    { name: 'm', arn: 'arn-of-m', isFiring: true, metrics: [{ dimensions: { InstanceId: 'i-1' } }] },
    { name: 'c', arn: 'arn-of-c', isFiring: true, metrics: [], rule: 'ALARM(m)' },
    {
      name: 'l',
      arn: 'arn-of-l',
      isFiring: true,
      metrics: [],
      logGroups: ['/aws/containerinsights/shop/dataplane'],
    },
  ]);
});

it('asks for the oldest types where a region does not have the others yet', async () => {
  const described = await describeIn((types) =>
    types.includes('LogAlarm')
      ? {
          status: 400,
          errorType: 'ValidationError',
          body: { message: 'Value at alarmTypes failed to satisfy constraint' },
        }
      : { status: 200, body: { MetricAlarms: [named('m')] } },
  );
  expect(described.map(({ name }) => name)).toEqual(['m']);
});

it('says what CloudWatch says when it refuses', async () => {
  await expect(
    describeIn(() => ({ status: 400, errorType: 'AccessDenied', body: { message: 'no right' } })),
  ).rejects.toThrow('no right');
  expect(server?.seen).toHaveLength(1);
});
