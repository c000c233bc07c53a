import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, test } from 'vitest';
import { LambdaWorkflows } from '../../../src/adapters/lambda-functions.ts';
import { type Answer, LOCAL, startResponder } from './support.ts';

const ID = 'inc-0123456789abcdef0123';
let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

async function open(answer: Answer) {
  server = await startResponder(() => answer);
  const client = new LambdaClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  return { seen: server.seen, workflows: new LambdaWorkflows(client, 'medic-incident:live') };
}

const refused = (errorType: string, status: number): Answer => ({
  status,
  body: { message: 'no' },
  errorType,
});

describe('LambdaWorkflows', () => {
  test('starts an incident once by name, through the alias, without waiting', async () => {
    const { workflows, seen } = await open({ status: 202, body: {} });
    await workflows.startIncident({ id: ID });
    expect(seen[0]).toMatchObject({
      path: '/2015-03-31/functions/medic-incident%3Alive/invocations',
      headers: { 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': ID },
      body: JSON.stringify({ incidentId: ID }),
    });
  });

  test('gives a rollback after the end an execution of its own', async () => {
    const { workflows, seen } = await open({ status: 202, body: {} });
    await workflows.startRollback({ id: ID }, { number: 2 });
    expect(seen[0]).toMatchObject({
      headers: { 'x-amz-durable-execution-name': `${ID}-rollback-2` },
      body: JSON.stringify({ incidentId: ID, rollback: 2 }),
    });
  });

  test('completes a callback', async () => {
    const { workflows, seen } = await open({ status: 200, body: {} });
    await expect(workflows.wake('Y2FsbGJhY2s=')).resolves.toBe(true);
    expect(seen[0]?.path).toBe('/2025-12-01/durable-execution-callbacks/Y2FsbGJhY2s%3D/succeed');
  });

  test('an execution that has started already is as good, and a callback that is closed is no error', async () => {
    const started = await open(refused('DurableExecutionAlreadyStartedException', 409));
    await expect(started.workflows.startIncident({ id: ID })).resolves.toBeUndefined();
    await server?.close();
    const closed = await open(refused('CallbackTimeoutException', 400));
    await expect(closed.workflows.wake('Y2FsbGJhY2s=')).resolves.toBe(false);
  });

  test('any other refusal is an error', async () => {
    const { workflows } = await open(refused('ResourceNotFoundException', 404));
    await expect(workflows.startIncident({ id: ID })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(workflows.wake('Y2FsbGJhY2s=')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each([
    ['RUNNING', 'running'],
    ['FAILED', 'ended'],
  ])('finds an execution that is %s behind pages without it', async (Status, status) => {
    const execution = { DurableExecutionArn: 'arn', FunctionArn: 'arn', StartTimestamp: 1, Status };
    const pages = [
      { NextMarker: 'second' },
      { DurableExecutions: [{ ...execution, DurableExecutionName: `${ID}-keep-1` }], NextMarker: 'third' },
      { DurableExecutions: [{ ...execution, DurableExecutionName: ID }], NextMarker: '' },
    ];
    let asked = 0;
    server = await startResponder(() => ({ status: 200, body: pages[asked++] ?? {} }));
    const client = new LambdaClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
    const workflows = new LambdaWorkflows(client, 'medic-incident:live');
    await expect(workflows.statusOf(ID)).resolves.toBe(status);
    expect(server.seen.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('Marker'))).toEqual([
      null,
      'second',
      'third',
    ]);
  });
});
