import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { STACK_OUTPUTS } from '../../cdk/outputs.ts';
import { stackOutputs } from '../../cli/deployment/stack-outputs.ts';
import type { Check } from '../../cli/doctor/check.ts';
import type { Deployment } from '../../cli/doctor/deployment.ts';
import { openStack } from '../../cli/doctor/open-deployment.ts';
import { checkAll } from '../../cli/doctor-command.ts';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import type { LocalNode } from '../../local/ssm/local-node.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { tableDefinition } from '../../src/adapters/dynamo/table.ts';
import { openIncident } from '../../src/core/incident/open-incident.ts';
import { ModelNode } from '../e2e/support/model-node.ts';
import { buildAlarm } from '../unit/support/diagnoses.ts';
import { AT_MOTO, MOTO, MOTO_ACCOUNT, startEmpty } from './support/moto.ts';
import { REGION } from './support/resolve-function.ts';

const MEDIC = fileURLToPath(new URL('../../cli/medic.mjs', import.meta.url));
const STACK = 'Shop-Medic';
/** Other stacks of the same account, which the command line can be pointed at by mistake. */
const OTHER_STACK = 'Shop-Network';
const SECRET = 'conntrack-medic/slack';
const SIGNING = 'conntrack-medic/slack-signing';
const IMAGE = 'ami-760aaa0f';

describe.skipIf(MOTO === undefined)('the command line finds a deployment by its stack', () => {
  startEmpty();
  const cloudFormation = new CloudFormationClient(AT_MOTO);
  const secrets = new SecretsManagerClient(AT_MOTO);
  let root: string;
  let service: LocalService;
  const instances: Record<string, string> = {};

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'medic-stack-test-'));
    for (const [name, cluster] of [
      ['asked', 'shop'],
      ['never-seen', 'shop'],
      ['other', 'billing'],
    ] as const)
      instances[name] = await runInstance(cluster);
    service = await startService({
      nodes: {
        label: 'model nodes of the tests',
        nodes: [managed(instances['asked'] ?? ''), managed(instances['other'] ?? '')],
        alarm: { name: 'unused', reason: '' },
        before: async () => [],
        evidenceOfHealing: async () => ({ healed: false, lines: [] }),
        close: async () => {},
      },
      workDir: await openWorkDir(root),
      port: 0,
      onFailure: () => {},
    });
    await deploy(service);
    vi.stubEnv('AWS_REGION', REGION);
    vi.stubEnv('AWS_ACCESS_KEY_ID', service.endpoints.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', service.endpoints.credentials.secretAccessKey);
    vi.stubEnv('AWS_ENDPOINT_URL', MOTO ?? '');
    vi.stubEnv('AWS_ENDPOINT_URL_SSM', service.endpoints.ssm);
  });
  afterAll(async () => {
    await service?.close();
    vi.unstubAllEnvs();
    await rm(root, { recursive: true, force: true });
  });

  /** An instance that an agent runs on, which answers as the recorded node did. */
  function managed(instanceId: string): LocalNode {
    const node = new ModelNode(1);
    return {
      instanceId,
      // Its own tags too: by them the local role may send commands.
      tags: { ...node.tags, medic: 'yes' },
      platform: node.platform,
      ping: () => node.ping(),
      run: async (document, parameters) => await node.run(document, parameters),
    };
  }

  async function runInstance(cluster: string): Promise<string> {
    const tags = { medic: 'yes', [`kubernetes.io/cluster/${cluster}`]: 'owned' };
    const { Instances: [instance] = [] } = await new EC2Client(AT_MOTO).send(
      new RunInstancesCommand({
        ImageId: IMAGE,
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [
          {
            ResourceType: 'instance',
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          },
        ],
      }),
    );
    return instance?.InstanceId ?? '';
  }

  /** A stack with the outputs of ours: the table is a resource of it, everything else is where the service runs. */
  async function deploy({ endpoints }: LocalService): Promise<void> {
    const { TableName: _named, ...Properties } = tableDefinition('');
    const { botToken, signingSecret, webhookSecret, documents } = endpoints;
    const values: Record<string, unknown> = {
      IncidentTable: { Ref: 'Table' },
      // As the CDK makes it of a name: without the suffix that the service adds.
      SlackSecret: `arn:aws:secretsmanager:${REGION}:${MOTO_ACCOUNT}:secret:${SECRET}`,
      SigningSecret: `arn:aws:secretsmanager:${REGION}:${MOTO_ACCOUNT}:secret:${SIGNING}`,
      SlackUrl: endpoints.slackRequest,
      WebhookUrl: endpoints.webhook,
      SlackChannel: endpoints.channel,
      SlackTeam: endpoints.team,
      Approvers: endpoints.approvers.join(','),
      NodeTag: 'medic=yes',
      CollectDocument: documents.collect,
      ProbeDocument: documents.probe,
      Sweep: JSON.stringify({ everyMinutes: 5, source: { kind: 'ssm' } }),
      TraceDocument: documents.trace,
      RaiseDocument: documents.raise,
      SettingsDocument: documents.settings,
      DeleteUdpEntryDocument: documents.deleteUdpEntry,
      RollbackDocument: documents.rollback,
    };
    for (const [Name, value] of [
      [SECRET, { botToken, webhookSecret }],
      [SIGNING, { signingSecret }],
    ] as const)
      await secrets.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }));
    const Outputs = Object.fromEntries(
      Object.entries(STACK_OUTPUTS).map(([key, Description]) => [
        key,
        { Description, Value: values[key] ?? 'not used here' },
      ]),
    );
    const Table = { Type: 'AWS::DynamoDB::Table', Properties };
    await createStack(STACK, { Resources: { Table }, Outputs });
    await createStack(OTHER_STACK, {
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: { TopicArn: { Value: { Ref: 'Topic' } } },
    });
  }

  async function createStack(StackName: string, template: object): Promise<void> {
    const TemplateBody = JSON.stringify(template);
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
  }

  const idsOf = (checks: readonly Check[]) => checks.map(({ id, ok }) => `${id} ${ok}`);
  const idOf = (name: string) => instances[name] ?? '';

  async function medic(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [MEDIC, ...args],
        { env: { ...process.env, ...variables } },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  describe('medic doctor', () => {
    test('knows who asks, the outputs, the secret, and checks everything with them', async () => {
      const { checks, deployment } = await openStack(STACK, undefined);
      expect(idsOf(checks)).toEqual(['credentials true', 'stack true', 'secret true', 'signing-secret true']);
      expect(checks[0]?.what).toContain(`arn:aws:sts::${MOTO_ACCOUNT}:`);
      expect(checks[0]?.what).toContain(` in ${REGION}.`);
      const slack = new WebClient(deployment?.slack.token, {
        slackApiUrl: service.endpoints.slackApi,
        retryConfig: { retries: 0 },
      });
      const all = await checkAll({ ...(deployment as Deployment), slack });
      const wrong = all.filter(({ ok }) => ok !== true);
      expect(wrong.map(({ what }) => what)).toEqual([
        `Cluster shop: 1 of 2 running nodes can be sent a command, and ${idOf('never-seen')} cannot.`,
        'No sweep over the fleet has left anything yet.',
      ]);
      const good = all.filter(({ ok }) => ok === true).map(({ what }) => what);
      expect(good).toContain('Cluster billing: 1 of 1 running node can be sent a command.');
      expect(good).toContain('2 of 2 nodes with the tag medic=yes can be sent a command.');
      expect(good).toContainEqual(expect.stringMatching(/was read: \d+ sections, complete\./));
    });

    test.each([
      [
        'a stack that is not there',
        'No-Such-Stack',
        /^The stack No-Such-Stack cannot be read: .*does not exist/,
      ],
      ['a stack of something else', OTHER_STACK, /^The stack Shop-Network has no output SlackUrl, /],
    ])('says that %s is none of ours', async (_what, stack, what) => {
      const { checks, deployment } = await openStack(stack, REGION);
      expect(deployment).toBeUndefined();
      expect(idsOf(checks)).toEqual(['credentials true', 'stack false']);
      expect(checks[1]?.what).toMatch(what);
    });

    test.each([
      ['a key is missing', SECRET, '{"token":"xoxb-hidden"}'],
      ['it is no JSON', SECRET, 'xoxb-hidden'],
      ['the webhook is too easy to guess', SECRET, '{"botToken":"xoxb-hidden","webhookSecret":"short"}'],
      ['the signing secret is a placeholder', SIGNING, '{"signingSecret":"hidden"}'],
    ])('says when a secret is not usable: %s, and prints nothing of it', async (_what, id, SecretString) => {
      const { SecretString: before } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
      await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString }));
      const { checks, deployment } = await openStack(STACK, undefined);
      await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: before }));
      expect(deployment).toBeUndefined();
      const isSlack = id === SECRET;
      expect(idsOf(checks)).toEqual([
        'credentials true',
        'stack true',
        `secret ${!isSlack}`,
        `signing-secret ${isSlack}`,
      ]);
      expect(checks.find(({ ok }) => ok === false)?.what).toMatch(
        isSlack
          ? /is no JSON object with botToken, or /
          : /is no JSON object with a signingSecret of 32 characters/,
      );
      expect(JSON.stringify(checks)).not.toContain('hidden');
    });

    test('says when the signing secret is where other functions read it, and goes on', async () => {
      const { SecretString: before = '' } = await secrets.send(
        new GetSecretValueCommand({ SecretId: SECRET }),
      );
      const SecretString = JSON.stringify({ ...JSON.parse(before), signingSecret: 'hidden' });
      await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString }));
      const { checks, deployment } = await openStack(STACK, undefined);
      await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString: before }));
      expect(deployment).toBeDefined();
      expect(checks[2]).toMatchObject({ id: 'secret', ok: false });
      expect(checks[2]?.what).toContain('The Slack secret holds a signingSecret');
      expect(JSON.stringify(checks)).not.toContain('hidden');
    });

    test('says when AWS cannot be asked at all', async () => {
      const { code, stdout } = await medic(['doctor'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
      expect(stdout).toMatch(
        /^– AWS was not reached, so whether it takes the credentials is not known: .+\n {4}Look at/,
      );
      expect(code).toBe(1);
    });
  });

  describe('medic audit', () => {
    const incident = openIncident(buildAlarm(), '2026-11-23T14:02:05.000Z');

    test('reads the records of the table that the stack names', async () => {
      const { IncidentTable } = await stackOutputs({ stack: STACK, region: undefined }, ['IncidentTable']);
      const store = new DynamoIncidentStore(new DynamoDBClient(AT_MOTO), IncidentTable, {
        nodeLockSeconds: 600,
      });
      await store.open(incident);
      const { code, stdout } = await medic(['audit', incident.id, '--stack', STACK, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'medic.audit/1', incident: incident.id });
      expect(code).toBe(0);
    });

    test('takes the usual stack when none is named, and says so when it is not there', async () => {
      const { code, stderr } = await medic(['audit', incident.id]);
      expect(stderr).toMatch(/^medic: The stack ConntrackMedic cannot be read \(.+\); give --stack .+\n$/);
      expect(code).toBe(2);
    });
  });
});
