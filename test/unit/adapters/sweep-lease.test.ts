import { afterAll, beforeAll, expect, test } from 'vitest';
import { WARNING_HOURS } from '../../../src/core/fleet/hours.ts';
import type { SweepState } from '../../../src/core/sweep/ports.ts';
import { type SweepPorts, sweep } from '../../../src/core/sweep/sweep.ts';
import { ProbedNode } from '../../support/probed-node.ts';
import { sweptFleet } from '../support/swept-fleet.ts';
import { startTable } from './support.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const SETTINGS = { everyMinutes: 5, hours: WARNING_HOURS };

/** What can be done while a sweep is under way. */
interface World {
  readonly state: SweepState;
  /** Milliseconds by which the sweep's clock is ahead. */
  late: number;
  /** Returns once a sign of life was given that began after the call. */
  readonly signs: () => Promise<void>;
  /** Returns once a sign of life came too late. */
  readonly lost: () => Promise<void>;
}

/** A full node that is swept, with something that happens before each list of nodes and each reading that is kept. */
async function sweptWhile(happens: (world: World) => Promise<void>) {
  const fleet = await sweptFleet(table.client, [new ProbedNode(1, { count: 131_000 })]);
  const { state, series } = fleet;
  const held: boolean[] = [];
  const world: World = {
    state,
    late: 0,
    signs: async () => {
      const from = held.length;
      await expect.poll(() => held.length, { timeout: 60_000 }).toBeGreaterThan(from + 1);
    },
    lost: async () => {
      await expect.poll(() => held.at(-1), { timeout: 60_000 }).toBe(false);
    },
  };
  const ports: SweepPorts = {
    ...fleet.ports,
    clock: { now: () => Date.now() + world.late },
    state: Object.assign(Object.create(state), {
      hold: async (...given: Parameters<typeof state.hold>) => {
        const isHeld = await state.hold(...given);
        held.push(isHeld);
        return isHeld;
      },
      take: state.take.bind(state),
      note: state.note.bind(state),
      release: state.release.bind(state),
      warnings: state.warnings.bind(state),
      keepWarnings: state.keepWarnings.bind(state),
      keepReport: state.keepReport.bind(state),
    }),
    nodes: {
      list: async () => {
        await happens(world);
        return await fleet.ports.nodes.list();
      },
    },
    series: {
      read: series.read.bind(series),
      keep: async (...given) => {
        await happens(world);
        return await series.keep(...given);
      },
    },
  };
  const swept = await sweep(ports, SETTINGS, 'this one', Number.POSITIVE_INFINITY).catch(
    ({ message }: Error) => message,
  );
  await fleet.close();
  return { swept, fleet, now: () => ports.clock.now() };
}

test('a sweep keeps its right however long it lists and judges, and gives it up at its end', async () => {
  const seen: unknown[] = [];
  const { swept, fleet, now } = await sweptWhile(async (world) => {
    // Longer than the right holds without a sign.
    world.late += 70_000;
    await world.signs();
    seen.push(await world.state.take('another', Date.now() + world.late));
  });
  expect(seen).toEqual(['busy', 'busy']);
  expect(swept).toMatchObject({ state: 'done', nodes: 1 });
  expect(await fleet.state.take('another', now())).toEqual({});
  await fleet.state.release('another', undefined);
});

test('a sweep whose right another one has taken ends, tells nothing, and leaves the other one what it has', async () => {
  let times = 0;
  const { swept, fleet } = await sweptWhile(async ({ state, lost }) => {
    if (++times < 2) return;
    // It stood still for longer than its right held. A sign that comes at the same moment is first, and then it is tried again.
    await expect.poll(() => state.take('another', Date.now() + 600_000)).not.toBe('busy');
    await lost();
  });
  expect(swept).toBe('Another sweep has taken the round over; this one ends.');
  expect(fleet.warned).toEqual([]);
  expect(await fleet.state.take('a third', Date.now())).toBe('busy');
});
