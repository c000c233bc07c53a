import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { carryOn } from '../../../../src/core/incident/carry-on.ts';
import { executionOf } from '../../../../src/core/incident/execution.ts';
import { createAssociation, MAY_ARRIVE_SECONDS } from '../../../../src/core/keep/manage-association.ts';
import type { Workflows } from '../../../../src/core/ports.ts';
import type { Association } from '../../../../src/core/record/association.ts';
import { startTable, TABLE } from '../../adapters/support.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';

const SENT_AT = '2026-11-23T15:00:00.000Z';
const DECISION = 2;

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let id: string;
let count = 0;
/** What State Manager has of the incident, or why it does not say. */
let found: () => Promise<readonly string[]>;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
});
afterAll(() => table.close());
beforeEach(async () => {
  id = `inc-settled-${++count}`;
  found = async () => [];
  const { head } = buildIncident('resolved');
  const association: Association = {
    decision: DECISION,
    group: 'node group workers of cluster shop',
    tags: [{ key: 'eks:nodegroup-name', value: 'workers' }],
    max: 262_144,
    buckets: 65_536,
    claimedAt: SENT_AT,
    state: 'sent',
    changedAt: SENT_AT,
  };
  await store.open({ ...head, id, alarm: { ...head.alarm, arn: `${head.alarm.arn}-${count}` }, association });
});

const association = async () => (await store.head(id))?.association;

/** Goes on with an association that was sent by a function which has died since, so long after it was sent. */
async function goOnAfter(seconds: number) {
  const never = () => Promise.reject(new Error('Nothing is sent again.'));
  const ports = {
    store,
    associations: { create: never, delete: never, find: () => found() },
    proof: { refuse: async () => undefined },
    clock: { now: () => Date.parse(SENT_AT) + seconds * 1000 },
    approvers: [ANA.id],
    decisionLifeSeconds: 300,
  };
  return await createAssociation(ports, id, DECISION, 'n'.repeat(16));
}

test('an association that was sent and exists is in force', async () => {
  found = async () => ['id-1'];
  expect(await goOnAfter(60)).toEqual({ kind: 'done' });
  expect(await association()).toMatchObject({ state: 'in-force', associationId: 'id-1' });
});

test('one that does not exist is not given up while it may still arrive, and then it was not created', async () => {
  expect(await goOnAfter(60)).toMatchObject({ kind: 'refused' });
  expect((await association())?.state).toBe('sent');
  expect(await goOnAfter(MAY_ARRIVE_SECONDS)).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('order it again'),
  });
  expect((await association())?.state).toBe('refused');
});

test('of one that State Manager says nothing about nothing is claimed', async () => {
  found = () => Promise.reject(new Error('Rate exceeded'));
  expect(await goOnAfter(MAY_ARRIVE_SECONDS)).toMatchObject({
    kind: 'refused',
    why: expect.stringContaining('Rate exceeded'),
  });
  expect((await association())?.state).toBe('sent');
});

test('an execution that stopped while it kept a raise is taken up, and after three it is said that nobody knows', async () => {
  const started: string[] = [];
  const workflows = {
    statusOf: async () => 'ended',
    startNumbered: async (_head, kind, number) => void started.push(`${kind} ${number}`),
  } as Partial<Workflows> as Workflows;
  const ports = { store, workflows, clock: { now: () => Date.parse(SENT_AT) }, log: () => {} };
  const carried: string[] = [];
  for (let run = 0; run < 4; run++) {
    const head = await store.head(id);
    if (head !== undefined) carried.push(await carryOn(ports, head));
  }
  expect(carried).toEqual(['taken-up', 'taken-up', 'taken-up', 'ended']);
  expect(started).toEqual(['take-up 1', 'take-up 2', 'take-up 3']);
  const head = await store.head(id);
  expect(head).toMatchObject({ state: 'resolved', association: { state: 'unknown' } });
  expect(head && executionOf(head)).toBeUndefined();
});
