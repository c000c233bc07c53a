import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { stopExecutions } from './support/stop-executions.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
let lambda: LambdaClient;
beforeAll(async () => {
  scenario = await Scenario.start([...Array.from({ length: 10 }, () => 1), 3, 3, 3]);
  const { lambda: endpoint, region, credentials } = scenario.service.endpoints;
  lambda = new LambdaClient({ endpoint, region, credentials });
});
afterAll(async () => {
  lambda.destroy();
  await scenario.close();
});

const reconcile = () => scenario.service.reconcile();

const stop = (it: Patient) => stopExecutions(lambda, it);

/** Stops the execution of an incident while a node carries a document out. */
function stopDuring(it: Patient, document: string): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const node of it.nodes)
      node.misbehave = (sent) => {
        if (sent !== document) return undefined;
        node.misbehave = () => undefined;
        stop(it).then(resolve, reject);
        return undefined;
      };
  });
}

test('a start that was throttled is made up for', async () => {
  const it = scenario.take(1);
  await scenario.service.faults.throttle('start');
  await it.fire();
  await it.reach('collecting');
  await until(
    () => scenario.failures.some((why) => why.includes('Rate exceeded')),
    () => 'The start was not throttled.',
  );
  await scenario.service.faults.throttle(undefined);
  await reconcile();
  await it.reach('awaiting-approval');
  await it.press('apply-one');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test('a decision whose wake-up was throttled is delivered, and its raise made once', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await scenario.service.faults.throttle('callback');
  expect(await it.answerTo(() => it.press('apply-one'))).toContain('Your decision is stored');
  await scenario.service.faults.throttle(undefined);
  await Promise.all([reconcile(), reconcile()]);
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test('an incident whose workflow runs is left alone', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.cardSays('Nothing was changed yet');
  await it.quiet();
  const before = await it.head();
  await reconcile();
  await reconcile();
  await it.quiet();
  expect(await it.head()).toEqual(before);
  await it.press('dismiss');
  await it.reach('dismissed');
});

test.concurrent('a workflow that stopped while it collected is taken up, once by two at once', async () => {
  const it = scenario.take(1);
  const stopped = stopDuring(it, 'medic-collect');
  await it.fire();
  await stopped;
  await Promise.all([reconcile(), reconcile()]);
  const head = await it.reach('awaiting-approval');
  expect(head.takenUp).toMatchObject({ number: 1, tries: 1 });
  await reconcile();
  expect((await it.head()).takenUp).toEqual(head.takenUp);
  await it.press('apply-one');
  await it.reach('resolved');
});

test.concurrent('a workflow that stopped while it waited for a click waits again', async () => {
  const it = scenario.take(1);
  const { callback } = await it.fallIll();
  await stop(it);
  await reconcile();
  await until(
    async () => ![undefined, callback?.id].includes((await it.head()).callback?.id),
    () => 'Nothing waits for a click.',
  );
  await it.press('apply-one');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test.concurrent('a raise that was sent before the workflow stopped is verified and not sent again', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  const stopped = stopDuring(it, 'medic-raise');
  await it.press('apply-one');
  await stopped;
  await reconcile();
  const head = await it.reach('resolved');
  expect(head.remediations).toMatchObject([{ outcome: 'raised', verification: { passed: true } }]);
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
  await it.cardSays('Verified');
  expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
});

test.concurrent('of several nodes what was begun is verified, and the others want another click', async () => {
  const it = scenario.take(3);
  await it.fallIll();
  const stopped = stopDuring(it, 'medic-raise');
  await it.press('apply-all');
  await stopped;
  await reconcile();
  const head = await it.reach('applied-one');
  expect(it.nodes.map((node) => node.times('medic-raise')).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  expect(head.plan?.nodes).toHaveLength(2);
  await it.press('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
});

test.concurrent('a rollback whose workflow stopped is brought to its end', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  const stopped = stopDuring(it, 'medic-rollback');
  await it.press('rollback');
  await stopped;
  await reconcile();
  await it.reach('rolled-back');
  expect(it.nodes[0]?.times('medic-rollback')).toBe(1);
  expect(it.nodes[0]?.max).toBe(32_768);
});

test.concurrent('a workflow that stops again and again ends as what is true, and frees its alarm', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  for (let tries = 0; tries < 4; tries++) {
    await stop(it);
    await reconcile();
  }
  await it.reach('failed');
  await it.cardSays('stopped again and again while the incident was awaiting-approval');
  await it.cardSays('Nothing was changed');
  expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
  await it.fallIll();
});

// Not beside the others: whose reconciler runs between stop and click has taken the workflow up by then.
test('a click on an incident whose workflow has stopped says so and has it gone on with', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await stop(it);
  expect(await it.answerTo(() => it.press('apply-one'))).toContain('had stopped; it is being taken up again');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});
