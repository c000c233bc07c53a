import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { decide } from '../../../../src/core/incident/decide.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import { dismiss } from '../../../../src/core/incident/quiet.ts';
import { endQuietTime } from '../../../../src/core/reconcile/duties/end-quiet.ts';
import { startTable } from '../../adapters/support.ts';
import { ANA } from '../../support/incidents.ts';
import { JoiningWorld, MINUTE, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const HOUR = 60 * MINUTE;

/** Ends an incident by a click, as its workflow does. */
async function clickedAway(it: JoiningWorld, id: string, snoozeSeconds?: number): Promise<void> {
  await it.waiting(id);
  const { plan } = await it.head(id);
  const updated = await it.store.update(id, (head) => {
    const request = {
      kind: 'dismiss' as const,
      actor: ANA,
      planDigest: plan?.digest ?? '',
      ...(snoozeSeconds === undefined ? {} : { snoozeSeconds }),
    };
    const decided = decide(head, request, {
      now: it.now,
      approvers: [ANA.id],
      evidenceMaxAgeSeconds: 900,
    });
    return typeof decided === 'string' ? decided : dismiss(decided, ANA, it.now, 1_800);
  });
  if (!updated.ok) throw new Error(updated.refusal);
  await it.store.close(updated.head);
}

/** What the reconciler does so long after the beginning: each still has a card that nobody has drawn, so it finds all of them. */
async function reconciledAt(it: JoiningWorld, id: string, after: number): Promise<string | undefined> {
  it.now = T0 + after;
  expect(await it.store.unfinished()).toContain(id);
  return await endQuietTime.run(it.intake(), await it.head(id));
}

const openOf = async (it: JoiningWorld, name: string) => await it.store.openIncidentOf(it.alarm(name).arn);

test('an alarm that fires all through a snooze opens an incident when that is over, once', async () => {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  await clickedAway(it, id, 3_600);
  const incident = await it.store.load(id);
  expect(JSON.stringify(incident && cardOf(incident, catalogue, T0))).toContain(
    'counted here, and speaks again then if it still fires',
  );
  expect(await reconciledAt(it, id, HOUR - 1_000)).toBeUndefined();
  expect(await openOf(it, 'first')).toBeUndefined();
  expect(await reconciledAt(it, id, HOUR + 1_000)).toBe('opened');
  const opened = await openOf(it, 'first');
  expect(opened?.id).not.toBe(id);
  expect(opened?.alarm.reason).toBe(`Fires since before ${id} was snoozed, and has not been OK since.`);
  expect(await reconciledAt(it, id, HOUR + 2_000)).toBeUndefined();
  expect(opened?.seen.count).toBe(1);
});

test('one that went OK meanwhile opens none', async () => {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  await clickedAway(it, id, 3_600);
  await it.says('first', 'OK', T0 + 10 * MINUTE);
  expect(await reconciledAt(it, id, HOUR + 1_000)).toBe('over');
  expect(await openOf(it, 'first')).toBeUndefined();
  expect(await reconciledAt(it, id, HOUR + 2_000)).toBeUndefined();
});

test('one of several alarms of a card that fires all along speaks again, and one that is OK does not', async () => {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  for (const name of ['second', 'third']) await it.place(await it.opened(name, 'a'));
  await it.says('third', 'OK', T0 + 1_000);
  await clickedAway(it, id, 3_600);
  await it.says('first', 'OK', T0 + 2 * MINUTE);
  expect(await reconciledAt(it, id, HOUR + 1_000)).toBe('opened');
  const opened = await Promise.all(['first', 'second', 'third'].map((name) => openOf(it, name)));
  expect(opened.map((head) => head?.alarm.name)).toEqual([undefined, 'second', undefined]);
});

test('a person who dismissed an alarm hears of it again only once it fires again', async () => {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  await clickedAway(it, id);
  expect(await reconciledAt(it, id, HOUR)).toBeUndefined();
});

test('what a person asked for by hand does not fire, and is not asked for again by a snooze', async () => {
  const it = new JoiningWorld(table);
  const arn = `alert:aws:manual:eu-central-1:123456789012:${'5'.repeat(32)}`;
  const { head } = await it.store.open(
    openIncident({ ...it.alarm('by hand'), arn }, '2026-11-23T14:00:00.000Z'),
  );
  await it.set(head.id, { nodes: [it.node('a')] });
  await it.place(head.id);
  await clickedAway(it, head.id, 3_600);
  expect(await reconciledAt(it, head.id, HOUR + 1_000)).toBeUndefined();
});
