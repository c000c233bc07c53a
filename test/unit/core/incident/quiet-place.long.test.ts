import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { findPlaceAndWarnings } from '../../../../src/core/incident/joining/warned.ts';
import { endLook, keepFlapping } from '../../../../src/core/incident/quiet.ts';
import { endQuietTime } from '../../../../src/core/reconcile/duties/end-quiet.ts';
import { WORKFLOW } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { startTable } from '../../adapters/support.ts';
import { end, interrupted, iso, JoiningWorld, MINUTE, RULES, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** An incident on nodes a and b that ended without a fix a minute after its alarm had fired. */
async function endedWithoutFix(): Promise<{ it: JoiningWorld; id: string }> {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'ab');
  await it.judged(id, 'listen-overflow');
  const incident = await it.store.load(id);
  if (incident === undefined) throw new Error('It is gone.');
  const kept = keepFlapping(incident, catalogue, T0 + MINUTE, RULES);
  await it.store.update(id, (now) => ({
    ...transition(now, 'no-fix-offered', WORKFLOW, iso(T0 + MINUTE), 'None helps.'),
    ...kept,
  }));
  await it.store.close(await it.head(id));
  it.now = T0 + 2 * MINUTE;
  return { it, id };
}

const settle = (it: JoiningWorld, id: string, store = it.store) =>
  findPlaceAndWarnings(it.ports(store), id, RULES, { isPatient: false });

describe('an alarm about nodes of an incident that ended without a fix', () => {
  test('has no card of its own: it is counted there, and the nodes are looked at', async () => {
    const { it, id } = await endedWithoutFix();
    const other = await it.opened('other', 'b');
    expect(await settle(it, other)).toEqual({ kind: 'joined', to: id });
    expect(await it.head(other)).toMatchObject({ state: 'joined', joinedTo: id });
    expect(await it.alarmsOf(id)).toEqual(['other']);
    expect((await it.head(id)).quiet).toMatchObject({ joined: [other] });
    await endQuietTime.run(it.intake(), await it.head(id));
    expect(it.started).toContain(`${id}-look-1`);
    // As it flaps on, it stays there.
    expect(await it.says('other', 'ALARM', T0 + 3 * MINUTE)).toBe('quiet');
  });

  test('has one once they got worse, and so once only', async () => {
    const { it, id } = await endedWithoutFix();
    const other = await it.opened('other', 'b');
    await settle(it, other);
    await endQuietTime.run(it.intake(), await it.head(id));
    await it.store.update(id, (head) => endLook(head, 1, iso(it.now), { worse: 'It got worse.' }));
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBe('opened');
    const opened = await it.store.openIncidentOf(it.alarm('other').arn);
    expect(opened?.alarm.reason).toContain('It got worse.');
    await it.set(opened?.id ?? '', { nodes: [it.node('b')] });
    expect(await settle(it, opened?.id ?? '')).toEqual({ kind: 'leads' });
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBeUndefined();
  });

  test('has one where nobody looked in time', async () => {
    const { it, id } = await endedWithoutFix();
    await settle(it, await it.opened('other', 'b'));
    it.now = Date.parse((await it.head(id)).quiet?.until ?? '') + MINUTE;
    expect(await endQuietTime.run(it.intake(), await it.head(id))).toBe('opened');
    const opened = await it.store.openIncidentOf(it.alarm('other').arn);
    await it.set(opened?.id ?? '', { nodes: [it.node('b')] });
    expect(await settle(it, opened?.id ?? '')).toEqual({ kind: 'leads' });
  });

  test('goes its own way with a node more, when it is collected again, and when the time for that is over', async () => {
    const { it, id } = await endedWithoutFix();
    expect(await settle(it, await it.opened('more', 'bc'))).toEqual({ kind: 'leads' });
    const again = await it.opened('again', 'b');
    await it.set(again, { alarm: { ...(await it.head(again)).alarm, again: id } });
    expect(await settle(it, again)).toMatchObject({ kind: 'joined', to: expect.not.stringMatching(id) });
    const late = await endedWithoutFix();
    late.it.now = T0 + RULES.windowSeconds * 1000 + 2 * MINUTE;
    expect(await settle(late.it, await late.it.opened('late', 'b'))).toEqual({ kind: 'leads' });
  });

  test('goes its own way where the other one was dismissed: only its own alarms stay quiet', async () => {
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'a');
    await it.waiting(id);
    await it.store.update(id, (head) => ({
      ...end('dismissed')(head),
      quiet: { until: iso(T0 + 30 * MINUTE), collection: 1 },
    }));
    expect(await settle(it, await it.opened('other', 'a'))).toEqual({ kind: 'leads' });
  });

  test('is there once, wherever its function died', async () => {
    for (let write = 1; write <= 5; write++) {
      const { it, id } = await endedWithoutFix();
      const other = await it.opened('other', 'ab');
      const dying = interrupted(it.store, write, async () => {
        throw new Error('The function died.');
      });
      await settle(it, other, dying as typeof it.store).catch(() => {});
      expect([write, await settle(it, other)]).toEqual([write, { kind: 'joined', to: id }]);
      expect(await it.alarmsOf(id)).toEqual(['other']);
      expect((await it.head(id)).quiet?.joined).toEqual([other]);
    }
  });
});
