import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsKey, newAwsKey } from '../../local/aws-key.ts';
import type { LocalServer } from '../../local/http-server.ts';
import { parseDocument } from '../../local/ssm/documents.ts';
import { startSsmEndpoint } from '../../local/ssm/endpoint.ts';
import type { LocalNode, NodeRun } from '../../local/ssm/local-node.ts';

const HEALTHY = 'i-0a1b2c3d4e5f60718';
const OFFLINE = 'i-0ffffffffffffffff';
const FAILING = 'i-0badbadbadbadbadb';

const document = parseDocument(
  'medic-collect',
  JSON.stringify({
    schemaVersion: '2.2',
    parameters: { nonce: { type: 'String', allowedPattern: '^[a-z0-9]{16}$' } },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'collect',
        inputs: { timeoutSeconds: '60', runCommand: ['#!/bin/sh', "MEDIC_NONCE='{{ nonce }}'", 'exit 0'] },
      },
    ],
  }),
);

const seen: { parameters: Readonly<Record<string, string>>; script: string }[] = [];

function node(
  instanceId: string,
  run: () => Promise<NodeRun>,
  ping: 'Online' | 'ConnectionLost' = 'Online',
): LocalNode {
  return {
    instanceId,
    tags: { role: 'worker' },
    platform: { name: 'Debian GNU/Linux', version: '13', agentVersion: '3.3.0.0' },
    ping: () => ping,
    async run(_document, parameters, script) {
      seen.push({ parameters, script });
      return await run();
    },
  };
}

const key = newAwsKey();
const servers: LocalServer[] = [];
let client: SSMClient;
/** Talks to an endpoint that takes long to know a command. */
let early: SSMClient;

async function connect(visibleAfterMs: number): Promise<SSMClient> {
  const server = await startSsmEndpoint({
    key,
    documents: new Map([[document.name, document]]),
    nodes: [
      node(HEALTHY, async () => ({ exitCode: 0, stdout: 'x'.repeat(30_000), stderr: 'y'.repeat(9_000) })),
      node(OFFLINE, async () => ({ exitCode: 0, stdout: '', stderr: '' }), 'ConnectionLost'),
      node(FAILING, async () => ({ exitCode: 3, stdout: 'refused', stderr: '' })),
    ],
    visibleAfterMs,
  });
  servers.push(server);
  return clientOf(server.url, key);
}

const clientOf = (endpoint: string, credentials: AwsKey): SSMClient =>
  new SSMClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });

beforeAll(async () => {
  client = await connect(10);
  early = await connect(1500);
});

afterAll(async () => {
  for (const server of servers) await server.close();
});

const request: SendCommandCommandInput = {
  DocumentName: 'medic-collect',
  DocumentHash: document.sha256,
  DocumentHashType: 'Sha256',
  InstanceIds: [HEALTHY],
  Parameters: { nonce: ['abcdefghijklmnop'] },
  Comment: 'incident inc-1',
};

async function sendAndWait(changes: Partial<SendCommandCommandInput> = {}) {
  const sent = await client.send(new SendCommandCommand({ ...request, ...changes }));
  const id = sent.Command?.CommandId ?? '';
  for (;;) {
    const listed = await client.send(new ListCommandInvocationsCommand({ CommandId: id, Details: true }));
    const invocations = listed.CommandInvocations ?? [];
    const isDone =
      invocations.length > 0 && invocations.every(({ Status }) => !/Pending|InProgress/.test(Status ?? ''));
    if (isDone) return { id, invocations };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test.each<[string, Partial<SendCommandCommandInput>, string]>([
  ['a document it does not have', { DocumentName: 'AWS-RunShellScript' }, 'InvalidDocument'],
  ['a hash that is not the document’s', { DocumentHash: '0'.repeat(64) }, 'InvalidDocument'],
  ['a parameter that misses its pattern', { Parameters: { nonce: ["a'; reboot #"] } }, 'InvalidParameters'],
  [
    'a parameter that the document does not define',
    { Parameters: { ...request.Parameters, x: ['1'] } },
    'InvalidParameters',
  ],
  ['a missing parameter', { Parameters: {} }, 'InvalidParameters'],
  ['an instance it does not know', { InstanceIds: ['i-0123456789abcdef0'] }, 'InvalidInstanceId'],
  ['the same instance twice', { InstanceIds: [HEALTHY, HEALTHY] }, 'DuplicateInstanceId'],
  ['a comment over 100 characters', { Comment: 'c'.repeat(101) }, 'ValidationException'],
  [
    'more than 50 instances',
    { InstanceIds: Array.from({ length: 51 }, () => HEALTHY) },
    'ValidationException',
  ],
])('SendCommand refuses %s', async (_what, changes, name) => {
  const before = seen.length;
  await expect(client.send(new SendCommandCommand({ ...request, ...changes }))).rejects.toMatchObject({
    name,
  });
  expect(seen).toHaveLength(before);
});

test('GetCommandInvocation answers InvocationDoesNotExist just after the send', async () => {
  const sent = await early.send(new SendCommandCommand(request));
  const get = new GetCommandInvocationCommand({ CommandId: sent.Command?.CommandId, InstanceId: HEALTHY });
  await expect(early.send(get)).rejects.toMatchObject({ name: 'InvocationDoesNotExist' });
});

test('GetCommandInvocation cuts stdout at 24,000 and stderr at 8,000 characters, a list cuts output at 2,500', async () => {
  const { id, invocations } = await sendAndWait();
  const output = await client.send(new GetCommandInvocationCommand({ CommandId: id, InstanceId: HEALTHY }));
  expect(output).toMatchObject({ Status: 'Success', ResponseCode: 0 });
  expect(output.StandardOutputContent).toHaveLength(24_000);
  expect(output.StandardErrorContent).toHaveLength(8_000);
  expect(invocations[0]?.CommandPlugins?.[0]?.Output).toHaveLength(2_500);
  expect(invocations[0]?.Comment).toBe('incident inc-1');
});

test('a node gets the document’s script with the parameters put in', async () => {
  await sendAndWait();
  expect(seen.at(-1)).toEqual({
    parameters: { nonce: 'abcdefghijklmnop' },
    script: "#!/bin/sh\nMEDIC_NONCE='abcdefghijklmnop'\nexit 0",
  });
});

test('one command reports each node for itself: success, exit code, undeliverable', async () => {
  const { invocations } = await sendAndWait({ InstanceIds: [HEALTHY, OFFLINE, FAILING] });
  expect(
    invocations.map(({ InstanceId, Status, StatusDetails }) => [InstanceId, Status, StatusDetails]),
  ).toEqual([
    [HEALTHY, 'Success', 'Success'],
    [OFFLINE, 'Failed', 'Undeliverable'],
    [FAILING, 'Failed', 'Failed'],
  ]);
  expect(invocations[2]?.CommandPlugins?.[0]?.ResponseCode).toBe(3);
});

test('CancelCommand ends what has not started, so that it never runs', async () => {
  const nonce = 'cancelledcommand';
  const sent = await early.send(new SendCommandCommand({ ...request, Parameters: { nonce: [nonce] } }));
  await early.send(new CancelCommandCommand({ CommandId: sent.Command?.CommandId }));
  await new Promise((resolve) => setTimeout(resolve, 1600));
  const listed = await early.send(new ListCommandInvocationsCommand({ CommandId: sent.Command?.CommandId }));
  expect(listed.CommandInvocations?.[0]?.Status).toBe('Cancelled');
  expect(seen.map(({ parameters }) => parameters['nonce'])).not.toContain(nonce);
});

test('DescribeInstanceInformation selects by instance id and by tag and tells who is reachable', async () => {
  const byId = await client.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [OFFLINE, HEALTHY] }] }),
  );
  expect(byId.InstanceInformationList?.map(({ InstanceId, PingStatus }) => [InstanceId, PingStatus])).toEqual(
    [
      [HEALTHY, 'Online'],
      [OFFLINE, 'ConnectionLost'],
    ],
  );
  const byTag = await client.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'tag:role', Values: ['worker'] }] }),
  );
  expect(byTag.InstanceInformationList).toHaveLength(3);
});
