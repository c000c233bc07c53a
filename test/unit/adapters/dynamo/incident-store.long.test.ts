import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import type { Alarm } from '../../../../src/core/record/alarm.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { NEWEST_VERSION } from '../../../../src/core/record/stored.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';
import { startTable, TABLE } from '../support.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let alarm: Alarm;
let count = 0;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
  count += 1;
  alarm = buildAlarm({ arn: `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:test-${count}` });
});

const AT = '2026-11-23T14:02:05.000Z';
const LATER = '2026-11-23T14:12:00.000Z';
const first = () => openIncident(alarm, AT);
const second = () => openIncident({ ...alarm, changedAt: LATER }, AT);
const failed = (head: IncidentHead) =>
  transition(head, 'failed', { kind: 'workflow' }, LATER, 'for the test');

describe('open', () => {
  test('stores the incident; the same one again changes nothing', async () => {
    expect(await store.open(first())).toEqual({ kind: 'opened', head: first() });
    expect(await store.open(first())).toEqual({ kind: 'exists', head: first() });
    expect(await store.openIncidentOf(alarm.arn)).toEqual(first());
  });

  test('counts another firing on the incident that is open', async () => {
    await store.open(first());
    const opened = await store.open(second());
    expect(opened).toMatchObject({
      kind: 'already-open',
      head: { id: first().id, seen: { count: 2, lastAt: LATER } },
    });
    expect(await store.head(second().id)).toBeUndefined();
  });

  test('opens a new incident once the other is closed', async () => {
    await store.open(first());
    const { id } = first();
    const ended = await store.update(id, failed);
    await store.close(ended.ok ? ended.head : first());
    expect((await store.open(second())).kind).toBe('opened');
  });

  test('takes the alarm over from an incident that ended and died before it let go', async () => {
    await store.open(first());
    await store.update(first().id, failed);
    expect((await store.open(second())).kind).toBe('opened');
    expect((await store.openIncidentOf(alarm.arn))?.id).toBe(second().id);
  });

  test('finishes an opening that died after taking the alarm', async () => {
    const lock = {
      pk: `open#${alarm.arn}`,
      sk: 'lock',
      version: 1,
      incidentId: first().id,
      takenAt: Date.now(),
    };
    await table.client.send(new PutItemCommand({ TableName: TABLE, Item: marshall(lock) }));
    await expect(store.open(second())).rejects.toThrow('deliver the alarm again');
    expect((await store.open(first())).kind).toBe('opened');
  });

  test('lets one of many deliveries at once open the incident', async () => {
    const kinds = (await Promise.all(Array.from({ length: 8 }, () => store.open(first())))).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => kind === 'opened')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'exists')).toHaveLength(7);
  });

  test('closing an incident does not free the alarm of another one', async () => {
    await store.open(first());
    await store.close(second());
    expect((await store.openIncidentOf(alarm.arn))?.id).toBe(first().id);
  });
});

describe('update', () => {
  test('loses no change of many at once', async () => {
    await store.open(first());
    const note = (text: string) => (head: IncidentHead) => ({ ...head, nodeGaps: [...head.nodeGaps, text] });
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => store.update(first().id, note(`gap ${index}`))),
    );
    const head = await store.head(first().id);
    expect(new Set(head?.nodeGaps).size).toBe(6);
    expect(head?.revision).toBe(7);
  });

  test('of two that make the same change at once, one is told that it came second', async () => {
    await store.open(first());
    const claim = (head: IncidentHead) =>
      head.nodeGaps.length > 0 ? 'Taken.' : { ...head, nodeGaps: ['mine'] };
    const results = await Promise.all([store.update(first().id, claim), store.update(first().id, claim)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test('a refusal is handed on and nothing is written', async () => {
    await store.open(first());
    expect(await store.update(first().id, () => 'No.')).toEqual({ ok: false, refusal: 'No.' });
    expect(await store.head(first().id)).toEqual(first());
  });

  test('a change that changes nothing writes nothing', async () => {
    await store.open(first());
    expect(await store.update(first().id, (head) => head)).toEqual({ ok: true, head: first() });
    expect((await store.head(first().id))?.revision).toBe(1);
  });

  test('an incident that is not there is refused', async () => {
    expect(await store.update('inc-nobody', (head) => head)).toMatchObject({ ok: false });
  });

  test('a change that breaks the record is thrown out before it is stored', async () => {
    await store.open(first());
    const broken = (head: IncidentHead) => ({ ...head, collection: -1 });
    await expect(store.update(first().id, broken)).rejects.toThrow('collection');
    expect(await store.head(first().id)).toEqual(first());
  });
});

describe('collections', () => {
  const { head, collections } = buildIncident('awaiting-approval', { nodes: 2 });

  test('load gives the newest one of each node, and those before it apart', async () => {
    const id = first().id;
    await store.open(first());
    for (const one of collections) await store.putCollection(id, one);
    const [canary] = collections;
    if (canary === undefined) throw new Error('no collection');
    await store.putCollection(id, { ...canary, collection: 12 });
    const loaded = await store.load(id);
    expect(loaded?.collections.map(({ instanceId, collection }) => [instanceId, collection])).toEqual([
      [head.nodes[0]?.instanceId, 12],
      [head.nodes[1]?.instanceId, 1],
    ]);
    expect(loaded?.earlier).toEqual([canary]);
    expect(await store.collection(id, canary.instanceId, 1)).toEqual(canary);
  });

  test('history keeps what load leaves out or tells apart: plans that a newer one replaced, older collections', async () => {
    const id = first().id;
    const [canary] = collections;
    const plan = head.plan;
    if (canary === undefined || plan === undefined) throw new Error('no collection or plan');
    await store.open(first());
    await store.putCollection(id, canary);
    await store.putCollection(id, { ...canary, collection: 2 });
    const newer = { ...plan, digest: 'f'.repeat(32), collection: 2 };
    for (const one of [newer, plan, plan]) await store.putPlan(id, one);
    const history = await store.history(id);
    expect(history?.collections.map(({ collection }) => collection)).toEqual([1, 2]);
    expect(history?.plans).toEqual([plan, newer]);
    expect(await store.history('inc-nobody')).toBeUndefined();
  });

  test('the same one again is taken, another under its number is not', async () => {
    const [one] = collections;
    if (one === undefined) throw new Error('no collection');
    const id = first().id;
    await store.putCollection(id, one);
    await store.putCollection(id, structuredClone(one));
    await expect(store.putCollection(id, { ...one, collectedAt: LATER })).rejects.toThrow('it was kept');
    expect(await store.collection(id, one.instanceId, 1)).toEqual(one);
  });
});

describe('node locks', () => {
  const node = () => `i-${count}`;

  test('one holder at a time; the same holder may ask twice', async () => {
    expect(await store.lockNode(node(), 'a#1')).toBe(true);
    expect(await store.lockNode(node(), 'a#1')).toBe(true);
    expect(await store.lockNode(node(), 'b#1')).toBe(false);
    await store.unlockNode(node(), 'b#1');
    expect(await store.lockNode(node(), 'b#1')).toBe(false);
    await store.unlockNode(node(), 'a#1');
    expect(await store.lockNode(node(), 'b#1')).toBe(true);
  });

  test('a lock that was left behind expires', async () => {
    const brief = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: -1 });
    expect(await brief.lockNode(node(), 'a#1')).toBe(true);
    expect(await store.lockNode(node(), 'b#1')).toBe(true);
  });
});

test('an item of another version is named and not guessed at', async () => {
  const item = {
    pk: 'inc-from-elsewhere',
    sk: 'head',
    version: NEWEST_VERSION + 1,
    revision: 1,
    write: 'w',
    head: first(),
  };
  await table.client.send(new PutItemCommand({ TableName: TABLE, Item: marshall(item) }));
  await expect(store.head('inc-from-elsewhere')).rejects.toThrow(/inc-from-elsewhere head .* version/);
});

test('finds what is unfinished without reading what is over, and a rollback after the end makes it so again', async () => {
  await store.open(first());
  const { id } = first();
  expect(await store.unfinished()).toContain(id);
  await store.update(id, failed);
  await store.noteShown(id, 2);
  expect(await store.unfinished()).not.toContain(id);
  await store.update(id, (head) => transition(head, 'rolling-back', { kind: 'workflow' }, LATER));
  expect(await store.unfinished()).toContain(id);
});

describe('a card', () => {
  test('is owed after each change of the record until the newest revision of it is shown', async () => {
    await store.open(first());
    const { id } = first();
    expect(await store.cardView(id)).toMatchObject({ shown: 0, owedSince: expect.any(Number) });
    await store.update(id, failed);
    await store.noteShown(id, 1);
    expect(await store.cardView(id)).toMatchObject({ owedSince: expect.any(Number) });
    expect(await store.unfinished()).toContain(id);
    await store.noteShown(id, 2);
    expect(await store.cardView(id)).toEqual({ shown: 2, shownAt: expect.any(Number) });
    expect(await store.unfinished()).not.toContain(id);
    await store.update(id, (head) => ({ ...head, nodeGaps: ['new'] }));
    expect(await store.unfinished()).toContain(id);
    expect((await store.head(id))?.revision).toBe(3);
  });

  test('is posted by one of many at once, and by another one when that is over', async () => {
    const others = Array.from(
      { length: 8 },
      () => new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 }),
    );
    await store.open(first());
    const { id } = first();
    const claims = await Promise.all(others.map((other) => other.claimSaying(id)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    for (const [index, other] of others.entries()) if (claims[index] !== true) await other.releaseSaying(id);
    expect(await store.claimSaying(id)).toBe(false);
    await others[claims.indexOf(true)]?.releaseSaying(id);
    expect(await store.claimSaying(id)).toBe(true);
  });
});
