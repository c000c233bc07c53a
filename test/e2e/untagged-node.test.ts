import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelNode } from './support/model-node.ts';
import { Scenario } from './support/scenario.ts';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start([6, 6, 3]);
});

afterAll(() => scenario.close());

const asked = (nodes: readonly ModelNode[]) => nodes.map((node) => node.times('medic-collect'));
const UNTAGGED = { role: 'worker' };

test.concurrent('a node without the tag is named with what to do, and the others are asked and healed', async () => {
  const it = scenario.take(6);
  const [, , third] = it.nodes;
  if (third === undefined) return;
  third.tags = UNTAGGED;
  const head = await it.fallIll();
  expect(asked(it.nodes)).toEqual([1, 1, 0, 1, 1, 1]);
  expect(head.nodeGaps).toEqual([
    expect.stringMatching(
      new RegExp(`^${third.instanceId} was not asked: .* lacks the tag eks:cluster-name=shop.*tag it`),
    ),
  ]);
  await it.cardSays(third.instanceId);
  await it.press('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 0, 1, 1, 1]);
  // Once it has the tag, the card of the others leads to it.
  const { id } = await it.head();
  const [first] = it.nodes;
  third.tags = first?.tags ?? {};
  await it.cardSays('Try the others again');
  await it.press('collect-again');
  await it.openedAfter(id);
  const fresh = await it.reach('awaiting-approval');
  expect(fresh.plan?.nodes.map(({ instanceId }) => instanceId)).toEqual([third.instanceId]);
});

test.concurrent('nodes that lose the tag while the incident is open are set aside, and the others go on', async () => {
  const it = scenario.take(6);
  const { id } = await it.fallIll();
  const [first, , , , , last] = it.nodes;
  if (first === undefined || last === undefined) return;
  [first.tags, last.tags] = [UNTAGGED, UNTAGGED];
  await it.service.store.update(id, (head) => ({ ...head, evidenceAt: new Date(0).toISOString() }));
  await it.press('apply-all');
  await it.cardSays('IAM');
  const head = await it.reach('awaiting-approval');
  expect(asked(it.nodes)).toEqual([1, 2, 2, 2, 2, 1]);
  expect(head.plan?.nodes).toHaveLength(4);
});

test.concurrent('where no node has the tag, the incident says which one they lack', async () => {
  const it = scenario.take(3);
  for (const node of it.nodes) node.tags = UNTAGGED;
  await it.fire();
  await it.reach('failed');
  await it.cardSays('lack the tag eks:cluster-name=shop');
  expect(asked(it.nodes)).toEqual([0, 0, 0]);
});
