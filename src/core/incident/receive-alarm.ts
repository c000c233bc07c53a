import { messageOf, RecordRefusedError } from '../errors.ts';
import type { Notifier } from '../notifier.ts';
import type { Clock, IncidentStore, Log, Workflows } from '../ports.ts';
import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';
import { isClosed, transition } from '../record/transitions.ts';
import { begunBefore } from './begun-before.ts';
import { leaderOf } from './joining/join.ts';
import { fireJoined, recoverJoined, settleOk, wakeToClose } from './joining/words.ts';
import { isByHand } from './manual-alarm.ts';
import { incidentId, noteAlarmOk, openIncident } from './open-incident.ts';
import { holdJoined, isHeldQuiet, orderLook } from './quiet.ts';
import { okNote, oweOkNote } from './shown/ok-note.ts';
import { missed, wordsSaid } from './shown/owed-words.ts';
import { showIncident } from './shown/show-incident.ts';
import { isWarning } from './warning-alarm.ts';

/** What taking an alarm in needs. */
export interface IntakePorts {
  readonly store: IncidentStore;
  readonly workflows: Workflows;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens an incident for an alarm, counts a firing of one that is open, or takes note that it is OK again. Repeated
 * deliveries change nothing, and in whichever order state changes arrive, the one that is last by its own time counts.
 * @param isHeld false for what a person asks for: neither a dismissal nor an end that came later keeps that back
 * @returns what was done, in one word for the log
 */
export async function receiveAlarm(
  ports: IntakePorts,
  alarm: Alarm,
  { isHeld = true }: { readonly isHeld?: boolean } = {},
): Promise<string> {
  switch (alarm.state) {
    case 'ALARM':
      return isHeld ? await fire(ports, alarm) : await openOrCount(ports, alarm);
    case 'OK':
      return await recover(ports, alarm);
    case 'INSUFFICIENT_DATA':
      return 'ignored';
  }
}

async function fire(ports: IntakePorts, alarm: Alarm): Promise<string> {
  const ended = await ports.store.newestIncidentOf(alarm.arn);
  if (ended?.state === 'joined' && isNews(ended, alarm)) {
    const leader = await leaderOf(ports.store, ended.id);
    await endIfAbandoned(ports, leader);
    if (isWarning(alarm)) return await countWarning(ports, ended, leader, alarm);
    if (await fireJoined(ports, ended, alarm)) return 'counted-where-it-joined';
    if (await keepQuiet(ports, ended, alarm)) return 'quiet';
  }
  const isQuiet = ended !== undefined && isHeldQuiet(ended, alarm.changedAt) && !isByHand(alarm);
  if (ended !== undefined && (isQuiet || isOfEnded(ended, alarm)) && ended.id !== incidentId(alarm)) {
    const counted = await ports.store.countFiring(ended.id, alarm.changedAt);
    if (isQuiet) await lookIfDue(ports, counted);
    await redraw(ports, counted);
    return isQuiet ? 'quiet' : 'counted-after-the-end';
  }
  const before = ended?.state === 'joined' ? await leaderOf(ports.store, ended.id) : ended;
  return await openOrCount(ports, alarm, before);
}

/** A warning that became the incident of an alarm keeps that one neither open nor quiet: once it has ended, it is another one. */
async function countWarning(
  ports: IntakePorts,
  ended: IncidentHead,
  leader: IncidentHead | undefined,
  alarm: Alarm,
): Promise<string> {
  if (leader === undefined || isClosed(leader.state)) return await openOrCount(ports, alarm);
  await ports.store.countFiring(ended.id, alarm.changedAt);
  return 'counted-where-it-joined';
}

/**
 * Has the nodes of a dismissed incident looked at whose alarm fired again, so that what got worse is not kept back.
 * @returns whether a look is under way
 */
export async function lookIfDue(
  { store, workflows, clock }: Pick<IntakePorts, 'store' | 'workflows' | 'clock'>,
  { id }: Pick<IncidentHead, 'id'>,
): Promise<boolean> {
  const updated = await store.update(id, (head) => orderLook(head, clock.now()));
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  const { look } = updated.head.quiet ?? {};
  if (look === undefined || look.endedAt !== undefined) return false;
  await workflows.startNumbered(updated.head, 'look', look.number);
  return true;
}

/**
 * Whether a firing belongs to the incident that has ended: it was counted there, or arrives after what followed it. One that
 * failed keeps none: who took its alarm from it may have died before opening the next.
 */
const isOfEnded = ({ state, seen, alarmOkAt = '' }: IncidentHead, alarm: Alarm): boolean =>
  isClosed(state) && state !== 'failed' && (alarm.changedAt <= seen.lastAt || alarm.changedAt <= alarmOkAt);

/** Keeps back an alarm that has joined an incident which was dismissed, as that one's own. @returns whether the dismissal holds */
async function keepQuiet(ports: IntakePorts, joined: IncidentHead, { changedAt }: Alarm): Promise<boolean> {
  const leader = await leaderOf(ports.store, joined.id);
  if (leader === undefined || !isHeldQuiet(leader, changedAt)) return false;
  await ports.store.countFiring(joined.id, changedAt);
  const held = await ports.store.update(leader.id, (head) => holdJoined(head, joined.id, changedAt));
  if (!held.ok || held.head.quiet?.joined?.includes(joined.id) !== true) return false;
  await lookIfDue(ports, held.head);
  // One of many that may flap at once: the card says so with its next drawing.
  await ports.store.noteNews(held.head.id);
  return true;
}

/** Whether a firing is another one than that which opened the incident, or those that it has counted. */
const isNews = (head: IncidentHead, alarm: Alarm): boolean =>
  head.id !== incidentId(alarm) && !isOfEnded(head, alarm);

async function openOrCount(ports: IntakePorts, alarm: Alarm, before?: IncidentHead): Promise<string> {
  const { store, workflows, clock } = ports;
  const opened = await store.open(openIncident(alarm, new Date(clock.now()).toISOString(), before));
  // An earlier delivery may have died between storing and starting; the name makes starting again harmless.
  if (!isClosed(opened.head.state) && opened.kind !== 'already-open')
    await workflows.startIncident(opened.head);
  if (opened.kind === 'already-open') {
    if (isAbandoned(opened.head, clock.now())) return await takeOver(ports, opened.head, alarm);
    await redraw(ports, opened.head);
  }
  // An OK that came while nothing was open yet found nothing to note it on.
  const okAt = await store.lastOkOf(alarm.arn);
  if (okAt !== undefined && !isClosed(opened.head.state)) await takeOk(ports, opened.head, okAt);
  return opened.kind;
}

/** Ends an incident that nobody works on any more, so that this firing is not lost on it. */
async function takeOver(ports: IntakePorts, { id }: IncidentHead, alarm: Alarm): Promise<string> {
  const ended = await ports.store.update(id, (head) => endAbandoned(head, ports.clock.now()));
  if (!ended.ok) throw new RecordRefusedError(ended.refusal);
  if (!isClosed(ended.head.state)) return 'already-open';
  await tellAbandoned(ports, ended.head);
  return await openOrCount(ports, alarm);
}

/** The same of the incident that an alarm has joined. */
async function endIfAbandoned(ports: IntakePorts, leader: IncidentHead | undefined): Promise<void> {
  const { store, clock } = ports;
  if (leader === undefined || !isAbandoned(leader, clock.now())) return;
  const ended = await store.update(leader.id, (head) => endAbandoned(head, clock.now()));
  if (ended.ok && isClosed(ended.head.state)) await tellAbandoned(ports, ended.head);
}

async function tellAbandoned(ports: IntakePorts, head: IncidentHead): Promise<void> {
  await ports.store.close(head);
  ports.log('incident-abandoned', { incidentId: head.id, why: head.transitions.at(-1)?.why ?? '' });
  await redraw(ports, head);
}

/** First kept, then looked for: who opens an incident does it the other way round, so one of the two sees the other. */
async function recover(ports: IntakePorts, alarm: Alarm): Promise<string> {
  const { arn, changedAt } = alarm;
  await ports.store.noteOk(arn, changedAt);
  const open = await ports.store.openIncidentOf(arn);
  if (open !== undefined) return await takeOk(ports, open, changedAt);
  const newest = await ports.store.newestIncidentOf(arn);
  // That nothing is foreseen any more ends no incident whose alarm fires.
  if (isWarning(alarm)) return 'nothing-open';
  const leader = newest?.state === 'joined' ? await recoverJoined(ports, newest, alarm) : undefined;
  return leader === undefined ? 'nothing-open' : await takeOk(ports, leader, changedAt);
}

async function takeOk(ports: IntakePorts, open: IncidentHead, okAt: string): Promise<string> {
  const { store, workflows, clock } = ports;
  if (open.joined !== undefined) return await takeOneOk(ports, open, okAt);
  let hasNews = false;
  const updated = await store.update(open.id, (head) => {
    const noted = noteAlarmOk(head, okAt, clock.now());
    hasNews = noted !== head;
    return hasNews ? oweOkNote(noted, okAt, clock.now()) : noted;
  });
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  const { head } = updated;
  if (await wakeToClose(workflows, head)) return 'closing';
  if (!hasNews) return 'noted-before';
  await redraw(ports, head);
  await tellOk(ports, head.id, okAt);
  return 'noted';
}

/** The OK of one of several alarms: which of them fire is shown with the next drawing, and it is news once none does. */
async function takeOneOk(ports: IntakePorts, open: IncidentHead, okAt: string): Promise<string> {
  const settled = await settleOk(ports, open);
  await ports.store.noteNews(open.id);
  if (settled !== 'noted') return settled === 'closing' ? 'closing' : 'noted-of-one';
  await redraw(ports, open);
  await tellOk(ports, open.id, okAt);
  return 'noted';
}

/** A repeated delivery has found it noted before, so what Slack does not take of it stays owed. */
async function tellOk({ store, notifier, clock, log }: IntakePorts, id: string, okAt: string): Promise<void> {
  const incident = await store.load(id);
  if (incident?.head.card === undefined) return;
  const note = okNote(okAt);
  const { key, text } = note;
  try {
    await notifier.postNote(incident, text, { key, isRepeat: begunBefore(store, id, `saying-${key}`) });
    await store.update(id, (now) => wordsSaid(now, note));
  } catch (error) {
    const why = messageOf(error);
    log('slack-failed', { incidentId: id, error: why });
    await store.update(id, (now) => missed(now, { ...note, why }, clock.now()));
  }
}

/** The card is a view: when Slack fails, the record still is right and the workflow draws the card next time. */
async function redraw(ports: IntakePorts, head: IncidentHead): Promise<void> {
  if (head.card !== undefined)
    await tell(ports, head, () => showIncident(ports.store, ports.notifier, head.id));
}

async function tell({ log }: IntakePorts, { id }: IncidentHead, say: () => Promise<void>): Promise<void> {
  try {
    await say();
  } catch (error) {
    log('slack-failed', { incidentId: id, error: String(error) });
  }
}

/** The workflow answers its callback's timeout at once; later than this after it, nobody is there any more. */
const LATE_CALLBACK_MS = 15 * 60_000;
/** Far above the longest step: a command has its answer, or counts as lost, within minutes (lambdas/incident/parts.ts). */
const SILENT_MS = 60 * 60_000;

/**
 * Whether the workflow of an open incident has died without ending it: its callback expired long ago, or nothing has been
 * done for far longer than any step takes. Such an incident holds its alarm, and firings would only be counted on it.
 * @param now milliseconds since the Unix epoch
 */
export function isAbandoned(head: IncidentHead, now: number): boolean {
  if (isClosed(head.state)) return false;
  if (head.callback !== undefined) return now - Date.parse(head.callback.expiresAt) > LATE_CALLBACK_MS;
  const done = [
    head.openedAt,
    ...head.transitions.map(({ at }) => at),
    ...head.decisions.map(({ at }) => at),
    ...head.remediations.flatMap(({ claimedAt, finishedAt }) => [claimedAt, finishedAt ?? claimedAt]),
  ];
  return now - Math.max(...done.map((at) => Date.parse(at))) > SILENT_MS;
}

/** Ends an abandoned incident as failed; any other is returned as it is. */
export function endAbandoned(head: IncidentHead, now: number): IncidentHead {
  if (!isAbandoned(head, now)) return head;
  const why = `The workflow stopped while the incident was ${head.state} and did not come back; the alarm fired again and has a new incident.`;
  return transition(head, 'failed', { kind: 'workflow' }, new Date(now).toISOString(), why);
}
