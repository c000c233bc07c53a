import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1]);
});
afterAll(() => scenario.close());

test('sixty firings at once are one incident that counts sixty, and an OK that was last closes it', async () => {
  const it = scenario.take(1);
  const now = Date.now();
  await it.fire(now);
  const others = Array.from({ length: 59 }, (_, index) => now - 60_000 + ((index * 37) % 59) * 1000);
  await Promise.all(others.map((at) => it.service.send(it.event('ALARM', at))));
  // An OK between the firings is not the last word.
  await it.recover(now - 30_500);
  let counted = 0;
  await until(
    async () => {
      counted = (await it.head()).seen.count;
      return counted === 60;
    },
    () => `The firings are counted as ${counted}.`,
  );
  await it.reach('awaiting-approval');
  await it.cardSays('seen 60×');
  await it.recover(now + 1000);
  await it.reach('resolved');
  expect(await it.buttons()).not.toContain('apply-one');
});

test('an OK that is delivered before its alarm leaves no button standing', async () => {
  const it = scenario.take(1);
  const now = Date.now();
  await it.recover(now + 1000);
  await it.fire(now);
  await it.reach('resolved');
  await it.cardSays('alarm OK since');
  expect(await it.buttons()).not.toContain('apply-one');
});

test('a dismissal holds for a while: the alarm that fires again is counted on its card', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('dismiss');
  const { quiet, id } = await it.reach('dismissed');
  await it.cardSays(`stays quiet until ${quiet?.until.slice(11, 19)}`);
  const again = Date.now() + 2000;
  await it.recover(again - 1000);
  await it.service.send(it.event('ALARM', again));
  await it.cardSays('seen 2×');
  expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
  expect((await it.service.store.newestIncidentOf(it.arn))?.id).toBe(id);
});
