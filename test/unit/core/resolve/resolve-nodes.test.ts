import { describe, expect, test } from 'vitest';
import { TARGET_TAG } from '../../../../src/core/resolve/alarm-target.ts';
import type { Target, TargetGroup } from '../../../../src/core/resolve/node-lookups.ts';
import { buildAlarm, instanceId } from '../../support/diagnoses.ts';
import { idsOf, instance, lookupsOf, managed, metricAlarm, resolveIn } from './support.ts';

const GROUP = 'targetgroup/checkout/73e2d6bc24d8a067';
const BALANCER = 'app/checkout/50dc6c495c0c9188';
const arn = (resource: string) => `arn:aws:elasticloadbalancing:eu-central-1:111122223333:${resource}`;
const group = (kind: TargetGroup['kind'], targets: readonly Target[], behind?: string) => ({
  arn: arn(GROUP),
  kind,
  vpc: 'vpc-1',
  targets,
  ...(behind === undefined ? {} : { behind }),
});
const target = (id: string, isUnhealthy = false): Target => ({ id, isUnhealthy });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('whose word counts', () => {
  const world = {
    alarms: [metricAlarm({ InstanceId: instanceId(0) })],
    instances: range(4).map((index) => instance(index)),
    managed: range(4).map((index) => managed(index)),
    autoScalingGroups: { workers: [instanceId(1)] },
  };

  test('the alarm’s own metric, when nobody says otherwise', async () => {
    expect(idsOf(await resolveIn(world))).toEqual([instanceId(0)]);
  });

  test('the alarm’s tag before its metric', async () => {
    const tags = { [buildAlarm().arn]: 'asg:workers' };
    expect(idsOf(await resolveIn({ ...world, tags }))).toEqual([instanceId(1)]);
  });

  test('the operator’s mapping before the tag', async () => {
    const tags = { [buildAlarm().arn]: 'asg:workers' };
    const targets = [{ alarm: 'checkout-p99', instanceIds: [instanceId(3), instanceId(2)] }];
    expect(idsOf(await resolveIn({ ...world, tags }, { targets }))).toEqual([instanceId(3), instanceId(2)]);
  });

  test('the operator says where nodes belong whose tags do not say', async () => {
    const said = { cluster: 'shop', nodeGroup: 'workers' };
    const instances = [instance(0), instance(1, 'a', { tags: { 'eks:nodegroup-name': 'edge' } })];
    const targets = [{ alarm: 'checkout-p99', instanceIds: [instanceId(0), instanceId(1)], group: said }];
    const { nodes } = await resolveIn({ ...world, instances }, { targets });
    expect(nodes).toMatchObject([said, { cluster: 'shop', nodeGroup: 'edge' }]);
  });

  test('a tag that cannot be read is said and the metric counts', async () => {
    const tags = { [buildAlarm().arn]: 'workers; reboot' };
    const resolved = await resolveIn({ ...world, tags });
    expect(idsOf(resolved)).toEqual([instanceId(0)]);
    expect(resolved.gaps).toEqual([
      expect.stringMatching(`The tag ${TARGET_TAG} .* was ignored: “workers;”`),
    ]);
  });

  test('tags that may not be read are said: they might have said something else', async () => {
    const lookups = lookupsOf(world);
    const alarms = { ...lookups.aws?.alarms, tag: () => Promise.reject(new Error('denied')) };
    const resolved = await resolveIn({ ...lookups, aws: { ...lookups.aws, alarms } } as never);
    expect(idsOf(resolved)).toEqual([instanceId(0)]);
    expect(resolved.gaps).toEqual([
      expect.stringMatching(/^The tags of alarm checkout-p99 could not be looked up: .*denied/),
    ]);
  });

  test('an alarm that stands for nothing says what to do', async () => {
    const resolved = await resolveIn({ alarms: [metricAlarm({ QueueName: 'orders' })] });
    expect(resolved).toEqual({ nodes: [], gaps: [expect.stringContaining(`give it the tag ${TARGET_TAG}`)] });
  });
});

describe('composite alarms', () => {
  const composite = (name: string, rule: string) =>
    metricAlarm({}, { name, arn: `arn-of-${name}`, metrics: [], rule });
  const child = (name: string, index: number, isFiring: boolean) =>
    metricAlarm({ InstanceId: instanceId(index) }, { name, arn: `arn-of-${name}`, isFiring });
  const nodes = {
    instances: range(4).map((index) => instance(index)),
    managed: range(4).map((index) => managed(index)),
  };

  test('stand for the children that fire, through composites of composites', async () => {
    const alarms = [
      composite('checkout-p99', 'ALARM("inner") OR ALARM(c) AND NOT ALARM(d)'),
      composite('inner', 'ALARM(a) OR ALARM(b)'),
      child('a', 0, true),
      child('b', 1, false),
      child('c', 2, true),
      child('d', 3, false),
    ];
    expect(idsOf(await resolveIn({ ...nodes, alarms }))).toEqual([instanceId(0), instanceId(2)]);
  });

  test('stand for all children when none fires any more', async () => {
    const alarms = [
      composite('checkout-p99', 'ALARM(a) OR ALARM(b)'),
      child('a', 0, false),
      child('b', 1, false),
    ];
    expect(idsOf(await resolveIn({ ...nodes, alarms }))).toEqual([instanceId(0), instanceId(1)]);
  });

  test('end where they watch each other', async () => {
    const alarms = [
      composite('checkout-p99', 'ALARM(inner)'),
      composite('inner', 'ALARM(checkout-p99) OR ALARM(inner) OR ALARM(a)'),
      child('a', 0, true),
    ];
    expect(idsOf(await resolveIn({ ...nodes, alarms }))).toEqual([instanceId(0)]);
  });

  test('are not followed for ever, which is said', async () => {
    const alarms = [
      composite('checkout-p99', 'ALARM(n1)'),
      ...range(9).map((index) => composite(`n${index + 1}`, `ALARM(n${index + 2})`)),
    ];
    expect((await resolveIn({ alarms })).gaps).toContainEqual(
      expect.stringContaining('nested more than 5 deep'),
    );
  });

  test('honour the tag of a child', async () => {
    const alarms = [composite('checkout-p99', 'ALARM(a)'), child('a', 0, true)];
    expect(idsOf(await resolveIn({ ...nodes, alarms, tags: { 'arn-of-a': instanceId(2) } }))).toEqual([
      instanceId(2),
    ]);
  });
});

describe('what stands behind a load balancer', () => {
  const world = {
    alarms: [metricAlarm({ LoadBalancer: BALANCER, TargetGroup: GROUP })],
    instances: range(4).map((index) => instance(index)),
    managed: range(4).map((index) => managed(index)),
  };

  test('instances, the unhealthy ones first', async () => {
    const groups = [group('instance', [target(instanceId(0)), target(instanceId(1), true)])];
    expect(idsOf(await resolveIn({ ...world, groups }))).toEqual([instanceId(1), instanceId(0)]);
  });

  test('addresses of pods, with the node of most pods first', async () => {
    const groups = [
      group(
        'ip',
        ['10.0.0.7', '10.0.0.8', '10.0.0.9'].map((id) => target(id)),
      ),
    ];
    const owner = (index: number) => ({ kind: 'instance', instanceId: instanceId(index) }) as const;
    const addresses = new Map([
      ['10.0.0.7', owner(0)],
      ['10.0.0.8', owner(1)],
      ['10.0.0.9', owner(1)],
    ]);
    expect(idsOf(await resolveIn({ ...world, groups, addresses }))).toEqual([instanceId(1), instanceId(0)]);
  });

  test('Fargate and addresses of elsewhere are gaps', async () => {
    const groups = [group('ip', [target('10.0.0.7'), target('192.168.1.1')])];
    const { nodes, gaps } = await resolveIn({
      ...world,
      groups,
      addresses: new Map([['10.0.0.7', { kind: 'no-instance' }]]),
    });
    expect(nodes).toEqual([]);
    expect(gaps).toEqual([
      expect.stringMatching(/run on no instance of this account, as on Fargate \(10\.0\.0\.7\)/),
      expect.stringMatching(/no network interface of its VPC \(192\.168\.1\.1\)/),
    ]);
  });

  test('an address that several VPCs use leads to none of them', async () => {
    const { nodes, gaps } = await resolveIn({
      ...world,
      alarms: [metricAlarm({ PrivateIpAddress: '10.0.0.7' })],
      addresses: new Map([['10.0.0.7', { kind: 'ambiguous', vpcs: ['vpc-1', 'vpc-2'] }]]),
    });
    expect(nodes).toEqual([]);
    expect(gaps).toEqual([expect.stringMatching(/used in several VPCs of this account \(vpc-1, vpc-2\)/)]);
  });

  test('all groups of the load balancer when the alarm names none', async () => {
    const alarms = [metricAlarm({ LoadBalancer: BALANCER })];
    const groups = [group('instance', [target(instanceId(2))], BALANCER)];
    expect(idsOf(await resolveIn({ ...world, alarms, groups }))).toEqual([instanceId(2)]);
  });

  test('an ALB behind an NLB', async () => {
    const alarms = [metricAlarm({ LoadBalancer: 'net/front/0123456789abcdef' })];
    const front = {
      ...group('alb', [target(arn(`loadbalancer/${BALANCER}`))]),
      behind: 'net/front/0123456789abcdef',
      arn: arn('targetgroup/front/0123456789abcdef'),
    };
    const groups = [front, group('instance', [target(instanceId(3))], BALANCER)];
    expect(idsOf(await resolveIn({ ...world, alarms, groups }))).toEqual([instanceId(3)]);
  });

  test('a function is no node, and a group that is gone is said', async () => {
    expect((await resolveIn({ ...world, groups: [group('lambda', [])] })).gaps).toEqual([
      expect.stringContaining('calls a Lambda function'),
    ]);
    expect((await resolveIn(world)).gaps).toEqual([
      expect.stringContaining(`There is no target group ${GROUP}`),
    ]);
  });
});

describe('other metrics', () => {
  const tags = {
    'aws:eks:cluster-name': 'shop',
    'eks:nodegroup-name': 'workers',
    'aws:autoscaling:groupName': 'eks-workers-1',
  };
  const world = {
    instances: [
      instance(0, 'a', { tags, privateDnsName: 'ip-10-0-0-7.eu-central-1.compute.internal' }),
      instance(1),
    ],
    managed: range(2).map((index) => managed(index)),
    autoScalingGroups: { 'eks-workers-1': [instanceId(0)] },
  };

  test.each([
    ['Container Insights of a cluster', { ClusterName: 'shop', Namespace: 'web', PodName: 'checkout' }],
    [
      'Container Insights of a node',
      { ClusterName: 'shop', NodeName: 'ip-10-0-0-7.eu-central-1.compute.internal' },
    ],
    ['a node named after its instance', { NodeName: `${instanceId(0)}.eu-central-1.compute.internal` }],
    ['an instance of a group', { AutoScalingGroupName: 'other', InstanceId: instanceId(0) }],
    ['an Auto Scaling group', { AutoScalingGroupName: 'eks-workers-1' }],
    ['Application Signals on EKS', { Environment: 'eks:shop/web', Service: 'checkout', Operation: 'GET /' }],
    ['Application Signals on EC2', { Environment: 'ec2:eks-workers-1', Service: 'checkout' }],
  ] as const)('%s', async (_what, dimensions) => {
    const { nodes, gaps } = await resolveIn({ ...world, alarms: [metricAlarm(dimensions)] });
    expect(gaps).toEqual([]);
    expect(nodes).toEqual([
      {
        instanceId: instanceId(0),
        zone: 'eu-central-1a',
        instanceType: 'm6i.large',
        name: 'ip-10-0-0-0.eu-central-1.compute.internal',
        cluster: 'shop',
        nodeGroup: 'workers',
        autoScalingGroup: 'eks-workers-1',
        platform: 'Amazon Linux',
      },
    ]);
  });

  test('metric math stands for all its inputs', async () => {
    const metrics = [
      { dimensions: { InstanceId: instanceId(0) } },
      { dimensions: { InstanceId: instanceId(1) } },
    ];
    expect(idsOf(await resolveIn({ ...world, alarms: [metricAlarm({}, { metrics })] }))).toEqual([
      instanceId(0),
      instanceId(1),
    ]);
  });

  test('an alarm that CloudWatch does not know, as of another system, is taken by its event', async () => {
    const { gaps } = await resolveIn(world);
    expect(gaps).toEqual([
      expect.stringContaining('No target group is behind load balancer app/checkout/0123456789abcdef'),
    ]);
  });

  test.each([
    ['Fargate', { NodeName: 'fargate-ip-10-0-0-9.eu-central-1.compute.internal' }, 'is Fargate'],
    ['an unknown cluster', { ClusterName: 'shop2' }, 'No running instance belongs to cluster shop2'],
    [
      'an unknown group',
      { AutoScalingGroupName: 'none' },
      'No running instance belongs to Auto Scaling group none',
    ],
  ] as const)('%s is a gap with what to do', async (_what, dimensions, sentence) => {
    expect((await resolveIn({ ...world, alarms: [metricAlarm(dimensions)] })).gaps).toEqual([
      expect.stringContaining(sentence),
    ]);
  });
});
