import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';

let scenario: Scenario | undefined;

afterEach(async () => {
  await scenario?.close();
  scenario = undefined;
});

test('a click on old evidence collects again, shows the fresh plan and waits for another click', async () => {
  scenario = await Scenario.start([1], { MEDIC_EVIDENCE_MAX_AGE_SECONDS: '10' });
  const it = scenario.take(1);
  const before = await it.fallIll();
  await sleep(11_000);
  await it.press('apply-one');
  await expect.poll(async () => (await it.head()).collection, { timeout: 30_000 }).toBe(2);
  const after = await it.reach('awaiting-approval');
  expect(after.decisions).toMatchObject([{ kind: 'refresh' }]);
  expect(after.plan?.digest).not.toBe(before.plan?.digest);
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await it.press('apply-one');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test('an incident that nobody decides expires and frees its alarm', async () => {
  scenario = await Scenario.start([1], { MEDIC_DECISION_TIMEOUT_SECONDS: '2' });
  const it = scenario.take(1);
  await it.fire();
  const head = await it.reach('expired');
  expect(head.decisions).toMatchObject([{ kind: 'timeout' }]);
  await it.cardSays('Nobody decided');
  expect(await it.buttons()).not.toContain('apply-one');
  await expect.poll(() => it.service.store.openIncidentOf(it.arn)).toBeUndefined();
});
