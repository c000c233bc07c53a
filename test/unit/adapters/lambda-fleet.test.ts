import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, expect, test } from 'vitest';
import { LookupFailedError } from '../../../src/adapters/errors.ts';
import { LambdaFleet } from '../../../src/adapters/lambda-fleet.ts';
import { INCIDENT_NODES_MOST } from '../../../src/core/record/bounds.ts';
import { buildAlarm } from '../support/diagnoses.ts';
import { LOCAL, startResponder } from './support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

async function resolve(body: object): Promise<unknown> {
  server = await startResponder(() => ({ status: 200, body }));
  const client = new LambdaClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  return await new LambdaFleet(client, 'medic-resolve:live').resolve(buildAlarm());
}

test('hands on the nodes and gaps of the resolve function', async () => {
  const found = { nodes: [{ instanceId: 'i-0123456789abcdef0' }], gaps: ['One is offline.'] };
  expect(await resolve(found)).toEqual(found);
});

test('hands on as many nodes as an incident may have', async () => {
  const nodes = Array.from({ length: INCIDENT_NODES_MOST }, (_, index) => ({
    instanceId: `i-0${String(index).padStart(16, '0')}`,
  }));
  expect(await resolve({ nodes, gaps: [] })).toEqual({ nodes, gaps: [] });
});

test('tells an answer of another shape in one sentence, and keeps what was wrong with it', async () => {
  const failure = await resolve({ nodes: 'many' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LookupFailedError);
  expect(failure).toMatchObject({
    code: 'lookup-failed',
    message: expect.stringMatching(/^The nodes behind [^\n]* deploy all functions of one version\.$/),
    cause: expect.objectContaining({ name: 'ZodError' }),
  });
});
