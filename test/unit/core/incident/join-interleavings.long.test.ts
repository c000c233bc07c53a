import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPlace, leaderOf } from '../../../../src/core/incident/joining/join.ts';
import { startTable } from '../../adapters/support.ts';
import { end, interrupted, JoiningWorld, RULES, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** The writes of a join are eight: two nodes taken or met, two handed over, listed, taken in, ended, and what it said brought along. */
const MOMENTS = Array.from({ length: 9 }, (_, index) => index + 1);

/** Two incidents with a node in common, of which the second's function dies before this write of its join. */
async function joinThatDies(at: number) {
  const it = new JoiningWorld(table);
  const first = await it.leading('first', 'bc');
  const second = await it.opened('second', 'ab');
  const dying = interrupted(it.store, at, async () => {
    throw new Error('killed');
  });
  await it.place(second, dying).catch(() => {});
  return { it, first, second };
}

describe('whatever comes between two writes', () => {
  test.each(MOMENTS)(
    'a function that dies before write %i is repeated, and the alarm has one incident',
    async (at) => {
      const { it, first, second } = await joinThatDies(at);
      expect(await it.place(second)).toEqual({ kind: 'joined', to: first });
      expect(await it.alarmsOf(first)).toEqual(['second']);
      expect((await it.head(first)).nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual(
        ['a', 'b', 'c'].map((letter) => it.node(letter).instanceId),
      );
      expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeUndefined();
    },
  );

  test.each(MOMENTS)('an incident that ends before write %i takes nobody along', async (at) => {
    const it = new JoiningWorld(table);
    const first = await it.leading('first', 'bc');
    const second = await it.opened('second', 'ab');
    const place = await it.place(
      second,
      interrupted(it.store, at, async () => {
        await it.store.update(first, (head) =>
          // Before its end it judges what it has, as the workflow does.
          head.unread === undefined ? end('failed')(head) : head,
        );
      }),
    );
    const [left, right] = [await it.head(first), await it.head(second)];
    if (place.kind === 'leads') {
      expect(right).toMatchObject({ state: 'collecting', leads: true });
      expect(await it.alarmsOf(first)).toEqual([]);
      // Whoever comes next finds the one that is open.
      expect(await it.place(await it.opened('next', 'b'))).toEqual({ kind: 'joined', to: second });
    } else {
      expect(right).toMatchObject({ state: 'joined', joinedTo: first });
      expect(left.nodes).toHaveLength(3);
      expect(left.state).toBe('collecting');
    }
  });

  test.each(MOMENTS)(
    'a function that dies before write %i, and the other incident has ended: it goes its own way',
    async (at) => {
      const { it, first, second } = await joinThatDies(at);
      await it.store.update(first, end('failed'));
      const place = await it.place(second);
      if ((await it.head(second)).state === 'joined') {
        // It had joined before that end, and its alarm opens another incident when it fires again.
        expect(await it.says('second', 'ALARM', T0 + 5000)).toBe('opened');
      } else {
        expect(place).toEqual({ kind: 'leads' });
        expect(await it.place(await it.opened('next', 'b'))).toEqual({ kind: 'joined', to: second });
      }
    },
  );

  test.each(MOMENTS)(
    'a function that dies before write %i, and somebody has clicked on the other card: one of the two has the alarm, not both',
    async (at) => {
      const { it, first, second } = await joinThatDies(at);
      // What it took in by then was read, and stood on the card that was clicked.
      await it.store.update(first, ({ unread: _read, ...head }) => ({ ...head, state: 'applying-canary' }));
      const place = await it.place(second);
      const isOnBoth = (await it.head(first)).nodes.length === 3 && place.kind === 'leads';
      expect(isOnBoth).toBe(false);
      expect(await it.alarmsOf(first)).toEqual(place.kind === 'joined' ? ['second'] : []);
    },
  );

  test('the first incident dies between taking a node and being sure of its place: the others go on without it', async () => {
    const it = new JoiningWorld(table);
    const dead = await it.opened('dead', 'ab');
    const dying = interrupted(it.store, 2, async () => {
      throw new Error('killed');
    });
    await it.place(dead, dying).catch(() => {});
    const next = await it.opened('next', 'a');
    expect(await findPlace(it.ports(), next, RULES, { isPatient: true })).toEqual({
      kind: 'unsettled',
      other: dead,
    });
    expect(await findPlace(it.ports(), next, RULES, { isPatient: false })).toEqual({ kind: 'leads' });
    // Taken up, it finds whom to join.
    expect(await it.place(dead)).toEqual({ kind: 'joined', to: next });
  });
});

test('twelve alarms at the same millisecond, on nodes that overlap anyhow: each has an incident that leads and has its nodes', async () => {
  for (let round = 0; round < 5; round++) {
    const it = new JoiningWorld(table);
    const letters = 'abcdefghij';
    const sets = Array.from({ length: 12 }, (_, n) =>
      [
        ...new Set([0, 1, 2].map((k) => letters[(n * 7 + k * (round + 3) + k * k) % letters.length] ?? 'a')),
      ].join(''),
    );
    const ids = await Promise.all(sets.map((set, n) => it.opened(`alarm-${n}`, set)));
    await Promise.all(ids.map((id) => it.place(id)));
    const owned = new Set<string>();
    for (const id of ids) {
      const leader = await leaderOf(it.store, id);
      expect(leader).toMatchObject({ state: 'collecting', leads: true });
      if (leader?.id === id)
        for (const { instanceId } of leader.nodes) {
          expect(owned.has(instanceId)).toBe(false);
          owned.add(instanceId);
        }
      if (leader !== undefined && leader.id !== id)
        expect(await it.alarmsOf(leader.id)).toContain((await it.head(id)).alarm.name);
    }
    for (const set of sets)
      for (const letter of set) expect(owned.has(it.node(letter).instanceId)).toBe(true);
  }
});
