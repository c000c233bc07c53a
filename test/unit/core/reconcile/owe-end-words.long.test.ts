import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import type { Notifier } from '../../../../src/core/notifier.ts';
import type { ReconcilePorts } from '../../../../src/core/reconcile/duty.ts';
import { reconcile } from '../../../../src/core/reconcile/reconcile.ts';
import type { IncidentState } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { startTable, TABLE } from '../../adapters/support.ts';
import { buildIncident, CARD } from '../../support/incidents.ts';

const MINUTE = 60_000;
const ENDED_AT = Date.now();

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let id: string;
let count = 0;
let said: string[];

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
});
afterAll(() => table.close());
beforeEach(() => {
  said = [];
  id = `inc-end-words-${++count}`;
});

/** An incident that ends, and whose workflow dies right after it has drawn the card. */
async function ends(from: IncidentState, to: IncidentState): Promise<void> {
  const { head, collections } = buildIncident(from);
  const alarm = { ...head.alarm, arn: `${head.alarm.arn}-${count}` };
  await store.open({ ...head, id, alarm, card: CARD });
  for (const collection of collections) await store.putCollection(id, collection);
  const at = new Date(ENDED_AT).toISOString();
  await store.update(id, (now) => transition(now, to, { kind: 'workflow' }, at, 'for the test'));
  await store.noteShown(id, (await store.head(id))?.revision ?? 0);
}

/** A run of the schedule so many minutes after the end. */
async function runAfter(minutes: number, running: readonly string[] = []): Promise<void> {
  const notifier: Pick<Notifier, 'showCard' | 'postRunbook' | 'postNote'> = {
    showCard: async () => CARD,
    postRunbook: async (_incident, _runbook, { key, isRepeat }) => {
      said.push(`runbook ${key} ${await isRepeat()}`);
    },
    postNote: async (_incident, text, { key, isRepeat }) => {
      said.push(`${text.includes('is gone from the card') ? 'note' : text} ${key} ${await isRepeat()}`);
    },
  };
  const ports = {
    store,
    notifier,
    catalogue,
    runbookTexts,
    workflows: { running: async () => new Set(running) },
    clock: { now: () => ENDED_AT + minutes * MINUTE },
    log: () => {},
  } as unknown as ReconcilePorts;
  expect(await reconcile(ports, Number.POSITIVE_INFINITY)).toMatchObject({ failed: 0 });
}

test.each([
  ['awaiting-approval', 'dismissed', ['note end false']],
  ['awaiting-approval', 'expired', ['note end false']],
  ['awaiting-approval', 'resolved', ['note end false']],
  ['diagnosed', 'no-fix-offered', ['runbook runbook-end.1 false']],
] as const)(
  'what the end calls for is said once where the workflow died after it: %s, %s',
  async (from, to, words) => {
    await ends(from, to);
    for (const minutes of [1, 6, 7, 8]) await runAfter(minutes);
    expect(said.map((one) => one.replace('runbook-end ', 'runbook-end.1 '))).toEqual(words);
    expect((await store.head(id))?.missing).toEqual([]);
    expect(await store.unfinished()).not.toContain(id);
  },
);

test('nothing is said that the workflow has said, or may still say', async () => {
  await ends('awaiting-approval', 'dismissed');
  await runAfter(6, [id]);
  expect(said).toEqual([]);
  await store.noteEndTold(id);
  await runAfter(7);
  expect(said).toEqual([]);
  expect(await store.unfinished()).not.toContain(id);
});

test('a workflow that died between saying it and noting that is looked for in the channel', async () => {
  await ends('awaiting-approval', 'dismissed');
  await store.begin(id, 'saying-end');
  for (const minutes of [6, 7]) await runAfter(minutes);
  expect(said).toEqual(['note end true']);
});

test('an incident that joined another one, or ended before it had a button, says nothing of its end', async () => {
  await ends('diagnosed', 'joined');
  for (const minutes of [6, 7]) await runAfter(minutes);
  expect(said).toEqual([]);
  expect(await store.unfinished()).not.toContain(id);
});
