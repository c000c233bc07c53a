import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Gate } from './support/gate.ts';
import { Scenario } from './support/scenario.ts';

/** Longer than what a step without a store was tried again for before, and what the SDK tries besides: a minute, shortened. */
const AWAY_MS = 20_000;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1, 1, 1, 1]);
});
// Other files find this service again.
afterEach(() => {
  scenario.service.faults.store = undefined;
});
afterAll(() => scenario.close());

test('a while without the table kills no incident, wherever it stands, and nothing is sent twice', async () => {
  const [asked, approved, raised, back] = [0, 1, 2, 3].map(() => scenario.take(1));
  if (asked === undefined || approved === undefined || raised === undefined || back === undefined) return;
  await Promise.all([approved, raised, back].map((it) => it.fallIll()));
  await back.press('apply-one');
  await back.reach('resolved');

  const gate = new Gate();
  const [askedNode] = asked.nodes;
  if (askedNode !== undefined)
    askedNode.misbehave = async (document) => {
      if (document === 'medic-collect') await gate.passed;
      return undefined;
    };
  const [node] = raised.nodes;
  if (node !== undefined)
    node.misbehave = (document) => {
      if (document !== 'medic-raise') return undefined;
      scenario.service.faults.store = () => true;
      gate.open();
      return undefined;
    };
  await asked.fire();
  await asked.reach('collecting');
  await Promise.all([approved, raised].map((it) => it.press('apply-one')));
  await back.press('rollback');
  await gate.passed;
  await sleep(AWAY_MS);
  scenario.service.faults.store = undefined;

  await asked.reach('awaiting-approval');
  for (const it of [approved, raised]) {
    const head = await it.reach('resolved');
    expect(head.remediations).toMatchObject([{ outcome: 'raised', verification: { passed: true } }]);
    expect(it.nodes[0]?.times('medic-raise')).toBe(1);
    await it.cardSays('Verified');
    expect(await it.service.store.openIncidentOf(it.arn)).toBeUndefined();
  }
  await back.reach('rolled-back');
  expect(back.nodes[0]?.times('medic-rollback')).toBe(1);
});

test('an alarm that fires while the table is away opens its incident, and one that goes OK closes it', async () => {
  const [late, over] = [scenario.take(1), scenario.take(1)];
  await over.fallIll();
  scenario.service.faults.store = () => true;
  const fired = late.fire();
  const recovered = over.recover();
  await sleep(AWAY_MS);
  scenario.service.faults.store = undefined;
  await Promise.all([fired, recovered]);
  await late.reach('awaiting-approval');
  await over.reach('resolved');
  // The reconciler's minute may fall into the outage: it says so, and its next one does what was left.
  expect(scenario.failures.filter((why) => !why.includes('medic-reconcile')).join('\n')).toBe('');
});

/** A second of the workflow's waits: with it ten minutes of an outage are half a minute, and all its pauses as much shorter. */
const SECOND_MS = 50;
const TEN_MINUTES = 600;

test('ten minutes without the table, and every pause as much shorter, kill no workflow', async () => {
  const short = await Scenario.start([1, 1, 1], { MEDIC_DRIFT_SECONDS: '86400' }, 1000, SECOND_MS);
  try {
    const [waiting, raised, ended] = [short.take(1), short.take(1), short.take(1)];
    await Promise.all([waiting, raised, ended].map((it) => it.fallIll()));
    await ended.press('apply-one');
    await ended.reach('resolved');
    const gate = new Gate();
    const [node] = raised.nodes;
    if (node !== undefined)
      node.misbehave = (document) => {
        if (document !== 'medic-raise') return undefined;
        short.service.faults.store = () => true;
        gate.open();
        return undefined;
      };
    await Promise.all([waiting, raised].map((it) => it.press('apply-one')));
    await ended.press('rollback');
    await gate.passed;
    await sleep(TEN_MINUTES * SECOND_MS);
    short.service.faults.store = undefined;
    for (const it of [waiting, raised]) {
      const head = await it.reach('resolved');
      expect(head.takenUp).toBeUndefined();
      expect(it.nodes[0]?.times('medic-raise')).toBe(1);
      await it.cardSays('Verified');
    }
    await ended.reach('rolled-back');
    expect(ended.nodes[0]?.times('medic-rollback')).toBe(1);
  } finally {
    await short.close();
  }
});
