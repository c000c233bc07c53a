import { afterAll, beforeAll, expect, test } from 'vitest';
import { STRANGER } from '../../local/slack/people.ts';
import { claimRemediation } from '../../src/core/remediation/claim.ts';
import { result } from './support/model-node.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
const one = () => scenario.take(1);
const three = () => scenario.take(3);

beforeAll(async () => {
  scenario = await Scenario.start([
    ...Array.from({ length: 11 }, () => 1),
    ...Array.from({ length: 8 }, () => 3),
  ]);
});

afterAll(() => scenario.close());

test.concurrent('one click raises and verifies one node', async () => {
  const it = one();
  const { plan } = await it.fallIll();
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await it.press('apply-one');
  const head = await it.reach('resolved');
  expect(plan?.nodes[0]).toMatchObject({ max: { to: it.nodes[0]?.max } });
  expect(head.remediations).toMatchObject([
    { outcome: 'raised', verification: { passed: true, collection: 2 } },
  ]);
  await it.cardSays('Verified');
  expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
});

test.concurrent('all nodes: the others wait until the first is verified, and each is raised once', async () => {
  const it = three();
  await it.fallIll();
  const [canary, ...rest] = it.nodes;
  let collectedBefore = 0;
  for (const node of rest) {
    node.misbehave = (document) => {
      if (document === 'medic-raise') collectedBefore = canary?.times('medic-collect') ?? 0;
      return undefined;
    };
  }
  await it.press('apply-all');
  const head = await it.reach('resolved');
  expect(collectedBefore).toBe(2);
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
  expect(head.remediations.every(({ verification }) => verification?.passed)).toBe(true);
});

test.concurrent('one node first: the rest gets a fresh plan with another digest and a click of its own', async () => {
  const it = three();
  const before = await it.fallIll();
  await it.press('apply-one');
  const half = await it.reach('applied-one');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 0, 0]);
  expect(half.plan?.nodes).toHaveLength(2);
  expect(half.plan?.digest).not.toBe(before.plan?.digest);
  await it.press('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
});

test.concurrent('a canary that is not healed stops everything, says so and offers the rollback', async () => {
  const it = three();
  await it.fallIll();
  for (const node of it.nodes) {
    node.misbehave = (document, { max, buckets }, nonce) =>
      document === 'medic-raise'
        ? result(nonce, 'raised', '', { max, buckets }, { max: max * 4, buckets: buckets * 4 })
        : undefined;
  }
  await it.press('apply-all');
  await it.reach('failed');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 0, 0]);
  await it.cardSays('No other node was touched');
  await it.cardSays('nf_conntrack_max is 32,768');
  await it.press('rollback');
  await it.reach('rolled-back');
});

test.concurrent('a node that refuses the raise is left as it is, and no rollback is offered', async () => {
  const it = one();
  await it.fallIll();
  const [node] = it.nodes;
  if (node !== undefined) node.max = 40_000;
  await it.press('apply-one');
  await it.reach('failed');
  await it.cardSays('value-moved');
  expect(node?.max).toBe(40_000);
  expect(await it.buttons()).not.toContain('rollback');
});

test.concurrent('a raise whose answer is lost is found by reading the node, never by raising again', async () => {
  const it = one();
  await it.fallIll();
  const [node] = it.nodes;
  if (node === undefined) return;
  node.misbehave = (document, self) => {
    if (document !== 'medic-raise') return undefined;
    const { parameters } = self.commands.at(-1) ?? { parameters: {} };
    return { ...self.behave(document, parameters), stdout: '\u0000\u001b[2J garbage' };
  };
  await it.press('apply-one');
  const head = await it.reach('resolved');
  expect(node.times('medic-raise')).toBe(1);
  expect(head.remediations).toMatchObject([{ outcome: 'raised', verification: { passed: true } }]);
  expect(head.remediations[0]?.detail).toContain('the node was read');
});

test.concurrent('an answer that is not the plan stops everything, is told as what it is, and can be rolled back at once', async () => {
  const it = three();
  await it.fallIll();
  for (const node of it.nodes) {
    node.misbehave = (document, self) => {
      if (document !== 'medic-raise') return undefined;
      const { parameters } = self.commands.at(-1) ?? { parameters: {} };
      return self.behave(document, { ...parameters, toBuckets: '4194304' });
    };
  }
  await it.press('apply-all');
  const head = await it.reach('failed');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 0, 0]);
  expect(head.remediations).toMatchObject([{ outcome: 'unknown', differs: true }]);
  expect(head.remediations[0]).not.toHaveProperty('verification');
  await it.cardSays('nf_conntrack_buckets 4,194,304 instead of 131,072');
  expect(await it.card()).not.toMatch(/raised 32,768|verified/);
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(it.nodes[0]?.max).toBe(32_768);
});

// What becomes of it once that function can not live any more is in killed-steps.test.ts.
test.concurrent('a remediate function that died between claim and send leaves the node alone, and its incident waits', async () => {
  const it = one();
  const before = await it.fallIll();
  const order = { kind: 'raise-max', decision: 1, instanceIds: [it.nodes[0]?.instanceId ?? ''] } as const;
  await it.service.store.update(before.id, (head) => claimRemediation(head, order, new Date().toISOString()));
  await it.press('apply-one');
  const { remediations } = await it.reach('verifying');
  expect(remediations).toHaveLength(1);
  expect(remediations[0]?.outcome).toBeUndefined();
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
});

test.concurrent('a failure among the rest is told of, and what was raised can be rolled back', async () => {
  const it = three();
  await it.fallIll();
  const [first, second, third] = it.nodes;
  if (second !== undefined) {
    second.misbehave = (document, { max, buckets }, nonce) =>
      document === 'medic-raise'
        ? result(nonce, 'refused', 'above-memory-bound', { max, buckets }, { max, buckets })
        : undefined;
  }
  await it.press('apply-all');
  await it.reach('partially-applied');
  await it.cardSays('above-memory-bound');
  expect([first?.max, second?.max, third?.max]).toEqual([131_072, 32_768, 131_072]);
  await it.press('rollback');
  await it.reach('rolled-back');
  expect([first?.max, third?.max]).toEqual([32_768, 32_768]);
  expect(second?.times('medic-rollback')).toBe(0);
});

test.concurrent('a rollback that a node refuses says why and can be ordered again', async () => {
  const it = one();
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  const [node] = it.nodes;
  if (node === undefined) return;
  node.count = 30_000;
  await it.press('rollback');
  await it.cardSays('count 30,000 is over 80\u202F% of 32,768');
  const head = await it.reach('resolved');
  expect(head.transitions.slice(-2).map(({ to }) => to)).toEqual(['rolling-back', 'resolved']);
  node.count = 1000;
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(node.max).toBe(32_768);
});

test.concurrent('after a rollback the node is read again, and the card shows what is in force now', async () => {
  const it = one();
  await it.fallIll();
  await it.press('apply-one');
  const { collection } = await it.reach('resolved');
  await it.cardSays('of 131,072 entries');
  await it.press('rollback');
  const head = await it.reach('rolled-back');
  expect(head.collection).toBe(collection + 1);
  await it.cardSays('Rolled back: the previous limit');
  expect(await it.card()).toContain('of 32,768 entries');
  expect(await it.card()).not.toContain('of 131,072 entries');
});

test.concurrent('a rollback that says it worked on a node that shows otherwise is not believed', async () => {
  const it = one();
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  const [node] = it.nodes;
  if (node === undefined) return;
  node.misbehave = (document, { max, buckets }, nonce) =>
    document === 'medic-rollback'
      ? result(nonce, 'rolled-back', '', { max, buckets }, { max: 32_768, buckets })
      : undefined;
  await it.press('rollback');
  await it.reach('failed');
  await it.cardSays('Z and still has nf_conntrack_max 131,072');
  expect(await it.buttons()).toContain('rollback');
});

test.concurrent('a rollback in the middle of the rollout ends it', async () => {
  const it = three();
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('applied-one');
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 0, 0]);
  expect(it.nodes[0]?.max).toBe(32_768);
});

test.concurrent('one node of several is rolled back by itself, the others stay as they are', async () => {
  const it = three();
  await it.fallIll();
  await it.press('apply-all');
  await it.reach('resolved');
  const [first, second, third] = it.nodes;
  await it.choose('rollback-one', second?.instanceId ?? '');
  const head = await it.reach('partially-applied');
  expect([first?.max, second?.max, third?.max]).toEqual([131_072, 32_768, 131_072]);
  expect(head.decisions.at(-1)?.instanceIds).toEqual([second?.instanceId]);
  await it.cardSays('Raised on 2 of 3 nodes');
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(it.nodes.map((node) => node.times('medic-rollback'))).toEqual([1, 1, 1]);
});

test.concurrent('a stranger, a second click and a late click are refused with a sentence and change nothing', async () => {
  const it = one();
  await it.fallIll();
  await it.cardSays('Apply to 1 node');
  expect(await it.answerTo(() => it.press('apply-one', STRANGER), STRANGER)).toContain('not an approver');
  // That the card was drawn, or a note posted, is written about now, too.
  expect(await it.head()).toMatchObject({ state: 'awaiting-approval', decisions: [] });
  const answer = await it.answerTo(async () => {
    await Promise.all([it.press('apply-one'), it.press('apply-one')]);
  });
  expect(answer).toMatch(/so this click did nothing/);
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test.concurrent('a click on old evidence collects again, shows the fresh plan and waits for another click', async () => {
  const it = one();
  const before = await it.fallIll();
  const longAgo = new Date(Date.now() - 1_000_000).toISOString();
  await it.service.store.update(before.id, (head) => ({ ...head, evidenceAt: longAgo }));
  const answer = await it.answerTo(() => it.press('apply-one'));
  expect(answer).toContain('too old, so nothing was changed');
  await until(
    async () => (await it.head()).collection === 2,
    () => 'Nothing was collected again.',
  );
  const after = await it.reach('awaiting-approval');
  expect(after.decisions).toMatchObject([{ kind: 'refresh' }]);
  expect(after.plan?.digest).not.toBe(before.plan?.digest);
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await it.press('apply-one');
  await it.reach('resolved');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test.concurrent('a dismissed incident changes nothing and frees its alarm', async () => {
  const it = one();
  await it.fallIll();
  await it.press('dismiss');
  await it.reach('dismissed');
  await it.cardSays('No node was changed');
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await until(
    async () => (await it.service.store.openIncidentOf(it.arn)) === undefined,
    () => 'The alarm is still held.',
  );
});
