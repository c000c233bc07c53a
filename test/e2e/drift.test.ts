import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1, 1], { MEDIC_DRIFT_SECONDS: '2' });
});
afterAll(() => scenario.close());

async function raised() {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  const [node] = it.nodes;
  if (node === undefined) throw new Error('The alarm has a node.');
  return { it, node };
}

async function told(it: Awaited<ReturnType<typeof raised>>['it'], what: string): Promise<void> {
  let thread = '';
  await until(
    async () => {
      thread = await it.thread();
      return thread.includes(what);
    },
    () => `The thread does not say "${what}": ${thread}`,
  );
}

test.concurrent('some time after the end the nodes are read again and the thread says that the raise holds', async () => {
  const { it, node } = await raised();
  await told(it, 'in force');
  expect((await it.head()).drift).toMatchObject([
    { nodes: [{ instanceId: node.instanceId, state: 'held' }] },
  ]);
  await it.cardSays('Verified');
  expect((await it.head()).state).toBe('resolved');
});

test.concurrent('once a raise stands, the thread says what undoes it and gives the files against that', async () => {
  const { it } = await raised();
  await told(it, 'Make it last');
  expect(await it.thread()).toContain('node-replacement: new nodes start with the old limit');
  expect(await it.thread()).toContain('net.netfilter.nf_conntrack_max = 131072');
});

test.concurrent('a limit that was moved back meanwhile is on the card, and a rollback takes back what the thread says of it', async () => {
  const { it, node } = await raised();
  node.max = 32_768;
  await told(it, 'nf_conntrack_max is 32,768 again, not 131,072');
  await it.cardSays('The change did not last on 1 of 1 node');
  expect(node.times('medic-raise')).toBe(1);
  await told(it, 'is gone from the card');
  await it.press('rollback');
  await it.reach('rolled-back');
  await told(it, 'above no longer applies');
});

test.concurrent('after a rollback nobody looks', async () => {
  const { it, node } = await raised();
  await it.press('rollback');
  await it.reach('rolled-back');
  const collected = node.times('medic-collect');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(node.times('medic-collect')).toBe(collected);
  expect((await it.head()).drift).toBeUndefined();
});
