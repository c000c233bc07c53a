import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { pendingDecision } from '../../../../src/core/incident/decide.ts';
import { okSince } from '../../../../src/core/incident/joining/alarms-ok.ts';
import { bringWords, findPlace } from '../../../../src/core/incident/joining/join.ts';
import { dismiss, keepFlapping } from '../../../../src/core/incident/quiet.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import { endQuietTime } from '../../../../src/core/reconcile/duties/end-quiet.ts';
import { settleAlarms } from '../../../../src/core/reconcile/duties/settle-alarms.ts';
import { type IncidentHead, WORKFLOW } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { startTable } from '../../adapters/support.ts';
import { ANA } from '../../support/incidents.ts';
import { end, interrupted, iso, JoiningWorld, MINUTE, RULES, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

describe('what alarms say that have joined', () => {
  test('an incident ends once all of them are OK, and a firing keeps it open', async () => {
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'a');
    await it.waiting(id);
    await it.place(await it.opened('second', 'a'));
    await it.place(await it.opened('third', 'a'));
    expect(await it.says('first', 'OK', T0 + 1000)).toBe('noted-of-one');
    expect(await it.says('second', 'OK', T0 + 2000)).toBe('noted-of-one');
    expect((await it.head(id)).alarmOkAt).toBeUndefined();
    // It flaps: its OK is over before the last one comes.
    expect(await it.says('second', 'ALARM', T0 + 3000)).toBe('counted-where-it-joined');
    expect(await it.says('third', 'OK', T0 + 4000)).toBe('noted-of-one');
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
    const it = new JoiningWorld(table);
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
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'a');
    await it.waiting(id);
    await it.place(await it.opened('second', 'a'));
    await it.store.update(id, end('resolved'));
    expect(await it.says('second', 'ALARM', T0 + 5000)).toBe('opened');
    expect(it.started).toHaveLength(1);
  });

  test('an OK that comes while its incident joins is not lost between the two', async () => {
    const it = new JoiningWorld(table);
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

  async function dismissed(): Promise<{ it: JoiningWorld; id: string; second: string }> {
    const it = new JoiningWorld(table);
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

describe('an alarm that has joined an incident which ends without a fix', () => {
  async function judged() {
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'a');
    const second = await it.opened('second', 'ab');
    await it.place(second);
    await it.judged(id, 'listen-overflow');
    const endIt = async () => {
      const { head, collections } = (await it.store.load(id)) ?? { head: await it.head(id), collections: [] };
      const kept = keepFlapping({ head, collections, earlier: [] }, catalogue, T0 + MINUTE, RULES);
      await it.store.update(id, (now) =>
        now.state === 'no-fix-offered'
          ? now
          : { ...transition(now, 'no-fix-offered', WORKFLOW, iso(T0 + MINUTE), 'None helps.'), ...kept },
      );
      await it.store.close(await it.head(id));
    };
    return { it, id, second, endIt };
  }

  test('stays with it while it flaps, and has its nodes looked at', async () => {
    const { it, id, second, endIt } = await judged();
    await endIt();
    expect(await it.says('second', 'OK', T0 + 2 * MINUTE)).toBe('nothing-open');
    expect(await it.says('second', 'ALARM', T0 + 3 * MINUTE)).toBe('quiet');
    expect(await it.says('first', 'ALARM', T0 + 4 * MINUTE)).toBe('quiet');
    expect(await it.head(id)).toMatchObject({ quiet: { joined: [second], firedAt: iso(T0 + 4 * MINUTE) } });
    expect(new Set(it.started)).toEqual(new Set([`${id}-look-1`]));
  });

  test('is counted there, whenever it ends while the alarm fires', async () => {
    for (let write = 1; write <= 4; write++) {
      const { it, id, endIt } = await judged();
      const ending = { ...it.intake(), store: interrupted(it.store, write, endIt) };
      const said = await receiveAlarm(ending, it.alarm('second', T0 + MINUTE));
      expect(['quiet', 'counted-where-it-joined']).toContain(said);
      expect(await it.store.openIncidentOf(it.alarm('second').arn)).toBeUndefined();
      expect((await it.head(id)).quiet?.firedAt).toBe(said === 'quiet' ? iso(T0 + MINUTE) : undefined);
    }
  });
});

describe('an alarm that flaps', () => {
  /** Its incident ends because the alarm is OK, as its workflow does it once it was woken. */
  async function closed(it: JoiningWorld, id: string): Promise<void> {
    expect(pendingDecision(await it.head(id))?.kind).toBe('alarm-ok');
    await it.store.update(id, end('resolved'));
    await it.store.close(await it.head(id));
  }

  test('has a second incident that its next OK ends only once it has lasted', async () => {
    const it = new JoiningWorld(table);
    const first = await it.leading('alarm', 'a');
    await it.waiting(first);
    await it.says('alarm', 'OK', T0 + MINUTE);
    await closed(it, first);
    it.now = T0 + 2 * MINUTE;
    expect(await it.says('alarm', 'ALARM', it.now)).toBe('opened');
    const [second = ''] = it.started;
    await it.set(second, { nodes: [it.node('a')] });
    expect(await it.place(second)).toEqual({ kind: 'leads' });
    await it.waiting(second);
    for (const minute of [3, 5, 7]) {
      it.now = T0 + minute * MINUTE;
      await it.says('alarm', 'OK', it.now);
      expect(pendingDecision(await it.head(second))).toBeUndefined();
      expect(await settleAlarms.run(it.intake(), await it.head(second))).toBeUndefined();
      it.now = T0 + (minute + 1) * MINUTE;
      if (minute < 7) expect(await it.says('alarm', 'ALARM', it.now)).toBe('already-open');
    }
    expect(await it.head(second)).toMatchObject({ flaps: 1, seen: { count: 3 } });
    it.now = T0 + 23 * MINUTE;
    expect(await settleAlarms.run(it.intake(), await it.head(second))).toBe('closing');
    await closed(it, second);
    // Who fires again much later does not flap.
    it.now = T0 + 60 * MINUTE;
    await it.says('alarm', 'ALARM', it.now);
    expect(await it.head(it.started.at(-1) ?? '')).not.toHaveProperty('flaps');
  });
});
