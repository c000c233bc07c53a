import { DynamoDBClient, GetItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { headKey } from '../../../../src/adapters/dynamo/items.ts';
import { auditOf } from '../../../../src/core/audit/audit.ts';
import { auditMarkdown } from '../../../../src/core/audit/audit-markdown.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import {
  MOVED_ROUNDS_VERSION,
  MOVED_STEPS_VERSION,
  RECORD_VERSION,
} from '../../../../src/core/record/stored.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { claimRemediation, updateRemediation } from '../../../../src/core/remediation/claim.ts';
import { nodeStates } from '../../../../src/core/remediation/steps.ts';
import { OPENED_AT } from '../../support/diagnoses.ts';
import { ANA, buildIncident, CARD, TEAM } from '../../support/incidents.ts';
import { refusedRollback } from '../../support/tries.ts';
import { LOCAL, startTable, TABLE } from '../support.ts';

const NODES = 50;
const TRIES = 14;
const OPTIONS = { nodeLockSeconds: 600 };

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let count = 0;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, OPTIONS);
});
afterAll(() => table.close());

/** An incident of fifty raised nodes that has ended. */
async function raised(): Promise<IncidentHead> {
  const { head } = buildIncident('resolved', { nodes: NODES });
  count += 1;
  const alarm = { ...head.alarm, arn: `${head.alarm.arn}-${count}` };
  const first = { ...head, id: `inc-moved-steps-${count}`, alarm };
  await store.open(first);
  return first;
}

const timeOf = (number: number) => new Date(OPENED_AT + number * 600_000).toISOString();

/** A click on "Roll back" that every node refuses, in the writes that carrying it out makes. */
async function refuse(by: DynamoIncidentStore, { id, nodes }: IncidentHead, number: number): Promise<void> {
  const instanceIds = nodes.map(({ instanceId }) => instanceId);
  const order = { kind: 'rollback', decision: number, instanceIds } as const;
  const slack = { team: TEAM, channel: CARD.channel, message: CARD.message, signed: 'a'.repeat(64) };
  const click = {
    number,
    kind: 'rollback',
    planDigest: 'a'.repeat(32),
    actor: ANA,
    at: timeOf(number),
    slack,
  } as const;
  const changes: ((head: IncidentHead) => IncidentHead | string)[] = [
    (head) => {
      const moved = transition(head, 'rolling-back', ANA, timeOf(number));
      return claimRemediation({ ...moved, decisions: [...head.decisions, click] }, order, timeOf(number));
    },
    (head) => {
      const answered = updateRemediation(head, order, ({ instanceId }) => ({
        commandId: '01234567-89ab-cdef-0123-456789abcdef',
        documentHash: 'b'.repeat(64),
        finishedAt: timeOf(number),
        outcome: 'refused',
        setAside: 'refused',
        detail: `${instanceId}: try ${number}: 131072 entries are over 80 % of the old limit 131072.`,
      }));
      return transition(answered, 'resolved', { kind: 'workflow' }, timeOf(number), 'Refused by its node.');
    },
  ];
  for (const change of changes) expect(await by.update(id, change)).toMatchObject({ ok: true });
}

/** The version of a head, and more bytes than DynamoDB counts of it. */
async function storedAs(id: string): Promise<{ version: string | undefined; bytes: number }> {
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: TABLE, Key: marshall(headKey(id)), ConsistentRead: true }),
  );
  return { version: Item?.['version']?.N, bytes: JSON.stringify(Item).length };
}

test('a head stays small, whatever was refused, and its audit has every step', {
  timeout: 120_000,
}, async () => {
  const first = await raised();
  expect(Number((await storedAs(first.id)).version)).toBe(RECORD_VERSION);
  for (let number = 2; number < TRIES + 2; number++) await refuse(store, first, number);
  const { version, bytes } = await storedAs(first.id);
  expect(bytes).toBeLessThan(200_000);
  expect(Number(version)).toBe(MOVED_STEPS_VERSION);
  const head = await store.head(first.id);
  expect(head?.movedSteps).toBeGreaterThan((TRIES - 6) * NODES);
  const history = await store.history(first.id);
  if (history === undefined || head === undefined) throw new Error('It is gone.');
  expect(nodeStates(history.head)).toEqual(nodeStates(head));
  const audit = auditOf(history);
  const told = audit.remediations.filter(({ kind }) => kind === 'rollback');
  expect(told.map(({ decision, instanceId }) => `${decision} ${instanceId}`)).toEqual(
    Array.from({ length: TRIES }, (_, index) =>
      first.nodes.map(({ instanceId }) => `${index + 2} ${instanceId}`),
    ).flat(),
  );
  expect(audit).not.toHaveProperty('movedSteps');
  expect(auditOf((await store.history(first.id)) ?? history).digest).toBe(audit.digest);
  expect(auditMarkdown(audit).match(/^### rollback on/gm)).toHaveLength(NODES * TRIES);
});

test('who is killed before the head is written has lost nothing', { timeout: 60_000 }, async () => {
  const first = await raised();
  for (const number of [2, 3]) await refuse(store, first, number);
  const before = await store.history(first.id);
  const mortal = new DynamoDBClient({ ...LOCAL, endpoint: table.url });
  let steps = 0;
  mortal.middlewareStack.add((next) => async (args) => {
    const sk = (args.input as Partial<PutItemCommandInput>).Item?.['sk']?.S ?? '';
    if (sk.startsWith('step#')) steps += 1;
    if (sk === 'head' && steps > 0) throw new Error('killed');
    return await next(args);
  });
  const dying = new DynamoIncidentStore(mortal, TABLE, OPTIONS);
  await expect(refuse(dying, first, 4)).rejects.toThrow('killed');
  mortal.destroy();
  expect(steps).toBe(2 * NODES);
  const between = await store.history(first.id);
  expect(between?.head).toEqual(before?.head);
  for (const number of [5, 6]) await refuse(store, first, number);
  const after = await store.history(first.id);
  expect(after?.head.remediations).toHaveLength(5 * NODES);
  expect((await store.head(first.id))?.movedSteps).toBe(2 * NODES);
});

test('of two writers at once that move the same steps each is counted once', {
  timeout: 60_000,
}, async () => {
  const first = await raised();
  for (const number of [2, 3]) await refuse(store, first, number);
  const order = {
    kind: 'rollback',
    decision: 4,
    instanceIds: first.nodes.map((one) => one.instanceId),
  } as const;
  await Promise.all([
    store.update(first.id, (head) => claimRemediation(head, order, timeOf(4))),
    ...Array.from({ length: 4 }, (_, index) =>
      store.update(first.id, (head) => ({ ...head, collection: head.collection + index + 1 })),
    ),
  ]);
  expect((await store.head(first.id))?.movedSteps).toBe(2 * NODES);
  expect((await store.history(first.id))?.head.remediations).toHaveLength(4 * NODES);
});

test('decisions on one node each that changed nothing are kept beside the head, and the audit has every one', async () => {
  const { head } = buildIncident('resolved', { nodes: 2 });
  count += 1;
  const [first] = head.nodes;
  if (first === undefined) throw new Error('There is no node.');
  const last = 160;
  let tried: IncidentHead = {
    ...head,
    id: `inc-moved-rounds-${count}`,
    alarm: { ...head.alarm, arn: `${head.alarm.arn}-${count}` },
  };
  for (let number = 2; number <= last; number++)
    tried = refusedRollback(tried, first.instanceId, OPENED_AT + number * 600_000);
  await store.open(tried);
  const { id } = tried;
  expect(await store.update(id, (now) => ({ ...now, collection: now.collection + 1 }))).toMatchObject({
    ok: true,
  });
  expect(Number((await storedAs(id)).version)).toBe(MOVED_ROUNDS_VERSION);
  const kept = await store.head(id);
  expect(kept?.decisions.length).toBeLessThan(100);
  expect(kept?.movedRounds).toBeGreaterThan(50);
  const history = await store.history(id);
  const audit = history && auditOf(history);
  expect(audit?.decisions.map(({ number }) => number)).toEqual(
    Array.from({ length: last }, (_, index) => index + 1),
  );
  expect(audit?.transitions.filter(({ to }) => to === 'rolling-back')).toHaveLength(last - 1);
  expect(audit).not.toHaveProperty('movedRounds');
});
