import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reaper } from './support/mortal.ts';
import { MortalIncident, type MortalWorld, startMortalWorld } from './support/mortal-incident.ts';
import { until } from './support/until.ts';

const INCIDENTS = [
  'after-every-step',
  'half-a-collection',
  'card-without-address',
  'nothing-sent',
  'claimed-by-the-dead',
  'rollback-claimed-by-the-dead',
] as const;

let world: MortalWorld;
beforeAll(async () => {
  world = await startMortalWorld(INCIDENTS);
});
afterAll(() => world.close());

test('killed once after each of its steps, a workflow does and says everything once', async () => {
  const counted = new Map<string, number>();
  let last = '';
  // Each step is repeated once: what is saved at the second try is not killed again.
  const reaper = new Reaper((step) => {
    if (step === last) {
      last = '';
      return false;
    }
    last = step;
    counted.set(step, (counted.get(step) ?? 0) + 1);
    return true;
  });
  const it = new MortalIncident(world, 'after-every-step', reaper);
  await it.reach('awaiting-approval');
  await until(
    async () => (await it.head()).callback !== undefined,
    () => 'Nothing waits for a click.',
  );
  await it.click('apply-all');
  const { remediations } = await it.reach('resolved');
  await it.ended;
  expect(remediations.map(({ outcome, verification }) => [outcome, verification?.passed])).toEqual(
    it.nodes.map(() => ['raised', true]),
  );
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
  expect(it.cards()).toHaveLength(1);
  const said = await it.thread();
  expect(said.filter((text) => text.startsWith('Runbook: ')).length).toBeGreaterThan(1);
  expect(said.join('\n')).toContain('Looked again');
  expect(said).toEqual([...new Set(said)]);
  expect((await it.head()).drift).toHaveLength(1);

  await it.click('rollback');
  await it.reach('rolled-back');
  await it.ended;
  expect(it.nodes.map((node) => node.times('medic-rollback'))).toEqual([1, 1, 1]);
  const all = await it.thread();
  expect(all).toEqual([...new Set(all)]);
  expect(it.cards()).toHaveLength(1);
  for (const step of ['show card', 'read collection', 'post runbook', 'check drift', 'keep audit', 'verify'])
    expect(reaper.killedAfter).toContain(step);
});

test('a collection that was stored in part is brought to its end, and what was judged first stays', async () => {
  const reaper = new Reaper();
  let stored = 0;
  let looks = 0;
  const it = new MortalIncident(world, 'half-a-collection', reaper, {
    store: (real) => ({
      putCollection: async (id, collection) => {
        if (++stored === 2) await reaper.kill();
        await real.putCollection(id, collection);
      },
    }),
    commands: (real) => ({
      // Of what the first look did not see, the next one sees something.
      outputs: async (id, instanceIds) => {
        const outputs = await real.outputs(id, instanceIds);
        if (++looks > 1) return outputs;
        return outputs.map((output, index) =>
          index > 0
            ? output
            : { instanceId: output.instanceId, kind: 'none', why: 'No answer yet.', ran: true },
        );
      },
    }),
  });
  await it.reach('awaiting-approval');
  const { collections = [] } = (await it.store.load(it.id)) ?? {};
  const byNode = new Map(collections.map((one) => [one.instanceId, one]));
  expect(it.nodes.map(({ instanceId }) => byNode.get(instanceId)?.outcome.kind)).toEqual([
    'failed',
    'diagnosed',
    'diagnosed',
  ]);
  // No text is kept of what was judged as not there.
  expect([...it.kept.keys()].filter((key) => key.includes(it.nodes[0]?.instanceId ?? ''))).toEqual([]);
});

test('a card whose function died before it noted the address is found again', async () => {
  const reaper = new Reaper();
  let shown = 0;
  const it = new MortalIncident(world, 'card-without-address', reaper, {
    notifier: (real) => ({
      showCard: async (incident, isRepeat) => {
        const card = await real.showCard(incident, isRepeat);
        if (++shown === 1) await reaper.kill();
        return card;
      },
    }),
  });
  const { card } = await it.reach('awaiting-approval');
  await until(
    () => JSON.stringify(it.cards()[0]?.blocks).includes('Apply to 1 node'),
    () => 'The card has no button.',
  );
  expect(it.cards().map(({ ts }) => ts)).toEqual([card?.message]);
});

test('a node whose raise was claimed by a function that died before it sent it is set aside, and the others go on', async () => {
  let sendings = 0;
  const it = new MortalIncident(world, 'nothing-sent', new Reaper(), {
    commands: (real) => ({
      change: async (request) => {
        if (++sendings === 1) throw new Error('Runtime exited with error: signal: killed');
        return await real.change(request);
      },
    }),
  });
  await it.reach('awaiting-approval');
  await until(
    async () => (await it.head()).callback !== undefined,
    () => 'Nothing waits for a click.',
  );
  await it.click('apply-all');
  const { remediations } = await it.reach('partially-applied');
  expect(remediations.map(({ outcome, setAside }) => [outcome, setAside])).toEqual([
    ['refused', 'lost'],
    ['raised', undefined],
    ['raised', undefined],
  ]);
  expect(remediations[0]?.detail).toMatch(/was to send the raise was cut off; .* so it never arrived\.$/);
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([0, 1, 1]);
});

/** Lambda's longest invocation, and what a command may take after it. */
const LONG_AFTER_MS = 20 * 60_000;

test('a raise that was claimed by a function which died with its workflow is known to have never arrived, once it can not any more', async () => {
  let aheadMs = 0;
  let sendings = 0;
  const it = new MortalIncident(world, 'claimed-by-the-dead', new Reaper(), {
    clock: { now: () => Date.now() + aheadMs },
    commands: (real) => ({
      change: async (request) =>
        ++sendings === 1 ? await new Promise<never>(() => {}) : await real.change(request),
    }),
  });
  await it.reach('awaiting-approval');
  await until(
    async () => (await it.head()).callback !== undefined,
    () => 'Nothing waits for a click.',
  );
  await it.click('apply-all');
  await until(
    async () => (await it.head()).remediations.length === 1,
    () => 'Nothing was claimed.',
  );
  aheadMs = LONG_AFTER_MS;
  it.takeUp(1);
  // The nodes are read again, and a fresh plan waits for a click of its own.
  const { remediations, plan } = await it.reach('awaiting-approval');
  expect(remediations).toMatchObject([{ outcome: 'refused', setAside: 'lost' }]);
  expect(remediations[0]?.detail).toMatch(
    /^\S+: no answer came back; the node was read at .*Z and has .* as before, so it never arrived\.$/,
  );
  expect(plan?.nodes).toHaveLength(3);
  aheadMs = 0;
  await it.click('apply-all');
  await it.reach('resolved');
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
});

test('a rollback that was claimed by a function which died with its workflow can be ordered again', async () => {
  let aheadMs = 0;
  let rollbacks = 0;
  const it = new MortalIncident(world, 'rollback-claimed-by-the-dead', new Reaper(), {
    clock: { now: () => Date.now() + aheadMs },
    commands: (real) => ({
      rollback: async (request) =>
        ++rollbacks === 1 ? await new Promise<never>(() => {}) : await real.rollback(request),
    }),
  });
  await it.reach('awaiting-approval');
  await until(
    async () => (await it.head()).callback !== undefined,
    () => 'Nothing waits for a click.',
  );
  await it.click('apply-all');
  await it.reach('resolved');
  await it.click('rollback');
  await until(
    async () => (await it.head()).remediations.some(({ kind }) => kind === 'rollback'),
    () => 'Nothing was claimed.',
  );
  aheadMs = LONG_AFTER_MS;
  it.takeUp(1);
  const head = await it.reach('resolved', 'failed', 'partially-applied');
  expect(head.remediations.at(-1)?.detail).toMatch(/so it never arrived\.$/);
  expect(it.nodes.map(({ max }) => max)).toEqual([131_072, 131_072, 131_072]);
});
