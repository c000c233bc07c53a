import { afterAll, beforeAll, expect, test } from 'vitest';
import { awaitButton } from '../../local/demo/auto-clicks.ts';
import { clickAndKill } from '../../local/demo/faults/killed-click.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1]);
});
afterAll(() => scenario.close());

test('a click whose function was killed after it stored the decision is carried out all the same, once', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await until(
    async () => (await it.buttons()).includes('apply-one'),
    () => 'The card has no button.',
  );
  const actionId = 'medic.apply-one';
  const { place } = await awaitButton(it.service.slack, actionId, 0);
  await clickAndKill(it.service, { ...place, actionId });
  expect((await it.head()).decisions).toMatchObject([{ kind: 'apply-one' }]);
  await it.service.reconcile();
  await it.reach('resolved');
  await it.cardSays('Verified');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});
