import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
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
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openEvidenceStore } from '../../../src/adapters/evidence-store.ts';
import { withPatience } from '../../../src/adapters/patience.ts';
import { outputReader } from '../../../src/adapters/ssm/command-output.ts';
import { SsmRemediateCommands } from '../../../src/adapters/ssm/commands.ts';
import { LOCAL } from './support.ts';

const SHORT = { connectionMs: 200, answerMs: 200, maxAttempts: 2 };

/** Takes every connection and says what `greeting` is, and nothing after it. */
let server: Server;
let endpoint: string;
let greeting: string;
let taken: number;
const open = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    taken += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.once('data', () => socket.write(greeting));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
beforeEach(() => {
  taken = 0;
  greeting = '';
});
afterAll(() => {
  for (const socket of open) socket.destroy();
  server.close();
});

const settings = () => withPatience({ ...LOCAL, endpoint }, SHORT);
const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });

test.each<[string, () => Promise<unknown>]>([
  ['S3, which keeps evidence', () => openEvidenceStore('s3://evidence', s3()).put('a.txt', 'text')],
  ['S3, which keeps audits', () => openEvidenceStore('s3://evidence', s3()).putOnce('a.json', '{}')],
  ['STS', () => new STSClient(settings()).send(new GetCallerIdentityCommand({}))],
  [
    'Secrets Manager',
    () => new SecretsManagerClient(settings()).send(new GetSecretValueCommand({ SecretId: 'x' })),
  ],
  ['CloudWatch', () => new CloudWatchClient(settings()).send(new DescribeAlarmsCommand({}))],
  ['CloudFormation', () => new CloudFormationClient(settings()).send(new DescribeStacksCommand({}))],
  ['EC2', () => new EC2Client(settings()).send(new DescribeInstancesCommand({}))],
  ['Auto Scaling', () => new AutoScalingClient(settings()).send(new DescribeAutoScalingGroupsCommand({}))],
  [
    'Elastic Load Balancing',
    () => new ElasticLoadBalancingV2Client(settings()).send(new DescribeLoadBalancersCommand({})),
  ],
  ['Systems Manager', () => new SSMClient(settings()).send(new DescribeInstanceInformationCommand({}))],
  ['Lambda', () => new LambdaClient(settings()).send(new InvokeCommand({ FunctionName: 'x' }))],
  ['DynamoDB', () => new DynamoDBClient(settings()).send(new ListTablesCommand({}))],
])('%s that stays silent is asked twice and then is an error', async (_what, ask) => {
  await expect(ask()).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  expect(taken).toBe(2);
});

test('a text that breaks off in its middle counts as one that could not be read', async () => {
  greeting = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf';
  const read = outputReader(s3(), { bucket: 'output', prefix: '' });
  expect(await read(`${endpoint}/output/a/stdout`)).toBeUndefined();
});

test('a change whose answer does not come was sent once, and nobody knows what became of it', async () => {
  const once = { maxAttempts: 1, requestHandler: { httpAgent: { keepAlive: false } } };
  const client = new SSMClient(withPatience({ ...LOCAL, endpoint, ...once }, SHORT));
  const document = { name: 'medic', hash: 'a'.repeat(64) };
  const documents = { raise: document, settings: document, deleteUdpEntry: document, rollback: document };
  const commands = new SsmRemediateCommands(
    () => client,
    () => client,
    documents,
    120,
  );
  const request = { incidentId: 'inc-1', instanceIds: ['i-0123456789abcdef0'], nonce: 'a1b2c3d4e5f6a7b8' };
  expect(await commands.rollback(request)).toMatchObject({ kind: 'unknown' });
  expect(taken).toBe(1);
});

test('no client of the product is opened that would wait for ever', () => {
  const product = ['src', 'lambdas', 'cli', 'local'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  const opened = product.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const isOfAws = (name: string) => new RegExp(`import [^;]*\\b${name}\\b[^;]* from '@aws-sdk/`).test(text);
    return [...text.matchAll(/new (\w+Client)\(([^)]{0,300})/g)]
      .map(([, name = '', argument = '']) => ({ file, name, argument }))
      .filter(({ name }) => isOfAws(name));
  });
  expect(opened.length).toBeGreaterThan(10);
  const without = opened.filter(
    ({ file, argument }) =>
      !/^\s*withPatience\(/.test(argument) &&
      // The places of all lookups have theirs once.
      file !== 'src/adapters/lookups/lookups-at.ts',
  );
  expect(without).toEqual([]);
});
