import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { APPROVER } from '../../local/slack/people.ts';
import { isOwed } from '../../src/core/incident/shown/card-view.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** Longer than what a call of Slack is tried for in one function. */
const AWAY_MS = 10_000;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1, 1, 1, 1, 1, 1, 1]);
});
// Other files find this service again.
afterEach(() => {
  scenario.service.faults.slack = undefined;
});
afterAll(() => scenario.close());

/** Has Slack away for everything, or for what a test names, from now on. */
function leave(isAway: NonNullable<typeof scenario.service.faults.slack> = () => true): void {
  scenario.service.faults.slack = isAway;
}

/** Slack is there again, and the schedule comes round until the card says it. */
async function comeBack(it: Patient, says: string): Promise<void> {
  scenario.service.faults.slack = undefined;
  await until(
    async () => {
      await scenario.service.reconcile();
      return (await it.card()).includes(says);
    },
    () => `The card does not say "${says}".`,
  );
}

/** Cards of an incident in the channel, whether or not its record knows of them. */
async function cardsOf(it: Patient): Promise<number> {
  const { id } = await it.head();
  return scenario.service.slack.workspace
    .channelAs(APPROVER.id)
    .filter((message) => JSON.stringify(message.blocks).includes(id)).length;
}

test('a card that Slack does not take when the buttons are due comes later, and the incident waits', async () => {
  const it = scenario.take(1);
  await it.fire();
  await it.reach('collecting');
  leave();
  await sleep(AWAY_MS);
  await comeBack(it, 'Apply to 1 node');
  expect((await it.head()).state).toBe('awaiting-approval');
  await it.press('apply-one');
  await it.reach('resolved');
  await it.cardSays('Verified');
});

test('a card that was never posted is posted once, and what it says is true', async () => {
  const it = scenario.take(1);
  leave();
  await it.fire();
  await it.reach('awaiting-approval');
  await sleep(AWAY_MS);
  expect((await it.head()).card).toBeUndefined();
  scenario.service.faults.slack = undefined;
  await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
  await comeBack(it, 'Apply to 1 node');
  expect(await cardsOf(it)).toBe(1);
  await it.press('apply-one');
  await it.reach('resolved');
});

test('Slack away from the click to the end leaves no card that says that nothing was changed', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.cardSays('Apply to 1 node');
  leave((method) => method === 'chat.update' || method === 'chat.postMessage');
  await it.press('apply-one');
  await it.reach('resolved');
  await sleep(AWAY_MS);
  // What is still on the old card is answered with what is true.
  expect(await it.answerTo(() => it.press('apply-one'))).toContain('resolved');
  await comeBack(it, 'Verified');
  expect(await it.buttons()).not.toContain('apply-one');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
  await until(
    async () => {
      await scenario.service.reconcile();
      const { id, missing = [] } = await it.head();
      return missing.length === 0 && !isOwed(await scenario.service.store.cardView(id));
    },
    () => 'Something is still owed to the card or its thread.',
  );
});

test('Slack away during a rollback leaves no card that calls the raise verified', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await it.cardSays('Verified');
  leave((method) => method === 'chat.update' || method === 'chat.postMessage');
  await it.press('rollback');
  await it.reach('rolled-back');
  await sleep(AWAY_MS);
  await comeBack(it, 'Rolled back');
  expect(it.nodes[0]?.max).toBe(32_768);
});

test('the runbook that Slack did not take comes later, once, and the card misses it no more', async () => {
  const it = scenario.take(1);
  leave((method, { thread_ts: thread }) => method === 'chat.postMessage' && thread !== undefined);
  await it.fire();
  await it.reach('collecting');
  await until(
    async () => (await it.head()).missing?.some(({ what }) => what === 'runbook') === true,
    () => 'Nothing is missing.',
    it.recordNews,
  );
  await it.cardSays('the runbook in the thread');
  scenario.service.faults.slack = undefined;
  await until(
    async () => {
      await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
      return (await it.head()).missing?.length === 0;
    },
    () => 'The runbook is still missing.',
  );
  await it.reach('awaiting-approval');
  const firstParts = (await it.thread()).match(/"text":"Runbook: [^"(]*(?:"|\(1\/)/g);
  expect(firstParts).toHaveLength(1);
  expect(await it.card()).not.toContain('the runbook in the thread');
});

test('a note that Slack did not take comes later, once, with the time that it is of', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await it.cardSays('Verified');
  await until(
    async () => (await it.thread()).includes('Make it last'),
    () => 'The thread does not say how to make it last.',
  );
  leave((method) => method === 'chat.postMessage');
  await it.press('rollback');
  await it.reach('rolled-back');
  await it.cardSays('a note in the thread');
  expect(await it.thread()).not.toContain('above no longer applies');
  scenario.service.faults.slack = undefined;
  await until(
    async () => {
      await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
      return (await it.head()).missing?.length === 0;
    },
    () => 'The note is still missing.',
  );
  expect((await it.thread()).match(/Late, of [\d:]{8}Z: No raise stands any more/g)).toHaveLength(1);
  expect(await it.card()).not.toContain('a note in the thread');
});

test('a card that somebody has deleted is posted anew, once, and its buttons count', async () => {
  const it = scenario.take(1);
  const { card, id } = await it.fallIll();
  await it.cardSays('Apply to 1 node');
  scenario.service.slack.workspace.delete(card?.message ?? '');
  await it.service.send(it.event('ALARM', Date.now() + 1000));
  await until(
    async () => {
      await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
      const now = await it.head();
      return now.card !== undefined && now.card.message !== card?.message;
    },
    () => 'There is no other card.',
  );
  it.lookAt(id);
  expect(await cardsOf(it)).toBe(1);
  await it.cardSays('Apply to 1 node');
  await it.press('apply-one');
  await it.reach('resolved');
  await it.cardSays('Verified');
});
