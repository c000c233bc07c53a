import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalServer } from '../../../local/http-server.ts';
import { startSsmEndpoint } from '../../../local/ssm/endpoint.ts';
import type { LocalNode } from '../../../local/ssm/local-node.ts';
import { type AlarmTarget, SsmFleet } from '../../../src/adapters/ssm-fleet.ts';
import { buildAlarm, instanceId } from '../support/diagnoses.ts';
import { LOCAL } from './support.ts';

const GONE = 'i-0fffffffffffffff0';

const node = (index: number, ping: 'Online' | 'ConnectionLost'): LocalNode => ({
  instanceId: instanceId(index),
  tags: { role: 'worker', Name: `worker-${index}` },
  platform: { name: 'Debian GNU/Linux', version: '12', agentVersion: '3.3.3572.0' },
  ping: () => ping,
  run: () => Promise.reject(new Error('This test sends nothing.')),
});

let endpoint: LocalServer;
let client: SSMClient;

beforeAll(async () => {
  const nodes = [
    ...Array.from({ length: 60 }, (_, index) => node(index, 'Online')),
    node(60, 'ConnectionLost'),
  ];
  endpoint = await startSsmEndpoint({ documents: new Map(), nodes });
  client = new SSMClient({ ...LOCAL, endpoint: endpoint.url });
});
afterAll(() => endpoint.close());

const resolve = (target: Partial<AlarmTarget> | undefined, dimensions: string[] = [], maxNodes = 20) => {
  const targets = target === undefined ? [] : [{ alarm: 'checkout-p99', ...target }];
  const named = dimensions.map((value) => ({ name: 'InstanceId', value }));
  return new SsmFleet(client, targets, maxNodes).resolve(buildAlarm({ dimensions: named }));
};
const ids = (nodes: readonly { instanceId: string }[]) => nodes.map((one) => one.instanceId);

describe('SsmFleet', () => {
  test('takes the operator’s word before the alarm’s own instance', async () => {
    const { nodes, gaps } = await resolve({ instanceIds: [instanceId(3), instanceId(1)] }, [instanceId(2)]);
    expect(nodes).toEqual([
      { instanceId: instanceId(3), name: expect.stringMatching(/./) },
      { instanceId: instanceId(1), name: expect.stringMatching(/./) },
    ]);
    expect(gaps).toEqual([]);
  });

  test('matches the alarm by its ARN too', async () => {
    const { nodes } = await resolve({ alarm: buildAlarm().arn, instanceIds: [instanceId(3)] });
    expect(ids(nodes)).toEqual([instanceId(3)]);
  });

  test('takes the instances that the alarm’s dimensions name', async () => {
    const { nodes } = await resolve(undefined, [instanceId(2), instanceId(2), 'not an id']);
    expect(ids(nodes)).toEqual([instanceId(2)]);
  });

  test('finds nodes by tag, asks no more than it may and says how many were left out', async () => {
    const { nodes, gaps } = await resolve({ tag: { key: 'role', value: 'worker' } }, [], 5);
    expect(nodes).toHaveLength(5);
    expect(gaps).toContain('55 more nodes were left out: MEDIC_MAX_NODES is 5.');
  });

  test('tells of each node that is offline or not managed', async () => {
    const { nodes, gaps } = await resolve({ instanceIds: [instanceId(0), instanceId(60), GONE] });
    expect(ids(nodes)).toEqual([instanceId(0)]);
    expect(gaps).toEqual([
      expect.stringContaining(`${instanceId(60)} was not asked: its SSM agent is offline`),
      expect.stringContaining(`${GONE} is not managed by Systems Manager`),
    ]);
  });

  test.each([
    ['no target and no instance', undefined, 'MEDIC_ALARM_TARGETS has no entry for it'],
    ['a tag that nobody carries', { tag: { key: 'role', value: 'nobody' } }, 'has the tag role=nobody'],
  ])('says what to set when there is %s', async (_what, target, sentence) => {
    const { nodes, gaps } = await resolve(target);
    expect(nodes).toEqual([]);
    expect(gaps).toEqual([expect.stringContaining(sentence)]);
  });
});
