import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryOn } from '../../../../src/core/incident/carry-on.ts';
import type { Workflows } from '../../../../src/core/ports.ts';
import { startTable } from '../../adapters/support.ts';
import { JoiningWorld, MINUTE, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** Finds an execution stopped so many times, each so long after it was begun. */
async function stopsOf(times: number, everyMinutes: number) {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  const ports = it.intake();
  const workflows: Workflows = Object.assign(Object.create(ports.workflows), {
    statusOf: async () => 'ended',
  });
  const stopped = { ...ports, workflows };
  const done: string[] = [];
  for (let time = 1; time <= times; time++) {
    it.now = T0 + time * everyMinutes * MINUTE;
    done.push(await carryOn(stopped, await it.head(id)));
  }
  return { it, id, done };
}

test('an incident whose executions stop again and again is ended, and says so', async () => {
  const { it, id, done } = await stopsOf(4, 1);
  expect(done).toEqual(['taken-up', 'taken-up', 'taken-up', 'ended']);
  expect((await it.head(id)).transitions.at(-1)).toMatchObject({
    to: 'failed',
    why: expect.stringContaining('stopped again and again'),
  });
});

test('one that went on well for hours after each stop is gone on with, by executions of different names', async () => {
  const { it, id, done } = await stopsOf(6, 90);
  expect(done).toEqual(Array.from({ length: 6 }, () => 'taken-up'));
  expect(await it.head(id)).toMatchObject({ state: 'collecting', takenUp: { tries: 1, number: 6 } });
  expect(new Set(it.started).size).toBe(6);
});
