import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import {
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsKey, newAwsKey } from '../../local/aws-key.ts';
import type { LocalServer } from '../../local/http-server.ts';
import { DurableRuntime } from '../../local/lambda-host/durable-runtime.ts';
import { startFunctionUrl } from '../../local/lambda-host/function-url.ts';
import type { HostedFunction } from '../../local/lambda-host/functions.ts';
import { startLambdaEndpoint } from '../../local/lambda-host/lambda-endpoint.ts';

const callbackIds = new Map<string, string>();
let runs = 0;

/** Waits for a click like the product's workflow: callback id handed out, result or failure taken. */
const approval = withDurableExecution(async (event: { key: string }, context: DurableContext) => {
  await context.step('count', async () => {
    runs += 1;
  });
  const [clicked, id] = await context.createCallback('click', { timeout: { minutes: 5 } });
  await context.step('show', async () => {
    callbackIds.set(event.key, id);
  });
  const result = await clicked;
  return {
    decision: JSON.parse(result),
    doubled: await context.invoke<number, number>('double', 'double:live', 21),
  };
});

const bulky = withDurableExecution(async (event: { bytes: number }, context: DurableContext) => {
  await context.step('too much', async () => 'x'.repeat(event.bytes));
  return 'kept';
});

const functions: HostedFunction[] = [
  { name: 'approval', kind: 'durable', handler: approval },
  { name: 'bulky', kind: 'durable', handler: bulky },
  { name: 'double', kind: 'plain', handler: async (n: number) => n * 2 },
  {
    name: 'web',
    kind: 'plain',
    handler: async (event: { body: string; isBase64Encoded: boolean; headers: Record<string, string> }) => ({
      statusCode: 201,
      headers: { 'x-sent': event.headers['x-mixed-case'] },
      body: event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body,
    }),
  },
];

const signing = newAwsKey();
const servers: LocalServer[] = [];
let client: LambdaClient;

const clientOf = (endpoint: string, credentials: AwsKey): LambdaClient =>
  new LambdaClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });

beforeAll(async () => {
  const runtime = new DurableRuntime(new Map([['double:live', async (n: number) => n * 2]]));
  await runtime.open();
  const endpoint = await startLambdaEndpoint({
    key: signing,
    functions: () => functions,
    runtime,
    onFailure: () => {},
  });
  servers.push(endpoint);
  client = clientOf(endpoint.url, signing);
});

afterAll(async () => {
  for (const server of servers) await server.close();
});

const start = (key: string, changes: Partial<InvokeCommandInput> = {}) =>
  client.send(
    new InvokeCommand({
      FunctionName: 'approval:live',
      InvocationType: 'Event',
      DurableExecutionName: key,
      Payload: JSON.stringify({ key }),
      ...changes,
    }),
  );

async function callbackOf(key: string): Promise<string> {
  for (;;) {
    const id = callbackIds.get(key);
    if (id !== undefined) return id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const succeed = (id: string, result: object) =>
  client.send(
    new SendDurableExecutionCallbackSuccessCommand({
      CallbackId: id,
      Result: Buffer.from(JSON.stringify(result)),
    }),
  );

const checkpoint = (bytes: number) =>
  client.send(new InvokeCommand({ FunctionName: 'bulky:live', Payload: JSON.stringify({ bytes }) }));

test('a durable function waits for its callback, invokes another function and returns both results', async () => {
  const answer = start('whole', { InvocationType: 'RequestResponse' });
  await succeed(await callbackOf('whole'), { approved: true });
  const { Payload, FunctionError } = await answer;
  expect(FunctionError).toBeUndefined();
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
    decision: { approved: true },
    doubled: 42,
  });
});

test('a callback that failed fails the execution with the sent error', async () => {
  const answer = start('failed', { InvocationType: 'RequestResponse' });
  const Error = { ErrorType: 'Dismissed', ErrorMessage: 'not now' };
  await client.send(
    new SendDurableExecutionCallbackFailureCommand({ CallbackId: await callbackOf('failed'), Error }),
  );
  const { Payload, FunctionError } = await answer;
  expect(FunctionError).toBe('Unhandled');
  expect(Buffer.from(Payload ?? []).toString()).toContain('not now');
});

test('a closed callback is refused with CallbackTimeoutException', async () => {
  await start('closed');
  const id = await callbackOf('closed');
  await succeed(id, { approved: true });
  await expect(succeed(id, { approved: false })).rejects.toMatchObject({ name: 'CallbackTimeoutException' });
});

test('an unknown callback is refused', async () => {
  await expect(succeed('bm90LWEtY2FsbGJhY2s=', {})).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});

test('the same execution name with the same payload starts nothing new', async () => {
  const first = await start('twice');
  await callbackOf('twice');
  const before = runs;
  const second = await start('twice');
  expect(second.StatusCode).toBe(202);
  expect(second.DurableExecutionArn).toBe(first.DurableExecutionArn);
  expect(runs).toBe(before);
});

test('the same execution name with another payload is refused', async () => {
  await start('named');
  await expect(start('named', { Payload: JSON.stringify({ key: 'other' }) })).rejects.toMatchObject({
    name: 'DurableExecutionAlreadyStartedException',
  });
});

test('a durable function is not invocable without an alias, nor through one that does not exist', async () => {
  await expect(start('bare', { FunctionName: 'approval' })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  await expect(start('bare', { FunctionName: 'approval:old' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('a checkpoint over 256 KB fails the execution and says so', async () => {
  const kept = await checkpoint(200_000);
  expect(kept.FunctionError).toBeUndefined();
  const refused = await checkpoint(300_000);
  expect(refused.FunctionError).toBe('Unhandled');
  expect(Buffer.from(refused.Payload ?? []).toString()).toContain('less than or equal to 262144 bytes');
});

test('a function URL hands over form bodies in base64 and header names in lower case', async () => {
  const server = await startFunctionUrl(
    () => functions.find(({ name }) => name === 'web'),
    () => {},
  );
  servers.push(server);
  const body = new URLSearchParams({ payload: '{"text":"é ✓"}' });
  const response = await fetch(server.url, { method: 'POST', body, headers: { 'X-Mixed-Case': 'yes' } });
  expect([response.status, response.headers.get('x-sent')]).toEqual([201, 'yes']);
  expect(await response.text()).toBe(body.toString());
});
