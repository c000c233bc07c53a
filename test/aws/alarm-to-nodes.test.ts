import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalServer } from '../../local/http-server.ts';
import { type AlarmKind, alarmKinds } from './support/alarm-kinds.ts';
import { type Cloud, makeCloud } from './support/cloud.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';
import { type OtherAlarm, startWithOthers } from './support/other-alarms.ts';
import { putAlarm } from './support/put-alarm.ts';
import { FIRED_AT, loadResolve, type Resolved, startInventory } from './support/resolve-function.ts';

describe.skipIf(MOTO === undefined)(
  'the built resolve function finds the nodes of every kind of alarm',
  () => {
    startEmpty();
    let cloud: Cloud;
    let kinds: readonly AlarmKind[];
    let inventory: LocalServer;
    let cloudWatch: LocalServer;
    let resolve: (name: string) => Promise<Resolved>;
    const alarmOf = (kind: AlarmKind) => `kind-${kinds.indexOf(kind)}`;

    beforeAll(async () => {
      cloud = await makeCloud(AT_MOTO);
      kinds = alarmKinds(cloud);
      const { unmanaged: _withoutAgent, ...withAgent } = cloud.ids;
      inventory = await startInventory(Object.values(withAgent));
      const alarms = kinds.flatMap((kind) => [
        [alarmOf(kind), kind.alarm] as const,
        ...Object.entries(kind.others ?? {}),
      ]);
      const others: Record<string, OtherAlarm> = {
        'over-lone': { rule: 'ALARM(lone)' },
        'over-nothing': { rule: 'ALARM(gone)' },
      };
      for (const [name, parts] of alarms) {
        const { rule, logGroups } = parts;
        if (rule !== undefined) others[name] = { rule };
        else if (logGroups !== undefined) others[name] = { logGroups };
        else await putAlarm(name, parts);
      }
      cloudWatch = await startWithOthers(others);
      const mapped = kinds.find(({ kind }) => kind.includes('alarmTargets'));
      const targets = mapped === undefined ? [] : [{ alarm: alarmOf(mapped), instanceIds: [cloud.ids['b']] }];
      resolve = await loadResolve(inventory, {
        AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
        MEDIC_ALARM_TARGETS: JSON.stringify(targets),
      });
    });
    afterAll(async () => {
      await inventory?.close();
      await cloudWatch?.close();
    });

    const nameOf = (id: string) => Object.entries(cloud.ids).find(([, one]) => one === id)?.[0] ?? id;

    test('each of them, and docs/alarm-to-nodes.md says so', async () => {
      const rows: string[] = [];
      for (const kind of kinds) {
        const { nodes, gaps } = await resolve(alarmOf(kind));
        const names = nodes.map(({ instanceId }) => nameOf(instanceId));
        expect({ kind: kind.kind, names, gaps }).toEqual({
          kind: kind.kind,
          names: kind.nodes,
          gaps: kind.gaps.map((gap) => expect.stringMatching(gap)),
        });
        rows.push(`| ${kind.kind} | ${kind.says} | ${kind.way} |`);
      }
      await expect(page(rows)).toMatchFileSnapshot('../../docs/alarm-to-nodes.md');
    });

    test('the latencies behind it are asked for, those of a composite alarm and of metric math as well', async () => {
      const alarms = {
        lone: { namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', dimensions: { Zone: 'a' } },
        math: { inputs: [{ InstanceId: cloud.ids['c'] ?? '' }] },
      };
      for (const [name, parts] of Object.entries(alarms)) await putAlarm(name, parts);
      await new CloudWatchClient(AT_MOTO).send(
        new PutMetricDataCommand({
          Namespace: 'AWS/ApplicationELB',
          MetricData: [1, 2, 3].map((minutes) => ({
            MetricName: 'TargetResponseTime',
            Dimensions: [{ Name: 'Zone', Value: 'a' }],
            Timestamp: new Date(FIRED_AT - minutes * 60_000),
            Value: 0.02,
            Unit: 'Seconds',
          })),
        }),
      );
      const latencyOf = (name: string) => async () => (await resolve(name)).latency;
      // What CloudWatch does not say in time is left out, so a busy machine may be asked again.
      for (const [name, why] of [
        ['lone', /^AWS\/ApplicationELB TargetResponseTime: CloudWatch has no percentiles of it/],
        ['over-lone', /^AWS\/ApplicationELB TargetResponseTime: CloudWatch has no percentiles of it/],
        ['math', /^CWAgent latency: whether it is in seconds or milliseconds is not known/],
        ['over-nothing', /^the alarm over-nothing is a composite one, and CloudWatch describes none/],
      ] as const)
        await expect
          .poll(latencyOf(name), { timeout: 30_000 })
          .toEqual({ kind: 'unread', why: expect.stringMatching(why) });
    });

    test('a node says where it belongs', async () => {
      const { nodes } = await resolve('kind-0');
      expect(nodes[0]).toEqual({
        instanceId: cloud.ids['a'],
        zone: 'eu-central-1a',
        instanceType: 'm6i.large',
        launchedAt: expect.stringMatching(/^20\d\d-[\dT:-]+\.\d{3}Z$/),
        bandwidth: { baselineGbps: 0.781, burstGbps: 12.5, from: 'ec2' },
        name: expect.stringMatching(/^ip-/),
        cluster: 'shop',
        nodeGroup: 'workers',
        nodePool: 'general',
        platform: 'Amazon Linux',
      });
    });
  },
);

const page = (rows: readonly string[]) => `# From an alarm to its nodes

Who is asked when an alarm fires. The table is made from the cases of \`npm run test:aws\`, which runs the built resolve
function against each of them: \`npm run test:aws -- -u\` draws it anew.

| alarm | what names the nodes | how they are found |
|---|---|---|
${rows.join('\n')}

An entry of the configuration counts more than the alarm's tag, and the tag more than its metrics. Within one metric the most
exact dimension counts: instance, node, target group, load balancer, Auto Scaling group, cluster.

At most 100 nodes are asked (\`MEDIC_MAX_NODES\`): nodes with unhealthy targets first, then nodes that the alarm names by
themselves, then the others, with the zones taking turns. The card says how many were left out and in which zones.

An incident asks nodes of the alarm's own account and region. In another account the service assumes the spoke role, and the
card says account and region.
`;
