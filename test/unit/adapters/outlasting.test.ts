import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDynamo } from '../../../local/dynamo.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { outlasting } from '../../../src/adapters/waiting/outlasting.ts';
import { RecordUnavailableError } from '../../../src/core/errors.ts';
import { LOCAL, refusal, startResponder } from './support.ts';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let isAway = false;
beforeAll(async () => {
  dynamo = await startDynamo(LOCAL.credentials, () => isAway);
});
afterAll(() => dynamo.close());

const clientAt = (endpoint: string) => new DynamoDBClient({ ...LOCAL, endpoint, maxAttempts: 1 });
const storeOn = (client: DynamoDBClient) =>
  new DynamoIncidentStore(client, `table-${randomUUID()}`, { nodeLockSeconds: 1 });

it('tells a table that is away from one that refuses', async () => {
  isAway = true;
  await expect(storeOn(clientAt(dynamo.url)).head('inc-00000000')).rejects.toThrow(RecordUnavailableError);
  isAway = false;
  await expect(storeOn(clientAt(dynamo.url)).head('inc-00000000')).rejects.not.toThrow(
    RecordUnavailableError,
  );
  await expect(storeOn(clientAt('http://127.0.0.1:1')).head('inc-00000000')).rejects.toThrow(
    RecordUnavailableError,
  );
});

it('asks again with growing pauses until the service is back, and no longer than it was told', async () => {
  const pauses: number[] = [];
  let left = 3;
  const server = await startResponder(() =>
    left-- > 0 ? refusal('ThrottlingException') : { status: 200, body: {} },
  );
  const pause = async (seconds: number) => {
    pauses.push(seconds);
  };
  const store = storeOn(outlasting(clientAt(server.url), { seconds: 100, pause }));
  expect(await store.head('inc-00000000')).toBeUndefined();
  expect(pauses).toEqual([0.5, 1, 2]);
  left = 1000;
  await expect(store.head('inc-00000000')).rejects.toThrow(RecordUnavailableError);
  expect(pauses.slice(3).reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(116);
  await server.close();
});
