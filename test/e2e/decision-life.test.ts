import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** Long enough for a click that goes its way, on a busy machine. */
const LIFE_SECONDS = 10;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 3], { MEDIC_DECISION_LIFE_SECONDS: String(LIFE_SECONDS) });
});
afterAll(() => scenario.close());

/** A click whose wake-up is lost: Lambda turns it away. */
async function pressUnheard(it: Patient, kind: string): Promise<void> {
  const { faults } = scenario.service;
  await faults.throttle('callback');
  expect(await it.answerTo(() => it.press(kind))).toContain('Your decision is stored');
  await faults.throttle(undefined);
}

test('a decision that is delivered too late sends nothing, says so and asks again', async () => {
  const it = scenario.take(1);
  const before = await it.fallIll();
  await pressUnheard(it, 'apply-one');
  await it.cardSays('Approved by @ana');
  expect(await it.buttons()).toEqual(['show-runbook', 'show-more', 'show-page']);
  await sleep((LIFE_SECONDS + 1) * 1000);
  await scenario.service.reconcile();
  await it.cardSays('was not begun within');
  const after = await it.reach('awaiting-approval');
  expect(after.collection).toBe(before.collection + 1);
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await it.press('apply-one');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test('an alarm that is OK before the first command ends the decision, and nothing is sent', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await pressUnheard(it, 'apply-one');
  await it.recover();
  await until(
    async () => (await it.head()).alarmOkAt !== undefined,
    () => 'The OK was not noted.',
  );
  await scenario.service.reconcile();
  await it.reach('resolved');
  await it.cardSays('before anything was sent, so nothing was');
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  expect(await it.buttons()).toContain('collect-again');
});

test('what a decision began may finish, however long it takes and although the alarm is OK', async () => {
  const it = scenario.take(3);
  await it.fallIll();
  const [canary] = it.nodes;
  if (canary === undefined) return;
  canary.misbehave = (document) => {
    if (document === 'medic-raise') void it.recover();
    return undefined;
  };
  await it.press('apply-all');
  const head = await it.reach('resolved');
  expect(head.alarmOkAt).toBeDefined();
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
});
