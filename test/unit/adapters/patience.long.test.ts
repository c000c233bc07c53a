import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LogLevel, WebClient } from '@slack/web-api';
import { afterAll, expect, test, vi } from 'vitest';
import { openEvidenceStore } from '../../../src/adapters/evidence-store.ts';
import { outputReader } from '../../../src/adapters/ssm/command-output.ts';
import { SsmRemediateCommands } from '../../../src/adapters/ssm/commands.ts';
import { slackPatience, withPatience } from '../../../src/adapters/waiting/patience.ts';
import { LOCAL } from './support.ts';

const SHORT = { connectionMs: 200, answerMs: 200, maxAttempts: 2, totalMs: 60_000 };

/** Who takes every connection and says a greeting, and nothing after it. */
interface Silent {
  readonly endpoint: string;
  /** How many connections were made. */
  readonly taken: () => number;
}

const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
});

async function startSilent(greeting = ''): Promise<Silent> {
  const open = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    taken += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.once('data', () => socket.write(greeting));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ends.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { endpoint: `http://127.0.0.1:${port}`, taken: () => taken };
}

const settingsOf = ({ endpoint }: Silent) => withPatience({ ...LOCAL, endpoint }, SHORT);
const s3 = (silent: Silent) => new S3Client({ ...settingsOf(silent), forcePathStyle: true });

test.concurrent.each<[string, (silent: Silent) => Promise<unknown>]>([
  [
    'S3, which keeps evidence',
    (silent) => openEvidenceStore('s3://evidence', s3(silent)).put('a.txt', 'text'),
  ],
  [
    'S3, which keeps audits',
    (silent) => openEvidenceStore('s3://evidence', s3(silent)).putOnce('a.json', '{}'),
  ],
  ['STS', (silent) => new STSClient(settingsOf(silent)).send(new GetCallerIdentityCommand({}))],
  [
    'Secrets Manager',
    (silent) =>
      new SecretsManagerClient(settingsOf(silent)).send(new GetSecretValueCommand({ SecretId: 'x' })),
  ],
  ['CloudWatch', (silent) => new CloudWatchClient(settingsOf(silent)).send(new DescribeAlarmsCommand({}))],
  [
    'CloudFormation',
    (silent) => new CloudFormationClient(settingsOf(silent)).send(new DescribeStacksCommand({})),
  ],
  ['EC2', (silent) => new EC2Client(settingsOf(silent)).send(new DescribeInstancesCommand({}))],
  [
    'Auto Scaling',
    (silent) => new AutoScalingClient(settingsOf(silent)).send(new DescribeAutoScalingGroupsCommand({})),
  ],
  [
    'Elastic Load Balancing',
    (silent) =>
      new ElasticLoadBalancingV2Client(settingsOf(silent)).send(new DescribeLoadBalancersCommand({})),
  ],
  [
    'Systems Manager',
    (silent) => new SSMClient(settingsOf(silent)).send(new DescribeInstanceInformationCommand({})),
  ],
  ['Lambda', (silent) => new LambdaClient(settingsOf(silent)).send(new InvokeCommand({ FunctionName: 'x' }))],
  ['DynamoDB', (silent) => new DynamoDBClient(settingsOf(silent)).send(new ListTablesCommand({}))],
])('%s that stays silent is asked twice and then is an error', async (_what, ask) => {
  const silent = await startSilent();
  await expect(ask(silent)).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  // Many are asked at once: the last connection may be told of late.
  await vi.waitFor(() => expect(silent.taken()).toBe(2));
});

test('a text that breaks off in its middle counts as one that could not be read', async () => {
  const silent = await startSilent('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
  const read = outputReader(s3(silent), { bucket: 'output', prefix: '' });
  expect(await read(`${silent.endpoint}/output/a/stdout`)).toBeUndefined();
});

test('a change whose answer does not come was sent once, and nobody knows what became of it', async () => {
  const once = { maxAttempts: 1, requestHandler: { httpAgent: { keepAlive: false } } };
  const { endpoint, taken } = await startSilent();
  const client = new SSMClient(withPatience({ ...LOCAL, endpoint, ...once }, SHORT));
  const document = { name: 'medic', hash: 'a'.repeat(64) };
  const documents = { raise: document, settings: document, deleteUdpEntry: document, rollback: document };
  const commands = new SsmRemediateCommands(
    () => client,
    () => client,
    documents,
    async () => '1',
    { deliverySeconds: 120, pause: async () => {} },
  );
  const request = { incidentId: 'inc-1', instanceIds: ['i-0123456789abcdef0'], nonce: 'a1b2c3d4e5f6a7b8' };
  expect(await commands.rollback(request)).toMatchObject([{ kind: 'unknown' }]);
  expect(taken()).toBe(1);
});

/** So many attempts would take ten seconds and more. */
const ENDLESS = { ...SHORT, maxAttempts: 50, totalMs: 1500 };
/** More attempts than fit into the time for all of them. */
const TOO_MANY = 10;

test.each(['standard', 'adaptive'] as const)(
  'with %s retries no attempt begins that could end after the time for all of them',
  async (retryMode) => {
    const { endpoint, taken } = await startSilent();
    const client = new SSMClient(withPatience({ ...LOCAL, endpoint, retryMode }, ENDLESS));
    await expect(client.send(new DescribeInstanceInformationCommand({}))).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    expect(taken()).toBeLessThan(TOO_MANY);
  },
);

test('Slack that stays silent is asked for no longer than the time for all attempts', async () => {
  const { endpoint, taken } = await startSilent();
  const slack = new WebClient('xoxb-1', {
    ...slackPatience(ENDLESS),
    slackApiUrl: `${endpoint}/`,
    logLevel: LogLevel.ERROR,
  });
  await expect(slack.auth.test()).rejects.toThrow(/abort|timeout|request/i);
  expect(taken()).toBeLessThan(TOO_MANY);
});

const productFiles = (...folders: readonly string[]): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .map((file) => join(folder, file)),
  );

/** What opens a way out of the product, and what it has to be given so that none of its waits is without an end. */
const WAYS_OUT: readonly (readonly [what: string, opened: RegExp, isPatient: RegExp])[] = [
  ['a client of AWS', /\bnew (\w+Client)\(/g, /^\s*withPatience\(/],
  ['a client of Slack', /\bnew WebClient\(/g, /^[^,]+,\s*(\{\s*(\/\/[^\n]*\s*)*\.\.\.)?slackPatience\(/],
  ['a Slack app', /\bnew App\(/g, /clientOptions: \{\s*retryConfig: \{ retries: 0 \},\s*timeout: /],
  ['a workflow', /\bwithDurableExecution\(/g, /^[^;]*\bclient: new LambdaClient\(withPatience\(/],
  ['a request over HTTP', /(?<![.#\w])fetch\(/g, /\bsignal: AbortSignal\.timeout\(/],
];
/** Clients that have their patience from elsewhere: the places of all lookups have theirs once. */
const ELSEWHERE = new Set(['src/adapters/lookups/lookups-at.ts']);
test.each(WAYS_OUT)('%s is never opened so that it could wait for ever', (what, opened, isPatient) => {
  const found = productFiles('src', 'lambdas', 'cli', 'local').flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const isOfAws = (name: string) => new RegExp(`import [^;]*\\b${name}\\b[^;]* from '@aws-sdk/`).test(text);
    return [...text.matchAll(opened)]
      .filter(([, name = '']) => what !== 'a client of AWS' || isOfAws(name))
      .map(({ 0: call, index }) => ({ file, argument: text.slice(index + call.length, index + 700) }));
  });
  expect(found.length).toBeGreaterThan(0);
  const without = found.filter(({ file, argument }) => !isPatient.test(argument) && !ELSEWHERE.has(file));
  expect(without).toEqual([]);
});

test('nothing of the product speaks HTTP by other means', () => {
  const others = /from '(node:)?https?2?'|from '(undici|axios|got|node-fetch)'/;
  expect(
    productFiles('src', 'lambdas', 'cli').filter((file) => others.test(readFileSync(file, 'utf8'))),
  ).toEqual([]);
});
