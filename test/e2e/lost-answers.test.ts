import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CommandFault } from '../../local/ssm/endpoint.ts';
import { isSetAside } from '../../src/core/remediation/steps.ts';
import { Scenario } from './support/scenario.ts';

/** What was sent without an answer may arrive for four minutes; nodes of this file answer at once. */
const SHORT_SECOND_MS = 50;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([3, 1], { MEDIC_DRIFT_SECONDS: '86400' }, 1000, SHORT_SECOND_MS);
});
afterEach(() => {
  scenario.service.faults.commands = undefined;
});
afterAll(() => scenario.close());

/** Lets the next sendings of a document go wrong, one after the other, wherever a node is named that the order goes by. */
function spoil(document: string, instanceId: string, faults: readonly CommandFault[]): void {
  const left = [...faults];
  scenario.service.faults.commands = (operation, body) =>
    operation === 'SendCommand' && body.includes(`"${document}"`) && body.includes(instanceId)
      ? left.shift()
      : undefined;
}

test('a raise that was lost on its way is waited for, and then the others are changed and the card says what was read', async () => {
  const it = scenario.take(3);
  const { plan } = await it.fallIll();
  const [first = ''] = (plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  spoil('medic-raise', first, ['lost']);
  await it.press('apply-all');
  const head = await it.reach('partially-applied');
  expect(head.remediations.filter(isSetAside)).toMatchObject([{ instanceId: first, setAside: 'lost' }]);
  expect(it.nodes.map((node) => [node.instanceId === first, node.max])).toEqual(
    it.nodes.map(({ instanceId }) => [instanceId === first, instanceId === first ? 32_768 : 131_072]),
  );
  await it.cardSays('Raised on 2 of 3 nodes');
  await it.cardSays('so it never arrived');
});

test('a raise whose sending was answered by nobody is found by reading, and the others follow', async () => {
  const it = scenario.take(1);
  const [node] = it.nodes;
  await it.fallIll();
  spoil('medic-raise', node?.instanceId ?? '', ['answer-lost']);
  await it.press('apply-one');
  await it.reach('resolved');
  expect(node?.times('medic-raise')).toBe(1);
  spoil('medic-rollback', node?.instanceId ?? '', ['throttled', 'throttled']);
  await it.press('rollback');
  await it.reach('rolled-back');
  expect(node?.times('medic-rollback')).toBe(1);
});
