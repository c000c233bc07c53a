import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { DynamoSignedClicks } from '../../../../src/adapters/dynamo/signed-clicks.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import type { Alarm } from '../../../../src/core/record/alarm.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';
import {
  type Asked,
  type LossyConnection,
  type Others,
  startLossyConnection,
} from '../../support/lossy-connection.ts';
import { LOCAL, startTable, TABLE } from '../support.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let connection: LossyConnection;
let client: DynamoDBClient;
/** Whose answers get lost, and everybody else. */
let store: DynamoIncidentStore;
let others: DynamoIncidentStore;
let alarm: Alarm;
let count = 0;

beforeAll(async () => {
  table = await startTable();
  connection = await startLossyConnection(table.url);
  client = new DynamoDBClient({
    ...LOCAL,
    endpoint: table.url,
    requestHandler: { httpAgent: connection.agent },
  });
  store = new DynamoIncidentStore(client, TABLE, { nodeLockSeconds: 600 });
  others = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
});
afterAll(async () => {
  client.destroy();
  await connection.close();
  await table.close();
});
beforeEach(() => {
  count += 1;
  alarm = buildAlarm({ arn: `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:lost-${count}` });
});

const AT = '2026-11-23T14:02:05.000Z';
const LATER = '2026-11-23T14:12:00.000Z';
const first = () => openIncident(alarm, AT);
const second = () => openIncident({ ...alarm, changedAt: LATER }, AT);

const put =
  (of: string) =>
  ({ operation, body }: Asked): boolean =>
    operation === 'PutItem' && body.includes(of);
const HEAD = put('"sk":{"S":"head"}');
const LOCK = put('"sk":{"S":"lock"}');

/** Does it while the answer to one of its requests is lost, and says that one was. */
async function losing<T>(
  isIt: (request: Asked) => boolean,
  act: () => Promise<T>,
  during?: Others,
): Promise<T> {
  const before = connection.lost();
  connection.loseNext(isIt, during);
  const result = await act();
  expect(connection.lost() - before).toBe(1);
  return result;
}

const take = (by: string) => (head: IncidentHead) =>
  head.nodeGaps.length > 0 ? `Taken by ${head.nodeGaps[0]}.` : { ...head, nodeGaps: [by] };
const seen = (head: IncidentHead) => ({ ...head, seen: { ...head.seen, count: head.seen.count + 1 } });

test('a change of the head is known as made, and is made once', async () => {
  await others.open(first());
  const updated = await losing(HEAD, () => store.update(first().id, take('me')));
  expect(updated).toMatchObject({ ok: true, head: { revision: 2, nodeGaps: ['me'] } });
});

test.each([1, 20])('so it is after %i changes of others before one asks again', async (changes) => {
  await others.open(first());
  const after = async () => {
    for (let change = 0; change < changes; change++) await others.update(first().id, seen);
  };
  const updated = await losing(HEAD, () => store.update(first().id, take('me')), { after });
  expect(updated).toMatchObject({ ok: true, head: { nodeGaps: ['me'], seen: { count: 1 + changes } } });
});

test('the same change of another who came first is a refusal', async () => {
  await others.open(first());
  const before = () => others.update(first().id, take('another'));
  const updated = await losing(HEAD, () => store.update(first().id, take('me')), { before });
  expect(updated).toEqual({ ok: false, refusal: 'Taken by another.' });
});

test('an incident that was opened is told as opened, once', async () => {
  expect(await losing(HEAD, () => store.open(first()))).toEqual({ kind: 'opened', head: first() });
  expect(await store.open(first())).toEqual({ kind: 'exists', head: first() });
});

test('an incident is opened where the answer to the lock of its alarm is lost', async () => {
  expect((await losing(LOCK, () => store.open(first()))).kind).toBe('opened');
  expect((await others.openIncidentOf(alarm.arn))?.id).toBe(first().id);
});

test('an incident is opened where the answer to taking over its alarm is lost', async () => {
  await others.open(first());
  const end = (head: IncidentHead) => transition(head, 'failed', { kind: 'workflow' }, LATER, 'for the test');
  await others.update(first().id, end);
  const takesOver = (request: Asked) => LOCK(request) && request.body.includes('incidentId = :id');
  expect((await losing(takesOver, () => store.open(second()))).kind).toBe('opened');
  expect((await others.openIncidentOf(alarm.arn))?.id).toBe(second().id);
});

test('another firing is counted once', async () => {
  await others.open(first());
  const opened = await losing(HEAD, () => store.open(second()));
  expect(opened).toMatchObject({ kind: 'already-open', head: { seen: { count: 2 } } });
});

test('a collection and a plan are taken; other content under the number of a collection is not', async () => {
  const { head, collections } = buildIncident('awaiting-approval', { nodes: 1 });
  const [collection] = collections;
  const { plan } = head;
  if (collection === undefined || plan === undefined) throw new Error('no collection or plan');
  const { id } = first();
  await losing(put('collection#'), () => store.putCollection(id, collection));
  await losing(put('plan#'), () => store.putPlan(id, plan));
  expect(await others.collection(id, collection.instanceId, 1)).toEqual(collection);
  await expect(store.putCollection(id, { ...collection, collectedAt: LATER })).rejects.toThrow('it was kept');
});

test('a node is locked and let go; what another has locked since stays locked', async () => {
  const node = `i-lost-${count}`;
  expect(await losing(LOCK, () => store.lockNode(node, 'a#1'))).toBe(true);
  expect(await others.lockNode(node, 'b#1')).toBe(false);
  const isDelete = ({ operation }: Asked) => operation === 'DeleteItem';
  await losing(isDelete, () => store.unlockNode(node, 'a#1'), { after: () => others.lockNode(node, 'b#1') });
  expect(await others.lockNode(node, 'c#1')).toBe(false);
});

test('an alarm is let go once; the next incident of it keeps it', async () => {
  await others.open(first());
  const end = (head: IncidentHead) => transition(head, 'failed', { kind: 'workflow' }, LATER, 'for the test');
  const ended = await others.update(first().id, end);
  const isDelete = ({ operation }: Asked) => operation === 'DeleteItem';
  const close = () => store.close(ended.ok ? ended.head : first());
  await losing(isDelete, close, { after: () => others.open(second()) });
  expect((await others.openIncidentOf(alarm.arn))?.id).toBe(second().id);
});

test('a click as Slack signed it is kept', async () => {
  const click = { timestamp: '1795442530', signature: `v0=${'a'.repeat(64)}`, body: `payload=${count}` };
  const clicks = new DynamoSignedClicks(client, TABLE);
  const reference = await losing(put('click#'), () => clicks.keep(first().id, click, 1_795_446_130));
  expect(await clicks.find(first().id, reference)).toEqual(click);
});
