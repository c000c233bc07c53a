import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import type { Notifier } from '../../../../src/core/notifier.ts';
import type { IncidentStore } from '../../../../src/core/ports.ts';
import { sayOwed } from '../../../../src/core/reconcile/duties/say-owed.ts';
import { settleAlarms } from '../../../../src/core/reconcile/duties/settle-alarms.ts';
import { startTable } from '../../adapters/support.ts';
import { interrupted, JoiningWorld, MINUTE, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const OK_AT = T0 + MINUTE;

/** An incident with a card that is at work when its alarm goes OK, and what its thread has. */
async function atWork(...joined: readonly string[]) {
  const it = new JoiningWorld(table);
  const said: string[] = [];
  const notifier: Partial<Notifier> = {
    showCard: async () => ({ channel: 'C0', message: '1' }),
    postNote: async (_incident, text, { key, isRepeat }) => {
      said.push(`${text} ${key} ${await isRepeat()}`);
    },
  };
  const id = await it.leading('first', 'a');
  for (const name of joined) await it.place(await it.opened(name, 'a'));
  await it.set(id, { card: { channel: 'C0', message: '1' } });
  const tick = (store: IncidentStore = it.store) => ({
    ...it.intake(),
    store,
    notifier: notifier as Notifier,
  });
  const isOk = (name = 'first') => ({ ...it.alarm(name, OK_AT), state: 'OK' as const });
  const saidAfter = async (ms: number) => {
    it.now = T0 + ms;
    await it.store.noteShown(id, (await it.head(id)).revision);
    await sayOwed.run(tick(), await it.head(id));
    return said;
  };
  return { it, id, tick, isOk, said, saidAfter };
}

test('an OK is told once by whoever took it in', async () => {
  const { it, id, tick, isOk, said, saidAfter } = await atWork();
  expect(await receiveAlarm(tick(), isOk())).toBe('noted');
  expect(said).toEqual([expect.stringMatching(/^The alarm is OK again\. .* ok-2026\S+ false$/)]);
  expect((await it.head(id)).missing).toEqual([]);
  expect(await saidAfter(10 * MINUTE)).toHaveLength(1);
});

test('an OK is told by the reconciler where the intake dies between taking it down and telling it, once', async () => {
  const { it, id, tick, isOk, said, saidAfter } = await atWork();
  // Taken down, and then nothing any more: what it reads for the note is never answered.
  const dying = new Proxy(it.store, {
    get: (store, name) => {
      if (name === 'load') return () => Promise.reject(new Error('killed'));
      const value: unknown = Reflect.get(store, name);
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
  await expect(receiveAlarm(tick(dying), isOk())).rejects.toThrow('killed');
  expect((await it.head(id)).alarmOkAt).toBeDefined();
  expect(await receiveAlarm(tick(), isOk())).toBe('noted-before');
  expect(said).toEqual([]);
  // Who is about to say it is not taken for dead at once, and the card misses nothing meanwhile.
  expect(await saidAfter(MINUTE)).toEqual([]);
  const incident = await it.store.load(id);
  if (incident === undefined) throw new Error('It is gone.');
  expect(JSON.stringify(cardOf(incident, catalogue, it.now))).not.toContain('missing:');
  expect(await saidAfter(3 * MINUTE)).toEqual([
    expect.stringMatching(/^Late, of 14:00:00Z: The alarm is OK again\. .* ok-2026\S+ false$/),
  ]);
  expect(await saidAfter(5 * MINUTE)).toHaveLength(1);
});

test('so is the OK of the last of several alarms, whoever finds that all are OK', async () => {
  const { it, id, tick, isOk, said, saidAfter } = await atWork('second');
  await it.set(id, { state: 'verifying' });
  await receiveAlarm(tick(), isOk('first'));
  // Its function dies before it looks whether all are OK.
  const noUpdate = interrupted(it.store, 3, async () => {
    throw new Error('killed');
  });
  await receiveAlarm(tick(noUpdate), isOk('second')).catch(() => {});
  expect(said).toEqual([]);
  await settleAlarms.run(tick(), await it.head(id));
  expect((await it.head(id)).alarmOkAt).toBeDefined();
  expect(await saidAfter(3 * MINUTE)).toHaveLength(1);
});
