import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { ChannelBusyError } from '../../../../src/core/errors.ts';
import { made, missed } from '../../../../src/core/incident/shown/owed-words.ts';
import type { Notifier } from '../../../../src/core/notifier.ts';
import { sayOwed } from '../../../../src/core/reconcile/duties/say-owed.ts';
import type { ReconcilePorts } from '../../../../src/core/reconcile/duty.ts';
import { reconcile } from '../../../../src/core/reconcile/reconcile.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import type { SideRecord } from '../../../../src/core/record/said/missing.ts';
import { startTable, TABLE } from '../../adapters/support.ts';
import { buildIncident } from '../../support/incidents.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const OWED_AT = Date.now();

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let id: string;
let count = 0;
/** What the channel took, and whether it may have been said before. */
let said: string[];
/** Why the channel takes nothing. */
let refusal: Error | undefined;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
});
afterAll(() => table.close());
beforeEach(() => {
  said = [];
  refusal = undefined;
  slowly = async () => {};
  id = `inc-owed-words-${++count}`;
});

/** An incident that has ended, and of which these words could not be said. */
async function ended(what: SideRecord, text?: string): Promise<void> {
  const { head, collections } = buildIncident('resolved');
  await store.open({ ...head, id, alarm: { ...head.alarm, arn: `${head.alarm.arn}-${count}` } });
  for (const collection of collections) await store.putCollection(id, collection);
  await change((now) => missed(now, { what, why: 'Service Unavailable', key: 'key', text }, OWED_AT));
}

async function change(to: (head: IncidentHead) => IncidentHead): Promise<void> {
  await store.update(id, to);
  await store.noteShown(id, (await store.head(id))?.revision ?? 0);
}

/** Takes as long as a call of Slack does, so that two who say the same may do it at once. */
let slowly: () => Promise<void>;

/** One run of the schedule so long after the words were owed first, by a function with a store of its own. */
async function runAfter(milliseconds: number): Promise<unknown> {
  const own = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
  const notifier: Notifier = {
    postTrace: () => Promise.reject(new Error('no trace is owed here')),
    showCard: async ({ head }) => head.card ?? { channel: 'C0', message: '1' },
    postRunbook: async (_incident, { title }, { key, isRepeat }) => {
      if (refusal !== undefined) throw refusal;
      const isSecond = await isRepeat();
      await slowly();
      said.push(`${title} ${key} ${isSecond}`);
    },
    postNote: async (_incident, text, { key, isRepeat }) => {
      if (refusal !== undefined) throw refusal;
      said.push(`${text} ${key} ${await isRepeat()}`);
    },
  };
  const ports = {
    store: own,
    notifier,
    catalogue,
    runbookTexts,
    workflows: { running: async () => new Set<string>() },
    clock: { now: () => OWED_AT + milliseconds },
    log: () => {},
  } as unknown as ReconcilePorts;
  return await reconcile(ports, Number.POSITIVE_INFINITY, [sayOwed]);
}

const missing = async () => (await store.head(id))?.missing;

test.each(['runbook', 'lasting'] as const)(
  'the words "%s" that Slack did not take are said when it takes something again, once',
  async (what) => {
    await ended(what);
    refusal = new Error('An API error occurred: service_unavailable');
    await runAfter(0);
    expect(await missing()).toMatchObject([{ what, owed: { key: 'key' } }]);
    expect(await store.unfinished()).toContain(id);
    refusal = undefined;
    await runAfter(MINUTE);
    await runAfter(2 * MINUTE);
    expect(said.filter((one) => one.includes(' key.1 '))).toHaveLength(1);
    expect(await missing()).toEqual([]);
    expect(await store.unfinished()).not.toContain(id);
  },
);

test('words are said by the key of who tried first, which tells that they may have been said', async () => {
  await ended('runbook');
  await store.begin(id, 'saying-key');
  await runAfter(0);
  expect(said[0]).toMatch(/ key\.1 true$/);
});

test('pauses grow, and nobody asks before the time that Slack has named', async () => {
  await ended('runbook');
  refusal = new ChannelBusyError('Later.', 600);
  await runAfter(MINUTE);
  refusal = undefined;
  await runAfter(9 * MINUTE);
  expect(said).toEqual([]);
  await runAfter(12 * MINUTE);
  expect(said).not.toEqual([]);
});

test('words wait for the card, and after a day they stay missing', async () => {
  await ended('runbook');
  await store.update(id, (head) => ({ ...head }));
  await runAfter(0);
  expect(said).toEqual([]);
  await store.noteShown(id, (await store.head(id))?.revision ?? 0);
  refusal = new Error('fatal_error');
  await runAfter(DAY + MINUTE);
  expect(await missing()).toMatchObject([{ what: 'runbook', why: 'Service Unavailable' }]);
  expect((await missing())?.[0]?.owed).toBeUndefined();
  expect(await store.unfinished()).not.toContain(id);
});

test('of two who are at it at once one says them', async () => {
  await ended('runbook');
  slowly = () => new Promise((resolve) => setTimeout(resolve, 200));
  await Promise.all([runAfter(0), runAfter(0), runAfter(0)]);
  expect(said.filter((one) => one.includes(' key.1 '))).toHaveLength(1);
  expect(await missing()).toEqual([]);
});

test('words that one said just before another had the right to are not said again', async () => {
  await ended('runbook');
  const other = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
  expect(await other.claimSaying(id)).toBe(true);
  await runAfter(0);
  expect(said).toEqual([]);
  await other.releaseSaying(id);
  await runAfter(0);
  expect(said.filter((one) => one.includes(' key.1 '))).toHaveLength(1);
});

test('notes that Slack did not take are said later with the time that they are of, each once and in their order', async () => {
  await ended('note', 'This incident has ended.');
  await change((now) =>
    missed(now, { what: 'note', why: 'fatal_error', key: 'second', text: 'Looked again.' }, OWED_AT + MINUTE),
  );
  refusal = new Error('fatal_error');
  await runAfter(MINUTE);
  expect(await missing()).toHaveLength(2);
  refusal = undefined;
  await runAfter(3 * MINUTE);
  await runAfter(9 * MINUTE);
  expect(said).toEqual([
    expect.stringMatching(/^Late, of [\d: -]+Z: This incident has ended\. key false$/),
    expect.stringMatching(/^Late, of [\d: -]+Z: Looked again\. second false$/),
  ]);
  expect(await missing()).toEqual([]);
  expect(await store.unfinished()).not.toContain(id);
});

test('a note that was said says nothing of another one that is missing', async () => {
  await ended('note', 'This incident has ended.');
  const head = await store.head(id);
  expect(head && made(head, 'note').missing).toHaveLength(1);
  expect(head && made(missed(head, { what: 'audit', why: 'No.' }, OWED_AT), 'audit').missing).toHaveLength(1);
});
