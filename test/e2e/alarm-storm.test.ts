import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelNode } from './support/model-node.ts';
import { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';

/** Alarms that all stand for the same nodes. */
const ALARMS = Array.from({ length: 12 }, (_, index) => `storm-${index + 1}`);
const NODES = ['i-00000000000000001', 'i-00000000000000002'];

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start([2], {
    // Each alarm by itself: what is shared is their readings.
    MEDIC_JOIN_WINDOW_SECONDS: '0',
    MEDIC_ALARM_TARGETS: JSON.stringify(
      ALARMS.map((alarm) => ({ alarm, instanceIds: NODES, group: { cluster: 'shop', nodeGroup: 'g' } })),
    ),
  });
});

afterAll(() => scenario.close());

/** Counts the collections that run on a node at the same moment. */
function watch(node: ModelNode): { most: number } {
  const seen = { most: 0 };
  let running = 0;
  node.misbehave = async (document, self) => {
    if (document !== 'medic-collect') return undefined;
    running += 1;
    seen.most = Math.max(seen.most, running);
    const { parameters } = self.commands.at(-1) ?? { parameters: {} };
    await sleep(1500);
    running -= 1;
    return self.behave(document, parameters);
  };
  return seen;
}

test('an alarm storm asks each node once, and after a change nobody is answered with what was before', async () => {
  const { nodes, service } = scenario.take(2);
  const watched = nodes.map(watch);
  const patients = ALARMS.map((alarm) => new Patient(service, alarm, nodes));
  const [late = new Patient(service, '', nodes), ...storm] = patients;

  const heads = await Promise.all(storm.map((patient) => patient.fallIll()));
  expect(nodes.map((node) => node.times('medic-collect'))).toEqual([1, 1]);
  const incidents = await Promise.all(heads.map(async ({ id }) => await service.store.load(id)));
  const collections = incidents.flatMap((incident) => incident?.collections ?? []);
  expect(collections).toHaveLength(2 * storm.length);
  expect(collections.every(({ outcome }) => outcome.kind === 'diagnosed')).toBe(true);
  // Whoever asked is named by all the others, with the time at which it asked.
  for (const id of NODES) {
    const ofNode = collections.filter(({ instanceId }) => instanceId === id);
    expect(ofNode.filter(({ askedBy }) => askedBy === undefined)).toHaveLength(1);
    expect(new Set(ofNode.map(({ collectedAt }) => collectedAt)).size).toBe(1);
  }
  const isBorrower = incidents.map((incident) =>
    (incident?.collections ?? []).every(({ askedBy }) => askedBy !== undefined),
  );
  await storm[isBorrower.indexOf(true)]?.cardSays(' for inc-');

  await storm[0]?.press('apply-all');
  await storm[0]?.reach('resolved');
  await late.fire();
  const head = await late.reach('no-fix-offered');
  const after = await service.store.load(head.id);
  for (const { outcome } of after?.collections ?? [])
    expect(outcome).toMatchObject({ kind: 'diagnosed', figures: { max: 131_072 } });
  expect(watched.map(({ most }) => most)).toEqual([1, 1]);
});
