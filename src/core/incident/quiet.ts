import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';

/** Whether a dismissal still holds for a firing of this time: then it is counted there and opens nothing. */
export const isHeldQuiet = ({ state, quiet }: IncidentHead, firedAt: string): boolean =>
  state === 'dismissed' && quiet !== undefined && firedAt < quiet.until;

/** Whether the alarm fired while its dismissal held, and nobody has looked since whether it still does. */
export const isOwedAfterQuiet = ({ state, quiet }: IncidentHead): boolean =>
  state === 'dismissed' && quiet?.firedAt !== undefined;

/** The firing that a dismissal has held back, for the incident that is opened when it holds no more. */
export const heldBackAlarm = (head: IncidentHead, firedAt: string): Alarm => ({
  ...head.alarm,
  state: 'ALARM',
  changedAt: firedAt,
  reason: `Fired while ${head.id} was dismissed, and has not been OK since.`,
});

/** Nothing is held back any more. */
export function endQuiet(head: IncidentHead): IncidentHead {
  if (head.quiet?.firedAt === undefined) return head;
  const { firedAt: _done, ...quiet } = head.quiet;
  return { ...head, quiet };
}
