import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { result } from './support/model-node.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const NODES = 16;
/** As many as a change goes to at once, so that the nodes beyond them wait. */
const AT_ONCE = 10;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([NODES, NODES]);
});
afterAll(() => scenario.close());

test('while a command runs on many nodes the card says how many have answered', async () => {
  const it = scenario.take(NODES);
  await it.fallIll();
  const [canary, ...rest] = it.nodes;
  let atOnce = 0;
  let most = 0;
  for (const [index, node] of rest.entries()) {
    node.misbehave = async (document) => {
      if (document !== 'medic-raise') return undefined;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await sleep(1_500 + 200 * index);
      atOnce -= 1;
      return undefined;
    };
  }
  await it.press('apply-all');
  const seen = new Set<string>();
  await until(
    async () => {
      const [, said] = /(\d+ of \d+ nodes have answered)/.exec(await it.card()) ?? [];
      if (said !== undefined) seen.add(said);
      return (await it.head()).state === 'resolved';
    },
    () => 'The rest was not raised.',
  );
  expect(most).toBe(AT_ONCE);
  expect(seen.size).toBeGreaterThan(1);
  for (const said of seen) expect(said).toMatch(new RegExp(`^\\d+ of ${NODES} `));
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual(it.nodes.map(() => 1));
  expect(canary?.times('medic-raise')).toBe(1);
  expect((await it.head()).progress).toBeUndefined();
  expect(scenario.failures).toEqual([]);
});

test('a node that fails keeps the change from the nodes that wait, and the list says which have it', async () => {
  const it = scenario.take(NODES);
  await it.fallIll();
  const [, failing, ...others] = it.nodes;
  if (failing === undefined) throw new Error('There is no second node.');
  failing.misbehave = (document, { max, buckets }, nonce) =>
    document === 'medic-raise'
      ? result(nonce, 'failed', 'write-failed', { max, buckets }, { max, buckets })
      : undefined;
  for (const node of others) {
    node.misbehave = async (document) => {
      if (document === 'medic-raise') await sleep(1_000);
      return undefined;
    };
  }
  await it.press('apply-all');
  const head = await it.reach('partially-applied');
  const reached = it.nodes.filter((node) => node.times('medic-raise') > 0);
  expect(reached).toHaveLength(1 + AT_ONCE);
  for (const node of it.nodes) {
    const outcome = head.remediations.find(({ instanceId }) => instanceId === node.instanceId)?.outcome;
    const isChanged = node.max > 32_768;
    expect([node.instanceId, outcome]).toEqual([
      node.instanceId,
      isChanged ? 'raised' : node === failing ? 'failed' : 'refused',
    ]);
  }
  await it.cardSays(`Raised on ${AT_ONCE} of ${NODES} nodes`);
});
