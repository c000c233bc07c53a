import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gate } from './support/gate.ts';
import { result } from './support/model-node.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const NODES = 16;
/** As many as a change goes to at once, so that the nodes beyond them wait. */
const AT_ONCE = 10;

/** More than one command may name, and than one click may change. */
const MANY = 53;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([NODES, NODES, MANY]);
});
afterAll(() => scenario.close());

test.concurrent('while a command runs on many nodes the card says how many have answered', async () => {
  const it = scenario.take(NODES);
  await it.fallIll();
  const [canary, ...rest] = it.nodes;
  const gates = rest.map(() => new Gate());
  let atOnce = 0;
  let most = 0;
  for (const [index, node] of rest.entries()) {
    node.misbehave = async (document) => {
      if (document !== 'medic-raise') return undefined;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await gates[index]?.passed;
      atOnce -= 1;
      return undefined;
    };
  }
  await it.press('apply-all');
  await until(
    () => atOnce === AT_ONCE,
    () => `${atOnce} nodes were asked at once.`,
  );
  for (const answered of [3, 9]) {
    for (const gate of gates.slice(0, answered)) gate.open();
    // The first node has the change already and counts.
    await it.cardSays(`${1 + answered} of ${NODES} nodes have answered`);
  }
  for (const gate of gates) gate.open();
  await it.reach('resolved');
  expect(most).toBe(AT_ONCE);
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual(it.nodes.map(() => 1));
  expect(canary?.times('medic-raise')).toBe(1);
  expect((await it.head()).progress).toBeUndefined();
  expect(scenario.failures.join('\n')).toBe('');
});

test.concurrent('a node that fails keeps the change from the nodes that wait, and the list says which have it', async () => {
  const it = scenario.take(NODES);
  await it.fallIll();
  const [, failing, ...others] = it.nodes;
  if (failing === undefined) throw new Error('There is no second node.');
  const hasFailed = () =>
    until(
      () => failing.times('medic-raise') > 0,
      () => 'The second node was not asked.',
    );
  failing.misbehave = (document, { max, buckets }, nonce) =>
    document === 'medic-raise'
      ? result(nonce, 'failed', 'write-failed', { max, buckets }, { max, buckets })
      : undefined;
  for (const node of others) {
    node.misbehave = async (document) => {
      if (document === 'medic-raise') await hasFailed();
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
    // Nothing was ordered on the nodes that waited.
    expect([node.instanceId, outcome]).toEqual([
      node.instanceId,
      isChanged ? 'raised' : node === failing ? 'failed' : undefined,
    ]);
  }
  await it.cardSays(`Raised on ${AT_ONCE} of ${NODES} nodes`);
});

test.concurrent('more nodes than one click may change: all are read, the others wait for the next click, all are changed, and all back', async () => {
  const it = scenario.take(MANY);
  const head = await it.fallIll();
  expect(head.nodes).toHaveLength(MANY);
  expect(head.nodeGaps).toEqual([]);
  await it.cardSays('Apply to 50 of 53');
  await it.cardSays('3 more need the same');
  await it.press('apply-all');
  await it.reach('applied-one');
  const raised = () => it.nodes.filter((node) => node.times('medic-raise') > 0);
  expect(raised()).toHaveLength(50);
  await it.cardSays('verified on 50 of 53 nodes');
  await it.press('apply-all');
  const ended = await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual(it.nodes.map(() => 1));
  expect(ended.remediations.every(({ verification }) => verification?.passed === true)).toBe(true);
  expect(ended).not.toHaveProperty('planRest');
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(new Set(it.nodes.map((node) => node.max))).toEqual(new Set([32_768]));
});
