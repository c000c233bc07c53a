import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import { type ModelNode, result } from './support/model-node.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start([6, 6, 3, 3, 3, 3, 3]);
});

afterAll(() => scenario.close());

/** As Systems Manager and IAM see an instance that was replaced: none of its tags is there any more. */
const vanish = (node: ModelNode | undefined): void => {
  if (node !== undefined) node.tags = {};
};

/** Says that it drops packets, and refuses whatever is sent to it. */
const refuse = (node: ModelNode | undefined): void => {
  if (node === undefined) return;
  node.misbehave = (document, { max, buckets }, nonce) =>
    document === 'medic-raise'
      ? result(nonce, 'refused', 'value-moved', { max, buckets }, { max, buckets })
      : undefined;
};

const raises = ({ nodes }: Patient): number[] => nodes.map((node) => node.times('medic-raise'));

/** How many nodes the raise reached exactly once. */
const raisedOnce = (it: Patient): number => raises(it).filter((times) => times === 1).length;

/** The nodes in the order of the plan, which is not that of the group. */
function inPlan({ nodes }: Patient, { plan }: IncidentHead): ModelNode[] {
  return (plan?.nodes ?? []).flatMap(
    ({ instanceId }) => nodes.find((node) => node.instanceId === instanceId) ?? [],
  );
}

test.concurrent('a node that is gone when the rest is changed is set aside, and all the others are changed', async () => {
  const it = scenario.take(6);
  const [, , , gone] = inPlan(it, await it.fallIll());
  if (gone === undefined) throw new Error('The plan has no fourth node.');
  const tags = gone.tags;
  vanish(gone);
  await it.press('apply-all');
  const head = await it.reach('partially-applied');
  expect(raisedOnce(it)).toBe(5);
  expect(gone.times('medic-raise')).toBe(0);
  expect(head.remediations.filter(({ outcome }) => outcome === 'raised')).toHaveLength(5);
  await it.cardSays('Raised on 5 of 6 nodes');
  await it.cardSays('set aside');
  // Once the node is there again, a fresh card with a fresh plan heals it.
  gone.tags = tags;
  await it.cardSays('Try the others again');
});

test.concurrent('a node that cannot be reached is set aside, and all the others are changed', async () => {
  const it = scenario.take(6);
  const [, , away] = inPlan(it, await it.fallIll());
  if (away === undefined) throw new Error('The plan has no third node.');
  away.isOnline = false;
  await it.press('apply-all');
  const head = await it.reach('partially-applied');
  expect(raisedOnce(it)).toBe(5);
  expect(away.times('medic-raise')).toBe(0);
  expect(head.remediations.filter(({ verification }) => verification?.passed === true)).toHaveLength(5);
  await it.cardSays('could not be delivered');
});

test.concurrent('a first node that refuses is replaced by the next one, and the card says so', async () => {
  const it = scenario.take(3);
  const [lying, second, third] = inPlan(it, await it.fallIll());
  refuse(lying);
  await it.press('apply-all');
  await it.reach('partially-applied');
  expect([lying, second, third].map((node) => node?.max)).toEqual([32_768, 131_072, 131_072]);
  await it.cardSays('value-moved');
  await it.cardSays('Raised on 2 of 3 nodes');
});

test.concurrent('a first node that another change holds is replaced by the next one, and can be tried again', async () => {
  const it = scenario.take(3);
  const [held, second, third] = inPlan(it, await it.fallIll());
  const { store } = it.service;
  const id = held?.instanceId ?? '';
  expect(await store.lockNode(id, 'inc-another#1')).toBe(true);
  await it.press('apply-all');
  const { id: first } = await it.reach('partially-applied');
  expect([held, second, third].map((node) => node?.max)).toEqual([32_768, 131_072, 131_072]);
  await it.cardSays('another change of this node is under way');
  await it.cardSays('took its place');
  await it.cardSays('Try the others again');
  await store.unlockNode(id, 'inc-another#1');
  await it.press('collect-again');
  const again = await it.openedAfter(first);
  expect(again.alarm.reason).toContain(`Collected again after ${first}`);
  const fresh = await it.reach('awaiting-approval');
  expect(fresh.plan?.nodes.map(({ instanceId }) => instanceId)).toEqual([id]);
  await it.press('apply-one');
  await it.reach('resolved');
  expect([held, second, third].map((node) => node?.max)).toEqual([131_072, 131_072, 131_072]);
  expect([held, second, third].map((node) => node?.times('medic-raise'))).toEqual([1, 1, 1]);
});

test.concurrent('a first node that is gone is replaced by the next one where only one was approved', async () => {
  const it = scenario.take(3);
  const [gone, second, third] = inPlan(it, await it.fallIll());
  vanish(gone);
  await it.press('apply-one');
  await it.reach('applied-one');
  expect([gone, second, third].map((node) => node?.max)).toEqual([32_768, 131_072, 32_768]);
  await it.cardSays('took its place');
  await it.press('apply-all');
  await it.reach('resolved');
  expect(third?.max).toBe(131_072);
});

test.concurrent('where every node refuses, nothing is changed and the card says so', async () => {
  const it = scenario.take(3);
  await it.fallIll();
  for (const node of it.nodes) refuse(node);
  await it.press('apply-all');
  await it.reach('failed');
  await it.cardSays('nothing was changed');
  expect(raises(it)).toEqual([1, 1, 1]);
});

test.concurrent('a change that fails stops what follows, also where a node was set aside before', async () => {
  const it = scenario.take(3);
  const [gone, failing, third] = inPlan(it, await it.fallIll());
  vanish(gone);
  if (failing !== undefined)
    failing.misbehave = (document, { max, buckets }, nonce) =>
      document === 'medic-raise'
        ? result(nonce, 'failed', 'write-failed', { max, buckets }, { max, buckets })
        : undefined;
  await it.press('apply-all');
  await it.reach('failed');
  expect(third?.times('medic-raise')).toBe(0);
});
