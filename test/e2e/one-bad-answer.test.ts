import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Scenario } from './support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([3, 3, 1]);
});
// Other files find this service again.
afterEach(() => {
  scenario.service.faults.commands = undefined;
});
afterAll(() => scenario.close());

test('a node whose answer Systems Manager does not give is named, and the others are healed', async () => {
  const it = scenario.take(3);
  const [, bad] = it.nodes;
  const id = bad?.instanceId ?? '';
  scenario.service.faults.commands = (operation, body) =>
    operation === 'GetCommandInvocation' && body.includes(id) ? 'throttled' : undefined;
  const { plan } = await it.fallIll();
  expect(plan?.nodes.map(({ instanceId }) => instanceId)).not.toContain(id);
  expect(plan?.nodes).toHaveLength(2);
  await it.press('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 0, 1]);
  await it.cardSays('Try the others again');
});

test('a node that prints numbers which nothing can have is named, and the others are healed', async () => {
  const it = scenario.take(3);
  const [, , bad] = it.nodes;
  if (bad === undefined) return;
  bad.misbehave = (document, node, nonce) => {
    if (document !== 'medic-collect') return undefined;
    const [before = '', after = ''] = node.evidence(nonce).split(/(?<= arp_cache 1 ok )/);
    return { exitCode: 0, stdout: before + after.replace(/ 00000000$/m, ' ffffffffffffffff'), stderr: '' };
  };
  const { plan, id } = await it.fallIll();
  expect(plan?.nodes).toHaveLength(2);
  const { collections = [] } = (await it.service.store.load(id)) ?? {};
  expect(collections.find(({ instanceId }) => instanceId === bad.instanceId)).toMatchObject({
    outcome: { kind: 'failed', why: expect.stringContaining('could not be judged or stored') },
  });
  await it.press('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 0]);
});

test('a while in which no node can be looked up ends no incident', async () => {
  const it = scenario.take(1);
  scenario.service.faults.commands = (operation) =>
    operation === 'DescribeInstanceInformation' ? 'throttled' : undefined;
  await it.fire();
  await it.reach('collecting');
  await sleep(10_000);
  scenario.service.faults.commands = undefined;
  expect((await it.head()).state).toBe('collecting');
  await it.reach('awaiting-approval');
});
