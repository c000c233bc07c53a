import { describe, expect, test } from 'vitest';
import { instanceId } from '../../support/diagnoses.ts';
import { HOME, idsOf, instance, lookupsOf, managed, metricAlarm, resolveIn } from './support.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('who can be asked', () => {
  const named = (...indices: number[]) => [{ alarm: 'checkout-p99', instanceIds: indices.map(instanceId) }];

  test('each node that cannot be is named with the reason and the way out', async () => {
    const world = {
      instances: [
        instance(0),
        instance(1, 'a', { state: 'stopped' }),
        instance(2, 'a', { operator: 'eks.amazonaws.com' }),
        instance(3, 'a', { isWindows: true }),
        instance(4),
        instance(5),
      ],
      managed: [managed(0), managed(5, { ping: 'ConnectionLost' })],
    };
    const { nodes, gaps } = await resolveIn(world, { targets: named(0, 1, 2, 3, 4, 5, 6) });
    expect(nodes.map((node) => node.instanceId)).toEqual([instanceId(0)]);
    expect(gaps).toEqual([
      expect.stringMatching(
        `^${instanceId(4)} was not asked: Systems Manager does not manage it; give the node role`,
      ),
      expect.stringMatching(`^${instanceId(5)} was not asked: its SSM agent is offline`),
      expect.stringMatching(`^${instanceId(2)} was not asked: EKS Auto Mode`),
      expect.stringMatching(`^${instanceId(3)} was not asked: Windows`),
      expect.stringMatching(`^${instanceId(1)} was not asked: the instance is not running`),
      expect.stringMatching(`^${instanceId(6)} was not asked: EC2 has no such instance any more`),
    ]);
  });

  test('a node without a tag that the service may reach is named with that tag and what to do', async () => {
    const nodeTags = [
      { key: 'eks:cluster-name', values: ['shop', 'web'] },
      { key: 'karpenter.sh/nodepool', values: 'any' as const },
    ];
    const world = {
      instances: [
        instance(0, 'a', { tags: { 'eks:cluster-name': 'web' } }),
        instance(1, 'a', { tags: { 'karpenter.sh/nodepool': '' } }),
        instance(2, 'a', { tags: { 'eks:cluster-name': 'shopping' } }),
        instance(3),
      ],
      managed: range(4).map((index) => managed(index)),
    };
    const resolved = await resolveIn(world, { targets: named(0, 1, 2, 3), nodeTags });
    expect(idsOf(resolved)).toEqual([instanceId(0), instanceId(1)]);
    expect(resolved.gaps).toEqual([
      `${instanceId(2)}, ${instanceId(3)} were not asked: they lack the tag eks:cluster-name=shop or web, or karpenter.sh/nodepool with any value, without which IAM lets the service send no command; tag them, or name a tag that such nodes carry in nodeTags of the configuration.`,
    ]);
  });

  test('a machine that is no instance is judged by its tags in Systems Manager', async () => {
    const [hybrid, other] = ['mi-0123456789abcdef0', 'mi-0123456789abcdef1'] as const;
    const world = {
      managed: [managed(0, { instanceId: hybrid }), managed(1, { instanceId: other })],
      tagged: [hybrid],
    };
    const targets = [{ alarm: 'checkout-p99', instanceIds: [hybrid, other] }];
    const resolved = await resolveIn(world, { targets, nodeTags: [{ key: 'medic', values: ['yes'] }] });
    expect(idsOf(resolved)).toEqual([hybrid]);
    expect(resolved.gaps).toEqual([
      expect.stringMatching(/^mi-\w+1 was not asked: it lacks the tag medic=yes/),
    ]);
  });

  test('a bound takes from every zone and says what it left out', async () => {
    const world = {
      alarms: [metricAlarm({ ClusterName: 'shop' })],
      instances: range(90).map((index) =>
        instance(index, index < 60 ? 'a' : index < 80 ? 'b' : 'c', {
          tags: { 'aws:eks:cluster-name': 'shop' },
        }),
      ),
      managed: range(90).map((index) => managed(index)),
    };
    const { nodes, gaps } = await resolveIn(world, { maxNodes: 6 });
    expect(nodes.map(({ zone }) => zone?.at(-1)).join('')).toBe('abcabc');
    expect(gaps).toEqual([
      '84 more nodes were left out (58 in eu-central-1a, 18 in eu-central-1b, 8 in eu-central-1c): one incident asks at most 6, worst first (MEDIC_MAX_NODES).',
    ]);
  });

  test('nodes that cannot be asked do not use up the bound', async () => {
    const world = {
      instances: range(80).map((index) => instance(index)),
      managed: range(30).map((index) => managed(index + 50)),
    };
    const resolved = await resolveIn(world, { targets: named(...range(80)), maxNodes: 20 });
    expect(resolved.nodes).toHaveLength(20);
    expect(resolved.gaps[0]).toMatch(/and 47 more were not asked: Systems Manager does not manage/);
  });

  test('nodes elsewhere than the service carry account and region', async () => {
    const world = { instances: [instance(0)], managed: [managed(0)] };
    const home = { ...HOME, account: '999988887777' };
    const { nodes } = await resolveIn(world, { targets: named(0), home });
    expect(nodes[0]).toMatchObject({ account: HOME.account, region: HOME.region });
  });

  test('without EC2 nodes are asked all the same, and what is not known is said', async () => {
    const lookups = lookupsOf({ managed: [managed(0)] });
    const instances = {
      ...lookups.aws?.instances,
      byIds: () => Promise.reject(new Error('UnauthorizedOperation')),
    };
    const resolved = await resolveIn({ ...lookups, aws: { ...lookups.aws, instances } } as never, {
      targets: named(0),
    });
    expect(idsOf(resolved)).toEqual([instanceId(0)]);
    expect(resolved.gaps).toEqual([
      expect.stringMatching(/^Zones, types and clusters of the nodes could not be looked up/),
    ]);
  });

  test('where Systems Manager is all there is, the mapping works and the rest says so', async () => {
    const lookups = { managed: lookupsOf({ managed: [managed(0), managed(1)] }).managed };
    expect(idsOf(await resolveIn(lookups, { targets: named(1) }))).toEqual([instanceId(1)]);
    const tag = [{ alarm: 'checkout-p99', tag: { key: 'role', value: 'worker' } }];
    expect(idsOf(await resolveIn(lookups, { targets: tag }))).toEqual([instanceId(0), instanceId(1)]);
    expect((await resolveIn(lookups)).gaps).toEqual([
      expect.stringContaining('map the alarm to instance ids or a tag in MEDIC_ALARM_TARGETS'),
    ]);
  });
});
