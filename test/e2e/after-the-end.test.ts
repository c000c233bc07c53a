import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';
import { stopExecutions } from './support/stop-executions.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
let lambda: LambdaClient;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1], { MEDIC_DRIFT_SECONDS: '6' });
  const { lambda: endpoint, region, credentials } = scenario.service.endpoints;
  lambda = new LambdaClient({ endpoint, region, credentials });
});
afterAll(async () => {
  lambda.destroy();
  await scenario.close();
});

test('a workflow that stopped after the end is taken up: its nodes are looked at, and nothing is said twice', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await until(
    async () => (await it.thread()).includes('Make it last'),
    () => 'The thread does not say how to make it last.',
  );
  await stopExecutions(lambda, it);
  await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
  await until(
    async () => (await it.thread()).includes('Looked again'),
    () => 'Nobody has looked again.',
  );
  expect((await it.thread()).match(/"text":"Runbook: Make it last/g)).toHaveLength(1);
  expect((await it.head()).drift).toHaveLength(1);
  await it.cardSays('looked again');
  await until(
    async () => !(await scenario.service.store.unfinished()).includes((await it.head()).id),
    () => 'The incident is still on the list of what is owed.',
  );
  expect(scenario.failures.join('\n')).toBe('');
});

test('what a rollback took back is not looked at, and nothing is left to do for it', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await it.press('rollback');
  await it.reach('rolled-back');
  await stopExecutions(lambda, it);
  await until(
    async () => {
      await scenario.service.reconcile();
      return !(await scenario.service.store.unfinished()).includes((await it.head()).id);
    },
    () => 'The incident is still on the list of what is owed.',
  );
  const head = await it.head();
  expect([head.state, head.drift, head.aftermath]).toEqual(['rolled-back', undefined, undefined]);
});

test('a rollback whose workflow stopped right after its end is told of in the thread all the same, once', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await until(
    async () => (await it.thread()).includes('Looked again'),
    () => 'Nobody has looked again.',
  );
  // Its end is on record; while its card can not be drawn nothing of what follows is said.
  scenario.service.faults.slack = (method) => method === 'chat.update';
  await it.press('rollback');
  await it.reach('rolled-back');
  await stopExecutions(lambda, it);
  scenario.service.faults.slack = undefined;
  expect(await it.thread()).not.toContain('above no longer applies');
  await until(
    async () => {
      await Promise.all([scenario.service.reconcile(), scenario.service.reconcile()]);
      return !(await scenario.service.store.unfinished()).includes((await it.head()).id);
    },
    () => 'The incident is still on the list of what is owed.',
  );
  expect((await it.thread()).match(/"text":"No raise stands any more/g)).toHaveLength(1);
  expect((await it.head()).state).toBe('rolled-back');
});
