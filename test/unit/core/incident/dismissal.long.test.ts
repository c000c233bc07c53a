import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { carryOn } from '../../../../src/core/incident/carry-on.ts';
import { executionOf } from '../../../../src/core/incident/execution.ts';
import { dismiss, endLook, keepFlapping } from '../../../../src/core/incident/quiet.ts';
import { receiveAlarm } from '../../../../src/core/incident/receive-alarm.ts';
import type { Workflows } from '../../../../src/core/ports.ts';
import { endQuietTime } from '../../../../src/core/reconcile/duties/end-quiet.ts';
import { WORKFLOW } from '../../../../src/core/record/incident.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { startTable } from '../../adapters/support.ts';
import { AlarmIntake, timeOf } from '../../support/alarm-intake.ts';
import { buildLookAlike } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

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
  intake = new AlarmIntake(table.client, `dismissed-${count}`);
  ({ store } = intake);
});

const says = (...change: Parameters<AlarmIntake['says']>) => intake.says(...change);
const tell = (...change: Parameters<AlarmIntake['tell']>) => intake.tell(...change);
const only = () => intake.only();
const offer = (id: string) => intake.offer(id);

async function dismissed(): Promise<string> {
  await tell('ALARM', 1);
  const { id } = await only();
  await offer(id);
  const ended = await store.update(id, (head) => dismiss(head, WORKFLOW, Date.parse(timeOf(60)), 1740));
  if (ended.ok) await store.close(ended.head);
  return id;
}

/** What the reconciler does at this place in time with what is unfinished. */
async function reconciledAt(place: number): Promise<void> {
  for (const id of await store.unfinished()) {
    const head = await store.head(id);
    if (head?.alarm.arn === intake.arn)
      await endQuietTime.run(
        {
          ...intake.ports,
          catalogue,
          runbookTexts,
          running: new Set(),
          clock: { now: () => Date.parse(timeOf(place)) },
        },
        head,
      );
  }
}

test('a dismissal holds for a while: firings are counted and open nothing, after it they do', async () => {
  const id = await dismissed();
  await tell('OK', 100);
  expect(await tell('ALARM', 200)).toBe('quiet');
  expect(await tell('ALARM', 200)).toBe('quiet');
  await tell('OK', 300);
  expect(await tell('ALARM', 1799)).toBe('quiet');
  expect((await only()).seen).toEqual({ count: 3, lastAt: timeOf(1799) });
  expect(await tell('ALARM', 1800)).toBe('opened');
  expect((await store.openIncidentOf(intake.arn))?.id).not.toBe(id);
});

test('a dismissal does not keep back what a person asks for', async () => {
  await dismissed();
  expect(await receiveAlarm(intake.ports, says('ALARM', 200), { isHeld: false })).toBe('opened');
});

test('a dismissal keeps nothing back for longer: what fired and is not OK is opened when it ends, once', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await reconciledAt(1799);
  expect(await store.openIncidentOf(intake.arn)).toBeUndefined();
  await reconciledAt(1801);
  const opened = await store.openIncidentOf(intake.arn);
  expect(opened?.alarm).toMatchObject({ changedAt: timeOf(200), reason: expect.stringContaining(id) });
  await reconciledAt(1802);
  expect((await store.openIncidentOf(intake.arn))?.seen.count).toBe(1);
  expect((await store.head(id))?.quiet).not.toHaveProperty('firedAt');
});

async function endTheLook(id: string, number: number, place: number, worse?: string): Promise<void> {
  await store.update(id, (head) =>
    endLook(head, number, timeOf(place), { asked: 1, read: 1, ...(worse !== undefined && { worse }) }),
  );
}

test('a dismissal has the nodes looked at when it fires, one look at a time and none soon after another', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await tell('ALARM', 210);
  expect((await store.head(id))?.quiet?.look).toEqual({ number: 1, firedAt: timeOf(200) });
  // Starting it again is harmless: its name is the same.
  expect(new Set(intake.looks)).toEqual(new Set([1]));
  await endTheLook(id, 1, 560);
  await tell('ALARM', 570);
  expect(new Set(intake.looks)).toEqual(new Set([1]));
  await reconciledAt(800);
  expect(new Set(intake.looks)).toEqual(new Set([1]));
  await reconciledAt(861);
  expect(new Set(intake.looks)).toEqual(new Set([1, 2]));
  await endTheLook(id, 2, 900);
  await reconciledAt(1300);
  expect((await store.head(id))?.quiet?.look?.number).toBe(2);
  expect(await store.openIncidentOf(intake.arn)).toBeUndefined();
});

test('a dismissal has nobody look where an OK has followed', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await endTheLook(id, 1, 560);
  await tell('ALARM', 570);
  await tell('OK', 580);
  await reconciledAt(1000);
  expect((await store.head(id))?.quiet?.look?.number).toBe(1);
});

test('a dismissal does not keep back what got worse, also where the alarm is OK for the moment', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await endTheLook(id, 1, 220, 'It got worse: i-1: everything is lost.');
  await tell('OK', 230);
  await reconciledAt(240);
  const opened = await store.newestIncidentOf(intake.arn);
  expect(opened?.id).not.toBe(id);
  expect(opened?.alarm.reason).toContain('It got worse: i-1: everything is lost.');
  await reconciledAt(300);
  expect((await store.newestIncidentOf(intake.arn))?.id).toBe(opened?.id);
});

test('a dismissal holds no longer once a look found it worse, whoever comes first', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await endTheLook(id, 1, 220, 'It got worse.');
  expect(await tell('ALARM', 230)).toBe('opened');
  const opened = await store.openIncidentOf(intake.arn);
  await reconciledAt(240);
  expect((await store.openIncidentOf(intake.arn))?.id).toBe(opened?.id);
});

test('a dismissal whose look stopped half-way counts as worse: nobody knows', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  const head = await store.head(id);
  if (head === undefined) throw new Error('It is gone.');
  expect(executionOf(head)?.name).toBe(`${id}-look-1`);
  const stopped: Pick<Workflows, 'statusOf'> = { statusOf: async () => 'ended' };
  expect(await carryOn({ ...intake.ports, workflows: { ...intake.ports.workflows, ...stopped } }, head)).toBe(
    'ended',
  );
  await reconciledAt(260);
  expect((await store.openIncidentOf(intake.arn))?.alarm.reason).toContain(
    'nobody knows whether it is worse',
  );
});

test('a dismissal that an OK has followed is over without a word', async () => {
  const id = await dismissed();
  await tell('ALARM', 200);
  await tell('OK', 300);
  await reconciledAt(1801);
  expect(await store.openIncidentOf(intake.arn)).toBeUndefined();
  expect((await store.head(id))?.quiet).not.toHaveProperty('firedAt');
});

/** Ends what the alarm opened without a fix, as its workflow does. */
async function endedWithoutFix(verdict: string, windowSeconds = 900): Promise<string> {
  await tell('ALARM', 1);
  const { id } = await only();
  const { head, collections } = buildIncident('diagnosed', { diagnosis: buildLookAlike({ verdict }) });
  const incident = { head: { ...head, openedAt: timeOf(1) }, collections, earlier: [] };
  const rules = { windowSeconds, ageSeconds: 3600 };
  const kept = keepFlapping(incident, catalogue, Date.parse(timeOf(60)), rules);
  const ended = await store.update(id, (now) => {
    const judged = transition(now, 'diagnosed', WORKFLOW, timeOf(50));
    return { ...transition(judged, 'no-fix-offered', WORKFLOW, timeOf(60), 'No.'), ...kept };
  });
  if (ended.ok) await store.close(ended.head);
  return id;
}

test('an alarm that flaps stays with the incident that ended without a fix, for as long as it does, up to the age of an incident', async () => {
  const id = await endedWithoutFix('listen-overflow');
  for (let place = 500; place < 3600; place += 500) {
    await tell('OK', place - 100);
    expect(await tell('ALARM', place)).toBe('quiet');
  }
  expect((await only()).seen.count).toBe(8);
  expect((await store.head(id))?.quiet?.until).toBe(timeOf(3601));
  await tell('OK', 3550);
  expect(await tell('ALARM', 3610)).toBe('opened');
});

test('an alarm that flaps has a new incident once it was OK for longer than firings may be apart', async () => {
  const id = await endedWithoutFix('listen-overflow');
  expect(await tell('ALARM', 1000)).toBe('opened');
  expect((await store.openIncidentOf(intake.arn))?.id).not.toBe(id);
});

test.each([
  ['nothing was found to be wrong', 'not-the-node', 900],
  ['each alarm is to stay by itself', 'listen-overflow', 0],
])('an alarm that flaps has a new incident where %s', async (_name, verdict, windowSeconds) => {
  await endedWithoutFix(verdict, windowSeconds);
  await tell('OK', 100);
  expect(await tell('ALARM', 110)).toBe('opened');
});

test('an alarm that flaps after an end without a fix has its nodes looked at, and what got worse has a card', async () => {
  const id = await endedWithoutFix('listen-overflow');
  await tell('OK', 90);
  await tell('ALARM', 100);
  expect(new Set(intake.looks)).toEqual(new Set([1]));
  await endTheLook(id, 1, 530);
  await reconciledAt(800);
  // Looked at, no worse, and its card says what it is: the end of the time is no news.
  await reconciledAt(1001);
  expect(await store.openIncidentOf(intake.arn)).toBeUndefined();
  expect((await store.head(id))?.quiet).not.toHaveProperty('firedAt');

  await tell('ALARM', 990);
  expect(new Set(intake.looks)).toEqual(new Set([1, 2]));
  await endTheLook(id, 2, 1000, 'A change helps by now.');
  await reconciledAt(1010);
  expect((await store.openIncidentOf(intake.arn))?.alarm.reason).toContain(
    'ended without a fix. A change helps by now.',
  );
});

test('a firing after an end without a fix that nobody has looked at is opened when the time is over', async () => {
  await endedWithoutFix('listen-overflow');
  await tell('OK', 90);
  await tell('ALARM', 100);
  const { id } = await only();
  await store.update(id, ({ quiet, ...head }) => {
    const { look: _never, ...rest } = quiet ?? { until: timeOf(1000), collection: 1 };
    return { ...head, quiet: rest };
  });
  await reconciledAt(1001);
  expect(await store.openIncidentOf(intake.arn)).toBeDefined();
});
