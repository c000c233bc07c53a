import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalServer } from '../../local/http-server.ts';
import { SpokeAccess, SpokeRoles } from '../../src/adapters/spoke-access.ts';
import { ssmClients } from '../../src/adapters/ssm/clients.ts';
import { SsmCollectCommands } from '../../src/adapters/ssm/commands.ts';
import type { ResolvedNodes } from '../../src/core/resolve/resolve-nodes.ts';
import { type Cloud, makeCloud } from './support/cloud.ts';
import { AT_MOTO, MOTO, MOTO_ACCOUNT, startEmpty } from './support/moto.ts';
import { putAlarm } from './support/put-alarm.ts';
import { loadResolve, REGION, startInventory } from './support/resolve-function.ts';

const SPOKE = '222233334444';
const STRANGER = '555566667777';
const roleArn = `arn:aws:iam::${SPOKE}:role/conntrack-medic-spoke`;
const spokes = [{ account: SPOKE, roleArn, externalId: 'medic-0123456789' }];
const home = { partition: 'aws', account: MOTO_ACCOUNT, region: REGION };

describe.skipIf(MOTO === undefined)('an account that is not the service’s own', () => {
  startEmpty();
  let cloud: Cloud;
  let inventory: LocalServer;
  let resolve: (name: string, account?: string) => Promise<ResolvedNodes>;

  beforeAll(async () => {
    const { Credentials } = await new STSClient(AT_MOTO).send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'operator' }),
    );
    const inSpoke = {
      ...AT_MOTO,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    };
    cloud = await makeCloud(inSpoke);
    const dimensions = { LoadBalancer: cloud.balancer, TargetGroup: cloud.nodePorts };
    const latency = { namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', dimensions };
    await putAlarm('spoke-latency', latency, inSpoke);
    inventory = await startInventory(Object.values(cloud.ids));
    resolve = await loadResolve(inventory, { MEDIC_SPOKES: JSON.stringify(spokes) });
  });
  afterAll(() => inventory?.close());

  test('is looked into with its spoke role, and its nodes say where they are', async () => {
    const { nodes, gaps } = await resolve('spoke-latency', SPOKE);
    expect(gaps).toEqual([]);
    expect(nodes).toMatchObject([
      { instanceId: cloud.ids['a'], account: SPOKE, region: REGION },
      { instanceId: cloud.ids['b'], account: SPOKE, region: REGION },
    ]);
  });

  test('has nothing to do with an alarm of the same name at home', async () => {
    expect((await resolve('spoke-latency')).nodes).toEqual([]);
  });

  test('is refused in one sentence when no role is configured for it', async () => {
    const { nodes, gaps } = await resolve('spoke-latency', STRANGER);
    expect(nodes).toEqual([]);
    expect(gaps).toEqual([expect.stringContaining(`account ${STRANGER}, ${REGION} is not among the spokes`)]);
  });

  test('is sent commands there, and the service’s own account sees none of them', async () => {
    const clientAt = ssmClients(
      new SpokeRoles(spokes, (region) => new STSClient({ ...AT_MOTO, region })),
      AT_MOTO,
    );
    const document = { name: 'medic-collect', hash: 'a'.repeat(64) };
    const commands = new SsmCollectCommands(clientAt, document, async () => '1', {
      sampleSeconds: 10,
      deliverySeconds: 120,
    });
    const request = {
      instanceIds: [cloud.ids['a'] ?? ''],
      nonce: 'a1b2c3d4e5f6a7b8',
      incidentId: 'inc-0123456789abcdef0123',
      place: { account: SPOKE, region: REGION },
    };
    const [{ commandId } = { commandId: '' }] = (await commands.collect(request)).commands;
    const sentAt = async (place: typeof request.place | undefined) =>
      (await clientAt(place).send(new ListCommandsCommand({}))).Commands?.map(({ CommandId }) => CommandId);
    expect(await sentAt(request.place)).toEqual([commandId]);
    expect(await sentAt(undefined)).toEqual([]);
  });

  test('gets one set of credentials until shortly before its end', async () => {
    let calls = 0;
    let now = Date.now();
    const stsIn = (region: string) => {
      calls += 1;
      return new STSClient({ ...AT_MOTO, region });
    };
    const access = new SpokeAccess(home, new SpokeRoles(spokes, stsIn, () => now));
    const settings = access.settingsFor({ ...home, account: SPOKE });
    const [first, again] = await Promise.all([settings.credentials?.(), settings.credentials?.()]);
    expect(again).toEqual(first);
    expect(calls).toBe(1);
    const { Account } = await new STSClient({ ...AT_MOTO, ...settings }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(Account).toBe(SPOKE);
    now += 56 * 60_000;
    await settings.credentials?.();
    expect(calls).toBe(2);
  });
});
