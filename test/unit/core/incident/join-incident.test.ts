import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { okSince } from '../../../../src/core/incident/alarms-ok.ts';
import { awaitDecision, decide, pendingDecision } from '../../../../src/core/incident/decide.ts';
import { bringWords, findPlace, leaderOf, type Place } from '../../../../src/core/incident/join-incident.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import { dismiss } from '../../../../src/core/incident/quiet.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import type { Notifier } from '../../../../src/core/notifier.ts';
import type { IncidentStore, Workflows } from '../../../../src/core/ports.ts';
import { endQuietTime } from '../../../../src/core/reconcile/duties/end-quiet.ts';
import type { Alarm } from '../../../../src/core/record/alarm.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { startTable, TABLE } from '../../adapters/support.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';

const T0 = Date.parse('2026-11-23T14:00:00.000Z');
const MINUTE = 60_000;
const RULES = { windowSeconds: 900, ageSeconds: 43_200 };
const iso = (ms: number) => new Date(ms).toISOString();

let table: Awaited<ReturnType<typeof startTable>>;
let world = 0;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** Nodes and alarms of one test alone, on the store engine that all tests share. */
class World {
  readonly name = `w${++world}`;
  readonly store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
  now = T0;
  readonly woken: string[] = [];
  readonly started: string[] = [];

  node(letter: string) {
    return { instanceId: `i-${this.name}-${letter}`, zone: 'eu-central-1a' };
  }

  alarm(name: string, at = this.now): Alarm {
    return buildAlarm({ arn: `${buildAlarm().arn}-${this.name}-${name}`, name, changedAt: iso(at) });
  }

  /** An incident whose nodes are found, as its workflow leaves it before it looks for another one. */
  async opened(name: string, letters: string, at = this.now): Promise<string> {
    const alarm = this.alarm(name, at);
    const { head } = await this.store.open(openIncident(alarm, iso(this.now)));
    await this.set(head.id, { nodes: [...letters].map((letter) => this.node(letter)) });
    return head.id;
  }

  async set(id: string, changes: Partial<IncidentHead>): Promise<void> {
    await this.store.update(id, (head) => ({ ...head, ...changes }));
  }

  ports(store: IncidentStore = this.store) {
    return { store, clock: { now: () => this.now } };
  }

  /** As the workflow does it: again and again while another one is not that far. */
  async place(id: string, store: IncidentStore = this.store): Promise<Place> {
    for (let look = 1; ; look++) {
      const place = await findPlace(this.ports(store), id, RULES, { isPatient: look <= 50 });
      if (place.kind === 'joined') await bringWords(this.ports(store), id);
      if (place.kind !== 'unsettled') return place;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async leading(name: string, letters: string): Promise<string> {
    const id = await this.opened(name, letters);
    expect(await this.place(id)).toEqual({ kind: 'leads' });
    return id;
  }

  /** Has a plan for its nodes on the card and waits for a click. */
  async waiting(id: string): Promise<void> {
    const { plan } = buildIncident('awaiting-approval').head;
    await this.store.update(id, (head) =>
      awaitDecision(
        {
          ...transition(head, 'diagnosed', { kind: 'workflow' }, iso(this.now)),
          ...(plan === undefined ? {} : { plan }),
          evidenceAt: iso(this.now),
        },
        { id: `callback-${id}`, expiresAt: iso(this.now + 8 * 60 * MINUTE) },
        iso(this.now),
      ),
    );
  }

  async head(id: string): Promise<IncidentHead> {
    const head = await this.store.head(id);
    if (head === undefined) throw new Error(`There is no ${id}.`);
    return head;
  }

  async alarmsOf(id: string): Promise<string[]> {
    return (await this.store.joins.alarmsOf(id)).map(({ name }) => name).toSorted();
  }

  async says(name: string, state: 'ALARM' | 'OK', at: number): Promise<string> {
    return await receiveAlarm(this.intake(), { ...this.alarm(name, at), state });
  }

  /** What taking an alarm in and the reconciler need. */
  intake() {
    const workflows: Partial<Workflows> = {
      startIncident: async ({ id }) => {
        this.started.push(id);
      },
      wake: async (callback) => {
        this.woken.push(callback);
        return true;
      },
      startNumbered: async ({ id }, kind, number) => {
        this.started.push(`${id}-${kind}-${number}`);
      },
    };
    return {
      ...this.ports(),
      workflows: workflows as Workflows,
      notifier: {} as Notifier,
      log: () => {},
      catalogue: [],
      runbookTexts: {},
      running: new Set<string>(),
    };
  }
}

const end = (to: 'dismissed' | 'failed' | 'resolved') => (head: IncidentHead) =>
  transition(head, to, { kind: 'workflow' }, iso(T0 + MINUTE), 'for the test');

describe('an alarm about a node that an open incident has', () => {
  test('joins it, with the nodes that nobody has yet', async () => {
    const it = new World();
    const first = await it.leading('first', 'ab');
    const second = await it.opened('second', 'bc');
    expect(await it.place(second)).toEqual({ kind: 'joined', to: first });
    expect(await it.head(second)).toMatchObject({ state: 'joined', joinedTo: first });
    expect((await it.head(first)).nodes).toEqual(['a', 'b', 'c'].map((letter) => it.node(letter)));
    expect((await it.head(first)).unread).toEqual([it.node('c').instanceId]);
    expect(await it.alarmsOf(first)).toEqual(['second']);
    // The node that it brought is found by the next one.
    const third = await it.opened('third', 'cd');
    expect(await it.place(third)).toEqual({ kind: 'joined', to: first });
  });

  test('leaves a node where it is that a third incident has', async () => {
    const it = new World();
    const [left, right] = [await it.leading('left', 'ab'), await it.leading('right', 'yz')];
    expect(await it.place(await it.opened('both', 'by'))).toEqual({ kind: 'joined', to: left });
    expect((await it.head(left)).nodes).toHaveLength(2);
    expect((await it.head(right)).nodes).toHaveLength(2);
  });

  test.each<[string, (it: World, id: string) => Promise<unknown>]>([
    ['has ended', async (it, id) => await it.store.update(id, end('failed'))],
    ['was opened twelve hours ago', async (it, id) => await it.set(id, { openedAt: iso(T0 - 721 * MINUTE) })],
    [
      'fired a quarter of an hour before',
      async (it, id) =>
        await it.set(id, {
          seen: { count: 1, lastAt: iso(T0 - 16 * MINUTE) },
          openedAt: iso(T0 - 16 * MINUTE),
        }),
    ],
    [
      'somebody has decided about',
      async (it, id) => {
        await it.waiting(id);
        await it.store.update(id, (head) =>
          decide(
            head,
            { kind: 'apply-all', actor: ANA, planDigest: head.plan?.digest ?? '' },
            { now: T0, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
          ),
        );
        expect(pendingDecision(await it.head(id))?.kind).toBe('apply-all');
      },
    ],
  ])('goes its own way where that one %s, and is found by the next', async (_what, change) => {
    const it = new World();
    const old = await it.leading('old', 'ab');
    await change(it, old);
    const before = await it.head(old);
    const fresh = await it.opened('fresh', 'abc');
    expect(await it.place(fresh)).toEqual({ kind: 'leads' });
    expect(await it.head(old)).toEqual(before);
    expect(await it.alarmsOf(old)).toEqual([]);
    expect(await it.place(await it.opened('next', 'a'))).toEqual({ kind: 'joined', to: fresh });
  });

  test('goes its own way where a person asked for it by hand', async () => {
    const it = new World();
    await it.leading('first', 'a');
    const arn = `alert:aws:manual:eu-central-1:123456789012:${'0'.repeat(31)}${world % 10}`;
    const { head } = await it.store.open(openIncident({ ...it.alarm('hand'), arn }, iso(T0)));
    await it.set(head.id, { nodes: [it.node('a')] });
    expect(await it.place(head.id)).toEqual({ kind: 'leads' });
  });
});

describe('a node that an alarm brings', () => {
  test('takes the buttons away that were made without it, and only those', async () => {
    const it = new World();
    const id = await it.leading('first', 'ab');
    await it.waiting(id);
    const { plan } = await it.head(id);
    await it.place(await it.opened('same', 'a'));
    expect(pendingDecision(await it.head(id))).toBeUndefined();
    await it.place(await it.opened('more', 'bc'));
    const grown = await it.head(id);
    expect(pendingDecision(grown)).toMatchObject({ kind: 'new-nodes', actor: { kind: 'alarm' } });
    const click = decide(
      grown,
      { kind: 'apply-all', actor: ANA, planDigest: plan?.digest ?? '' },
      { now: T0, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
    );
    expect(click).toContain('Decided already by an alarm that brought more nodes');
    // A further one is seen to along with it.
    await it.place(await it.opened('even more', 'cd'));
    expect((await it.head(id)).unread).toEqual([it.node('c').instanceId, it.node('d').instanceId]);
    expect((await it.head(id)).decisions).toHaveLength(1);
  });

  test('is looked at before a click is waited for, where it came just before', async () => {
    const it = new World();
    const id = await it.leading('first', 'a');
    await it.place(await it.opened('more', 'ab'));
    await it.waiting(id);
    expect(pendingDecision(await it.head(id))?.kind).toBe('new-nodes');
  });
});

describe('what alarms say that have joined', () => {
  test('an incident ends once all of them are OK, and a firing keeps it open', async () => {
    const it = new World();
    const id = await it.leading('first', 'a');
    await it.waiting(id);
    await it.place(await it.opened('second', 'a'));
    await it.place(await it.opened('third', 'a'));
    expect(await it.says('first', 'OK', T0 + 1000)).toBe('noted');
    expect(await it.says('second', 'OK', T0 + 2000)).toBe('noted');
    expect((await it.head(id)).alarmOkAt).toBeUndefined();
    // It flaps: its OK is over before the last one comes.
    expect(await it.says('second', 'ALARM', T0 + 3000)).toBe('counted-where-it-joined');
    expect(await it.says('third', 'OK', T0 + 4000)).toBe('noted');
    expect(pendingDecision(await it.head(id))).toBeUndefined();
    expect(await it.says('second', 'OK', T0 + 5000)).toBe('closing');
    expect(pendingDecision(await it.head(id))?.kind).toBe('alarm-ok');
    expect(await it.head(id)).toMatchObject({ alarmOkAt: iso(T0 + 5000) });
    expect(it.woken).toEqual([`callback-${id}`]);
    // It fires before the workflow has closed: who carries the decision out finds that not all are OK.
    await it.says('third', 'ALARM', T0 + 6000);
    expect(await okSince(it.store, await it.head(id))).toBeUndefined();
    expect((await it.head(id)).alarmOkAt).toBeUndefined();
  });

  test('is ordered by their own time, whichever arrives first, and counts once', async () => {
    const it = new World();
    const id = await it.leading('first', 'a');
    const second = await it.opened('second', 'a');
    await it.place(second);
    await it.says('second', 'OK', T0 + 5000);
    await it.says('second', 'ALARM', T0 + 4000);
    await it.says('second', 'ALARM', T0 + 4000);
    const [alarm] = await it.store.joins.alarmsOf(id);
    expect(alarm).toMatchObject({ firedAt: iso(T0), okAt: iso(T0 + 5000) });
    await it.says('second', 'ALARM', T0 + 6000);
    await it.says('second', 'ALARM', T0 + 6000);
    expect((await it.head(second)).seen).toEqual({ count: 3, lastAt: iso(T0 + 6000) });
    expect(it.started).toEqual([]);
  });

  test('opens an incident of its own once the other has ended', async () => {
    const it = new World();
    const id = await it.leading('first', 'a');
    await it.waiting(id);
    await it.place(await it.opened('second', 'a'));
    await it.store.update(id, end('resolved'));
    expect(await it.says('second', 'ALARM', T0 + 5000)).toBe('opened');
    expect(it.started).toHaveLength(1);
  });

  test('an OK that comes while its incident joins is not lost between the two', async () => {
    const it = new World();
    const id = await it.leading('first', 'a');
    const second = await it.opened('second', 'a');
    await findPlace(it.ports(), second, RULES, { isPatient: true });
    // Its function found the incident open before it joined, and noted the OK there.
    await it.store.noteOk(it.alarm('second').arn, iso(T0 + 1000));
    await bringWords(it.ports(), second);
    expect((await it.store.joins.alarmsOf(id))[0]).toMatchObject({ okAt: iso(T0 + 1000) });
  });
});

describe('an alarm that has joined what was dismissed', () => {
  const HOLD = 30 * MINUTE;

  async function dismissed(): Promise<{ it: World; id: string; second: string }> {
    const it = new World();
    const id = await it.leading('first', 'a');
    const second = await it.opened('second', 'ab');
    await it.place(second);
    await it.waiting(id);
    await it.store.update(id, (head) => dismiss(head, ANA, T0 + MINUTE, HOLD / 1000));
    return { it, id, second };
  }

  test('is kept quiet with it, has the nodes looked at, and is opened when the hold is over', async () => {
    const { it, id, second } = await dismissed();
    it.now = T0 + 2 * MINUTE;
    expect(await it.says('second', 'ALARM', it.now)).toBe('quiet');
    expect(await it.head(id)).toMatchObject({ quiet: { joined: [second], firedAt: iso(it.now) } });
    expect(it.started).toEqual([`${id}-look-1`]);
    await endQuietTime.run(it.intake(), await it.head(id));
    expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeUndefined();
    it.now = T0 + HOLD + 2 * MINUTE;
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBe('opened');
    const opened = await it.store.openIncidentOf(it.alarm('second').arn);
    expect(opened?.alarm.reason).toContain(`while ${id} was dismissed`);
    // Its own alarm has said nothing since, and somebody has seen to it.
    expect(await it.store.openIncidentOf(it.alarm('first').arn)).toBeUndefined();
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBeUndefined();
  });

  test('opens nothing when it is OK by then, and at once where a look found it worse', async () => {
    const { it, id } = await dismissed();
    await it.says('second', 'ALARM', T0 + 2 * MINUTE);
    await it.says('second', 'OK', T0 + 3 * MINUTE);
    const worse = { number: 1, firedAt: iso(T0), endedAt: iso(T0 + 4 * MINUTE), worse: 'It got worse.' };
    it.now = T0 + HOLD + 2 * MINUTE;
    const held = await it.head(id);
    expect(await endQuietTime.run(it.intake(), held)).toBe('over');
    expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeUndefined();
    await it.set(id, { quiet: { ...held.quiet, look: worse } as NonNullable<IncidentHead['quiet']> });
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBe('opened');
    expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeDefined();
  });
});

/** Writes of the store, so that a test can stop a function before each of them. */
const WRITES = new Set(['update', 'close', 'claimNode', 'list', 'unlist', 'note']);

/** A store whose function dies, or at which something else happens, right before its write of this number. */
function interrupted(real: IncidentStore, at: number, what: () => Promise<void>): IncidentStore {
  let writes = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(on, name) {
        const value: unknown = Reflect.get(on, name);
        if (name === 'joins') return watched(value as object);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          if (WRITES.has(String(name)) && ++writes === at) await what();
          return await value.apply(on, given);
        };
      },
    });
  return watched(real);
}

/** The writes of a join are eight: two nodes taken or met, two handed over, listed, taken in, ended, and what it said brought along. */
const MOMENTS = Array.from({ length: 9 }, (_, index) => index + 1);

describe('whatever comes between two writes', () => {
  test.each(MOMENTS)(
    'a function that dies before write %i is repeated, and the alarm has one incident',
    async (at) => {
      const it = new World();
      const first = await it.leading('first', 'bc');
      const second = await it.opened('second', 'ab');
      const dying = interrupted(it.store, at, async () => {
        throw new Error('killed');
      });
      await it.place(second, dying).catch(() => {});
      expect(await it.place(second)).toEqual({ kind: 'joined', to: first });
      expect(await it.alarmsOf(first)).toEqual(['second']);
      expect((await it.head(first)).nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual(
        ['a', 'b', 'c'].map((letter) => it.node(letter).instanceId),
      );
      expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeUndefined();
    },
  );

  test.each(MOMENTS)('an incident that ends before write %i takes nobody along', async (at) => {
    const it = new World();
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
      const it = new World();
      const first = await it.leading('first', 'bc');
      const second = await it.opened('second', 'ab');
      await it
        .place(
          second,
          interrupted(it.store, at, async () => {
            throw new Error('killed');
          }),
        )
        .catch(() => {});
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

  test('the first incident dies between taking a node and being sure of its place: the others go on without it', async () => {
    const it = new World();
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
    const it = new World();
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
