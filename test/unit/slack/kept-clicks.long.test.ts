import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { DynamoSignedClicks } from '../../../src/adapters/dynamo/signed-clicks.ts';
import { clickReference } from '../../../src/core/click-reference.ts';
import type { Decision, IncidentHead } from '../../../src/core/record/incident.ts';
import { answerClick } from '../../../src/slack/answer-click.ts';
import type { DecisionClick } from '../../../src/slack/decision-request.ts';
import { readSignedClick } from '../../../src/slack/signed-decision.ts';
import { startTable, TABLE } from '../adapters/support.ts';
import { ANA, buildIncident, CARD, NOW, TEAM } from '../support/incidents.ts';
import { type ClickChanges, signedClickFor } from '../support/signed-clicks.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let clicks: DynamoSignedClicks;
let head: IncidentHead;
let count = 0;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
  clicks = new DynamoSignedClicks(table.client, TABLE);
});
afterAll(() => table.close());
beforeEach(async () => {
  count += 1;
  const built = buildIncident('awaiting-approval', { head: { id: `inc-kept-${count}` } }).head;
  head = { ...built, alarm: { ...built.alarm, arn: `${built.alarm.arn}-${count}` } };
  await store.open(head);
});

const wanted = (): Decision => ({
  number: 1,
  kind: 'apply-one',
  planDigest: head.plan?.digest ?? '',
  actor: ANA,
  at: new Date(NOW).toISOString(),
  slack: { team: TEAM, ...CARD },
});

const delivery = {
  wake: () => Promise.resolve(true),
  startRollback: () => Promise.resolve(),
  startKeep: () => Promise.resolve(),
};

/** Answers the click that the bytes are of, or one with other bytes. */
async function click(changes: ClickChanges = {}, rules: object = {}, given?: unknown) {
  const signed = signedClickFor(head, wanted(), changes);
  const read = readSignedClick(signedClickFor(head, wanted())) as DecisionClick;
  const answer = await answerClick(read, given ?? signed, {
    store,
    clicks,
    delivery,
    show: async () => {},
    carryOn: async () => 'nothing',
    clock: { now: () => NOW },
    approvers: [ANA.id],
    evidenceMaxAgeSeconds: 900,
    ...rules,
  });
  const { decisions = [] } = (await store.head(head.id)) ?? {};
  return { answer, decisions, kept: await clicks.find(head.id, clickReference(signed)) };
}

test('what Slack signed is kept under the name that the decision has for it', async () => {
  const { answer, decisions, kept } = await click();
  expect(answer.kind).toBe('accepted');
  expect(kept).toEqual(signedClickFor(head, wanted()));
  expect(decisions.map(({ slack }) => slack?.signed)).toEqual([clickReference(kept ?? wrong())]);
});

test('a decision whose click could not be kept is not stored', async () => {
  const broken = { keep: () => Promise.reject(new Error('the table is away')) };
  await expect(click({}, { clicks: broken })).rejects.toThrow('the table is away');
  expect((await store.head(head.id))?.decisions).toEqual([]);
});

test('of a click that decides nothing, nothing is kept', async () => {
  const { answer, decisions, kept } = await click({}, { approvers: [] });
  expect([answer.kind, decisions, kept]).toEqual(['refused', [], undefined]);
});

test.each<[string, ClickChanges, unknown]>([
  ['is larger than an item', { body: (body) => body + 'x'.repeat(300_000) }, undefined],
  ['is of another button', { payload: (one) => ({ ...one, message: { ts: '1.1' } }) }, undefined],
  ['is a form of two fields', { body: (body) => `${body}&token=x` }, undefined],
  ['has no signature', {}, { timestamp: '1795442521', body: 'payload=%7B%7D' }],
])('a click whose request %s decides nothing', async (_what, changes, given) => {
  const { answer, decisions, kept } = await click(changes, {}, given);
  expect(answer).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('nothing was done') });
  expect([decisions, kept]).toEqual([[], undefined]);
});

function wrong(): never {
  throw new Error('No click was kept.');
}
