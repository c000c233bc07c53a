import { describe, expect, test } from 'vitest';
import { TARGET_TAG } from '../../../../src/core/resolve/alarm-target.ts';
import type { DescribedAlarm } from '../../../../src/core/resolve/node-lookups.ts';
import { resolveNodes } from '../../../../src/core/resolve/resolve-nodes.ts';
import { buildAlarm, instanceId } from '../../support/diagnoses.ts';
import { HOME, instance, lookupsOf, managed, metricAlarm, resolveIn } from './support.ts';

describe('alarms that watch no metric', () => {
  const other = (name: string, changes: Partial<DescribedAlarm>) =>
    metricAlarm({}, { name, arn: `arn-of-${name}`, metrics: [], ...changes });
  const cluster = {
    instances: [instance(0, 'a', { tags: { 'aws:eks:cluster-name': 'shop' } })],
    managed: [managed(0)],
  };

  test.each([
    ['/aws/containerinsights/shop/dataplane'],
    ['arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/shop/cluster:*'],
  ])('stand for the cluster whose logs in %s they query', async (logGroup) => {
    const alarms = [other('checkout-p99', { logGroups: ['/var/log/app', logGroup] })];
    expect(await resolveIn({ ...cluster, alarms })).toMatchObject({
      nodes: [{ instanceId: instanceId(0) }],
      gaps: [],
    });
  });

  test.each<[string, Partial<DescribedAlarm>, RegExp]>([
    [
      'logs of no cluster',
      { logGroups: ['/aws/lambda/checkout'] },
      /^The alarm checkout-p99 watches logs, and none of/,
    ],
    [
      'what no version knew',
      { unknownKind: 'TraceAlarms' },
      /^The alarm checkout-p99 is of a kind that this version does not know \(TraceAlarms\)/,
    ],
  ])('say so where they watch %s', async (_what, changes, gap) => {
    const { nodes, gaps } = await resolveIn({ ...cluster, alarms: [other('checkout-p99', changes)] });
    expect(nodes).toEqual([]);
    expect(gaps).toEqual([
      expect.stringMatching(gap),
      expect.stringContaining(`give it the tag ${TARGET_TAG}`),
    ]);
  });

  test('are named where CloudWatch does not describe them, alone or below another one', async () => {
    const rule = { rule: 'ALARM(gone) OR ALARM(a)' };
    const a = metricAlarm({ InstanceId: instanceId(0) }, { name: 'a', arn: 'arn-of-a' });
    const below = await resolveIn({ ...cluster, alarms: [other('checkout-p99', rule), a] });
    expect(below).toMatchObject({
      nodes: [{ instanceId: instanceId(0) }],
      gaps: [expect.stringMatching(/^CloudWatch describes no alarm gone: it was deleted, or/)],
    });
    const alone = await resolveNodes(
      () => lookupsOf(cluster),
      { home: HOME, targets: [], maxNodes: 20 },
      buildAlarm({ dimensions: [] }),
    );
    expect(alone.gaps[0]).toMatch(/^CloudWatch describes no alarm checkout-p99: /);
  });
});
