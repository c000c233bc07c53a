import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  // The document's own limit is 110 s: here 2.2 s.
  scenario = await Scenario.start(
    [1, 1],
    { MEDIC_DECISION_TIMEOUT_SECONDS: '2', MEDIC_COMMAND_POLL_SECONDS: '60' },
    20,
  );
});
afterAll(() => scenario.close());

test.concurrent('an incident that nobody decides expires and frees its alarm', async () => {
  const it = scenario.take(1);
  await it.fire();
  const head = await it.reach('expired');
  expect(head.decisions).toMatchObject([{ kind: 'timeout' }]);
  await it.cardSays('Nobody decided');
  expect(await it.buttons()).not.toContain('apply-one');
  await until(
    async () => (await it.service.store.openIncidentOf(it.arn)) === undefined,
    () => 'The alarm is not free.',
  );
});

test.concurrent('a node on which the collector hangs is told of when SSM stops it', async () => {
  const it = scenario.take(1);
  const [node] = it.nodes;
  if (node !== undefined) node.misbehave = () => new Promise(() => {});
  await it.fire();
  const head = await it.reach('failed');
  expect(head.transitions.at(-1)?.why).toContain('the script ran out of time and was stopped');
  await it.cardSays('ran out of time');
});
