import { messageOf, RecordRefusedError } from '../../errors.ts';
import type { Clock, IncidentStore, Log, Workflows } from '../../ports.ts';
import type { Alarm } from '../../record/alarm.ts';
import type { IncidentHead } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';
import { pendingDecision } from '../decide.ts';
import { decideOk, noteAlarmOk } from '../open-incident.ts';
import { oweOkNote } from '../shown/ok-note.ts';
import { okSince, withoutOk } from './alarms-ok.ts';
import { leaderOf } from './join.ts';

/** An incident may join another one while one of its alarms speaks; more often in a row it does not. */
const HOPS_MOST = 4;

/** What following an alarm that has joined needs. */
export interface JoinedPorts {
  readonly store: IncidentStore;
  readonly workflows: Pick<Workflows, 'wake'>;
  readonly clock: Clock;
}

/**
 * Has a firing of an alarm that has joined keep the incident open that follows it.
 * @param joined the incident that the alarm had opened, and that has joined
 * @returns false where nobody follows it any more, so that it is to open another one
 */
export async function fireJoined(
  { store }: Pick<JoinedPorts, 'store'>,
  joined: IncidentHead,
  { arn, changedAt }: Alarm,
): Promise<boolean> {
  for (let hop = 0; hop < HOPS_MOST; hop++) {
    const leader = await leaderOf(store, joined.id);
    if (leader === undefined || isClosed(leader.state)) return false;
    await store.countFiring(joined.id, changedAt);
    await store.joins.note(leader.id, arn, { firedAt: changedAt });
    // First noted, then looked: who ends it because all are OK, or has it join another one, does it the other way round.
    const updated = await store.update(leader.id, (head) => (isClosed(head.state) ? head : withoutOk(head)));
    if (updated.ok && !isClosed(updated.head.state)) {
      await store.noteNews(leader.id);
      return true;
    }
  }
  return false;
}

/**
 * Notes the OK of an alarm that has joined.
 * @returns the open incident that follows it, whose alarms may all be OK by now
 */
export async function recoverJoined(
  { store, clock }: Pick<JoinedPorts, 'store' | 'clock'>,
  joined: IncidentHead,
  { arn, changedAt }: Alarm,
): Promise<IncidentHead | undefined> {
  await store.update(joined.id, (head) => noteAlarmOk(head, changedAt, clock.now()));
  for (let hop = 0; hop < HOPS_MOST; hop++) {
    const leader = await leaderOf(store, joined.id);
    if (leader === undefined || isClosed(leader.state)) return undefined;
    await store.joins.note(leader.id, arn, { okAt: changedAt });
    if ((await leaderOf(store, joined.id))?.id === leader.id) return leader;
  }
  return undefined;
}

/** What became of an incident whose alarms may all be OK. */
export type Settled =
  /** One of them fires, or it is known already, or its workflow looks by itself before it waits. */
  | 'nothing'
  /** They are all OK, and what was started goes on. */
  | 'noted'
  /** They are all OK before anybody has clicked, and its workflow was woken to end it. */
  | 'closing';

/** Looks whether all alarms of an incident that others have joined are OK, and has it end where that leaves nothing to decide. */
export async function settleOk(
  { store, workflows, clock }: JoinedPorts,
  { id, state }: Pick<IncidentHead, 'id' | 'state'>,
): Promise<Settled> {
  if (state === 'collecting' || state === 'diagnosed') return 'nothing';
  const head = await store.head(id);
  const since = head === undefined ? undefined : await okSince(store, head);
  if (head === undefined || since === undefined || isClosed(head.state)) return 'nothing';
  const updated = await store.update(id, (now) =>
    // A firing that came in between has changed it, and is judged by whoever brought it.
    now.revision === head.revision ? withOk(now, since, clock.now()) : now,
  );
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  if (await wakeToClose(workflows, updated.head)) return 'closing';
  const { alarmOkAt } = updated.head;
  return alarmOkAt === since && head.alarmOkAt !== since ? 'noted' : 'nothing';
}

/** As one alarm by itself has it, with the note that is owed for it. */
function withOk(head: IncidentHead, since: string, now: number): IncidentHead {
  const noted = noteAlarmOk(head, since, now);
  return noted === head ? head : oweOkNote(noted, since, now);
}

/** Ends an incident whose alarm flapped and has stayed OK for a while by now. @returns whether it ends */
export async function endFlapping(
  { store, workflows, clock }: JoinedPorts,
  { id }: Pick<IncidentHead, 'id'>,
): Promise<boolean> {
  const updated = await store.update(id, (head) => decideOk(head, clock.now()));
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  return await wakeToClose(workflows, updated.head);
}

/** Wakes the workflow of an incident for which it is decided that its alarm is OK. @returns whether it is */
export async function wakeToClose(workflows: Pick<Workflows, 'wake'>, head: IncidentHead): Promise<boolean> {
  if (pendingDecision(head)?.kind !== 'alarm-ok' || head.callback === undefined) return false;
  await workflows.wake(head.callback.id);
  return true;
}

/**
 * Wakes the workflow of the incident that this one has joined, where that waited for a click and the nodes that came took its
 * buttons away, so that they are read at once. What goes wrong with that is logged: the reconciler delivers it within two minutes.
 * @returns that incident: whoever looks at its card has to see that the buttons are gone
 */
export async function wakeToRead(
  {
    store,
    workflows,
    log,
  }: { readonly store: Pick<IncidentStore, 'head'>; readonly log: Log } & Pick<JoinedPorts, 'workflows'>,
  id: string,
): Promise<IncidentHead | undefined> {
  const leader = await leaderOf(store, id);
  if (leader?.callback === undefined || isClosed(leader.state) || leader.joined?.newest !== id)
    return undefined;
  if (pendingDecision(leader)?.kind !== 'new-nodes') return undefined;
  try {
    await workflows.wake(leader.callback.id);
  } catch (error) {
    log('not-woken', { incidentId: leader.id, error: messageOf(error) });
  }
  return leader;
}
