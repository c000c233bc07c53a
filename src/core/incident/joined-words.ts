import { RecordRefusedError } from '../errors.ts';
import type { Clock, IncidentStore, Workflows } from '../ports.ts';
import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { okSince, withoutOk } from './alarms-ok.ts';
import { pendingDecision } from './decide.ts';
import { leaderOf } from './join-incident.ts';
import { noteAlarmOk } from './open-incident.ts';

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
  const leader = await leaderOf(store, joined.id);
  if (leader === undefined || isClosed(leader.state)) return false;
  await store.countFiring(joined.id, changedAt);
  await store.joins.note(leader.id, arn, { firedAt: changedAt });
  // First noted, then looked: who ends it because all are OK does it the other way round.
  const updated = await store.update(leader.id, (head) => (isClosed(head.state) ? head : withoutOk(head)));
  if (updated.ok && isClosed(updated.head.state)) return false;
  await store.noteNews(leader.id);
  return true;
}

/** Notes the OK of an alarm that has joined, and has the incident end that follows it where it was the last one. */
export async function recoverJoined(
  ports: JoinedPorts,
  joined: IncidentHead,
  { arn, changedAt }: Alarm,
): Promise<string> {
  const { store, clock } = ports;
  await store.update(joined.id, (head) => noteAlarmOk(head, changedAt, clock.now()));
  const leader = await leaderOf(store, joined.id);
  if (leader === undefined || isClosed(leader.state)) return 'nothing-open';
  await store.joins.note(leader.id, arn, { okAt: changedAt });
  const isClosing = await settleOk(ports, leader);
  await store.noteNews(leader.id);
  return isClosing ? 'closing' : 'noted';
}

/**
 * Ends an incident that waits for a click and whose alarms are all OK: stores that, and wakes its workflow.
 * @returns whether it ends
 */
export async function settleOk(
  { store, workflows, clock }: JoinedPorts,
  { id, state }: Pick<IncidentHead, 'id' | 'state'>,
): Promise<boolean> {
  if (state !== 'awaiting-approval') return false;
  const head = await store.head(id);
  const since = head === undefined ? undefined : await okSince(store, head);
  if (head === undefined || since === undefined) return false;
  const updated = await store.update(id, (now) =>
    // A firing that came in between has changed it, and is judged by whoever brought it.
    now.revision === head.revision ? noteAlarmOk(now, since, clock.now()) : now,
  );
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  if (pendingDecision(updated.head)?.kind !== 'alarm-ok' || updated.head.callback === undefined) return false;
  await workflows.wake(updated.head.callback.id);
  return true;
}
