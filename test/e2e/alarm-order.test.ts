import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentId } from '../../src/core/incident/open-incident.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1, 3]);
});
afterAll(() => scenario.close());

test('sixty firings at once are one incident that counts sixty, and an OK that was last closes it', async () => {
  const it = scenario.take(1);
  const now = Date.now();
  await it.fire(now);
  // Which of many at once opens the incident is anybody's; here it is this one.
  await until(
    async () => (await it.service.store.head(incidentOf(it, now))) !== undefined,
    () => 'The alarm has opened no incident.',
  );
  const others = Array.from({ length: 59 }, (_, index) => now - 60_000 + ((index * 37) % 59) * 1000);
  await Promise.all(others.map((at) => it.service.send(it.event('ALARM', at))));
  // An OK between the firings is not the last word.
  await it.recover(now - 30_500);
  let counted = 0;
  await until(
    async () => {
      counted = (await it.service.store.newestIncidentOf(it.arn))?.seen.count ?? 0;
      return counted === 60;
    },
    () => `The firings are counted as ${counted}.`,
  );
  await it.reach('awaiting-approval');
  await it.cardSays('seen 60×');
  await it.recover(now + 1000);
  await it.reach('resolved');
  await it.cardSays('alarm OK since');
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

const incidentOf = ({ arn }: Patient, at: number): string =>
  incidentId({ arn, changedAt: new Date(at).toISOString() });

/** The alarm of a dismissed incident goes OK and fires again. */
async function fireAgain(it: Patient): Promise<void> {
  const again = Date.now() + 2000;
  await it.recover(again - 1000);
  await it.service.send(it.event('ALARM', again));
}

test('a dismissal holds for a while: the alarm that fires again is counted, and its nodes are looked at', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('dismiss');
  const { quiet, id, collection } = await it.reach('dismissed');
  // The day stands before the time where it ends after midnight.
  await it.cardSays(`${quiet?.until.slice(11, 19)}Z unless it gets worse`);
  await fireAgain(it);
  await it.cardSays('seen 2×');
  await it.cardSays('no worse');
  await it.service.reconcile();
  expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
  expect((await it.service.store.newestIncidentOf(it.arn))?.id).toBe(id);
  expect((await it.head()).collection).toBe(collection + 1);
});

test('a dismissed alarm that fires again because more nodes suffer is shown', async () => {
  const it = scenario.take(3);
  for (const node of it.nodes.slice(1)) node.max = 65_536;
  await it.fallIll();
  await it.press('dismiss');
  const { id } = await it.reach('dismissed');
  for (const node of it.nodes) node.max = 32_768;
  await fireAgain(it);
  await it.cardSays('no longer quiet: It got worse: 3 nodes lose packets, 1 did then.');
  expect((await it.service.store.newestIncidentOf(it.arn))?.id).toBe(id);
  await it.service.reconcile();
  const shown = await it.service.store.openIncidentOf(it.arn);
  expect(shown?.id).not.toBe(id);
  expect(shown?.alarm.reason).toContain(`Fired again after ${id} was dismissed. It got worse`);
});
