import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, test } from 'vitest';
import { Scenario } from './support/scenario.ts';

const scenarios: Scenario[] = [];

afterAll(async () => {
  for (const scenario of scenarios) await scenario.close();
});

async function patient(environment: Readonly<Record<string, string>> = {}) {
  const scenario = await Scenario.start([1], environment);
  scenarios.push(scenario);
  return scenario.take(1);
}

// They spend their time waiting, so they wait together.
describe.concurrent('as time passes', () => {
  test('a click on old evidence collects again, shows the fresh plan and waits for another click', async ({
    expect,
  }) => {
    const it = await patient({ MEDIC_EVIDENCE_MAX_AGE_SECONDS: '20' });
    const before = await it.fallIll();
    await sleep(21_000);
    const answer = await it.answerTo(() => it.press('apply-one'));
    expect(answer).toContain('too old, so nothing was changed');
    await expect.poll(async () => (await it.head()).collection, { timeout: 30_000 }).toBe(2);
    const after = await it.reach('awaiting-approval');
    expect(after.decisions).toMatchObject([{ kind: 'refresh' }]);
    expect(after.plan?.digest).not.toBe(before.plan?.digest);
    expect(it.nodes[0]?.times('medic-raise')).toBe(0);
    await it.press('apply-one');
    await it.reach('resolved');
    expect(it.nodes[0]?.times('medic-raise')).toBe(1);
  });

  test('an incident that nobody decides expires and frees its alarm', async ({ expect }) => {
    const it = await patient({ MEDIC_DECISION_TIMEOUT_SECONDS: '2' });
    await it.fire();
    const head = await it.reach('expired');
    expect(head.decisions).toMatchObject([{ kind: 'timeout' }]);
    await it.cardSays('Nobody decided');
    expect(await it.buttons()).not.toContain('apply-one');
    await expect.poll(() => it.service.store.openIncidentOf(it.arn)).toBeUndefined();
  });

  test('a node on which the collector hangs is told of when SSM stops it', async ({ expect }) => {
    const it = await patient();
    const [node] = it.nodes;
    if (node !== undefined) node.misbehave = () => new Promise(() => {});
    await it.fire();
    // The document's own limit is 110 s.
    await sleep(100_000);
    const head = await it.reach('failed');
    expect(head.transitions.at(-1)?.why).toContain('the script ran out of time and was stopped');
    await it.cardSays('ran out of time');
  });
});
