import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { incidentId } from '../../../../src/core/incident/open-incident.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import type { Alarm } from '../../../../src/core/record/alarm.ts';
import { WORKFLOW } from '../../../../src/core/record/incident.ts';
import { isClosed, transition } from '../../../../src/core/record/transitions.ts';
import { startTable } from '../../adapters/support.ts';
import { AlarmIntake, timeOf } from '../../support/alarm-intake.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let intake: AlarmIntake;
let store: AlarmIntake['store'];
let count = 0;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  count += 1;
  intake = new AlarmIntake(table.client, `order-${count}`);
  ({ store } = intake);
});

const says = (...change: Parameters<AlarmIntake['says']>) => intake.says(...change);
const tell = (...change: Parameters<AlarmIntake['tell']>) => intake.tell(...change);
const only = () => intake.only();
const offer = (id: string) => intake.offer(id);

/** As Lambda does with an event whose handling failed. */
async function deliver(alarm: Alarm): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await receiveAlarm(intake.ports, alarm);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function end(id: string, to: 'resolved' | 'failed'): Promise<void> {
  const ended = await store.update(id, (head) =>
    transition(transition(head, 'diagnosed', WORKFLOW, timeOf(0)), to, WORKFLOW, timeOf(0), 'For the test.'),
  );
  if (ended.ok) await store.close(ended.head);
}

/** Every order of a list. */
function ordersOf<T>(list: readonly T[]): T[][] {
  return list.length < 2
    ? [[...list]]
    : list.flatMap((one, index) => ordersOf(list.toSpliced(index, 1)).map((rest) => [one, ...rest]));
}

/** The same scattering at each run. */
const scattered = (length: number) => Array.from({ length }, (_, index) => (index * 37) % length);

describe('state changes of an alarm', () => {
  const CHANGES = [
    { state: 'ALARM', place: 1 },
    { state: 'OK', place: 2 },
    { state: 'ALARM', place: 3 },
    { state: 'OK', place: 4 },
  ] as const;

  test.each(ordersOf([0, 1, 2, 3]))('end as OK in the order %i %i %i %i', async (...order) => {
    for (const index of order) {
      const change = CHANGES[index];
      if (change !== undefined) await tell(change.state, change.place);
    }
    const head = await only();
    expect(head.alarmOkAt).toBe(timeOf(4));
    expect(head.seen).toEqual({ count: 2, lastAt: timeOf(3) });
  });

  test.each(ordersOf([0, 1, 2]))('end as firing in the order %i %i %i', async (...order) => {
    for (const index of order) {
      const change = CHANGES[index];
      if (change !== undefined) await tell(change.state, change.place);
    }
    const head = await only();
    expect(head.alarmOkAt).toBeUndefined();
    expect(head.seen).toEqual({ count: 2, lastAt: timeOf(3) });
  });

  test('that arrive all at once have one incident, every firing counted, and the OK that came last', async () => {
    const burst = scattered(24).map((place) => says(place % 2 === 0 ? 'ALARM' : 'OK', place));
    await Promise.all(burst.map(deliver));
    const head = await only();
    expect(head.alarmOkAt).toBe(timeOf(23));
    expect(head.seen).toEqual({ count: 12, lastAt: timeOf(22) });
    await offer(head.id);
    expect((await store.head(head.id))?.decisions).toMatchObject([{ kind: 'alarm-ok' }]);
  });

  test('close an incident whose buttons stand, whatever comes late after that', async () => {
    await tell('ALARM', 1);
    const { id } = await only();
    await offer(id);
    expect(await tell('OK', 4)).toBe('closing');
    expect(intake.woken).toEqual(['c1']);
    await tell('ALARM', 3);
    await tell('OK', 2);
    expect(await only()).toMatchObject({ alarmOkAt: timeOf(4), decisions: [{ kind: 'alarm-ok' }] });
  });

  test('while the incident is being opened are noted on it', async () => {
    const open = store.open.bind(store);
    store.open = async (head) => {
      expect(await tell('OK', 2)).toBe('nothing-open');
      return await open(head);
    };
    await tell('ALARM', 1);
    expect((await only()).alarmOkAt).toBe(timeOf(2));
  });
});

describe('firings', () => {
  test('of thirty at once are thirty, and stay thirty when they are delivered again', async () => {
    const burst = scattered(30).map((place) => says('ALARM', place));
    await Promise.all(burst.map(deliver));
    expect((await only()).seen).toEqual({ count: 30, lastAt: timeOf(29) });
    for (const alarm of burst) await deliver(alarm);
    expect((await only()).seen).toEqual({ count: 30, lastAt: timeOf(29) });
  });

  test('go on from what an older version has counted', async () => {
    await tell('ALARM', 1);
    const { id } = await only();
    await store.update(id, (head) => ({ ...head, seen: { count: 3, lastAt: timeOf(3) } }));
    await tell('ALARM', 4);
    expect((await only()).seen).toEqual({ count: 4, lastAt: timeOf(4) });
  });

  test('that were counted, or that an OK has followed, open nothing when they come after the end', async () => {
    await tell('ALARM', 1);
    await tell('ALARM', 3);
    await tell('OK', 5);
    const { id } = await only();
    await end(id, 'resolved');
    for (const place of [3, 2, 4]) expect(await tell('ALARM', place)).toBe('counted-after-the-end');
    const head = await only();
    expect(head.seen).toEqual({ count: 4, lastAt: timeOf(4) });
    expect(head.alarmOkAt).toBe(timeOf(5));
    expect(isClosed(head.state)).toBe(true);
    expect(await tell('ALARM', 6)).toBe('opened');
  });

  test('open a new incident after one that failed, also when they were counted on that', async () => {
    await tell('ALARM', 1);
    await tell('ALARM', 3);
    await end((await only()).id, 'failed');
    expect(await tell('ALARM', 3)).toBe('opened');
    expect(intake.started).toContain(incidentId(says('ALARM', 3)));
  });
});
