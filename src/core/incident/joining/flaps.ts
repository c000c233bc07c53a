import type { Alarm } from '../../record/alarm.ts';
import type { IncidentHead } from '../../record/incident.ts';

/** An alarm that fires again so soon after its OK flaps, and its next OK has to last so long before it counts. Our choice. */
const FLAP_MS = 15 * 60_000;

/**
 * How often in a row an alarm was OK and fired again within a short while, so that its incidents ended and opened by themselves.
 * @param before what its last incident came to
 * @returns nothing where it does not flap
 */
export function flapsOf(before: IncidentHead | undefined, { changedAt }: Alarm): number | undefined {
  if (before?.state !== 'resolved' || before.alarmOkAt === undefined || before.remediations.length > 0)
    return undefined;
  const apartMs = Date.parse(changedAt) - Date.parse(before.alarmOkAt);
  return apartMs >= 0 && apartMs <= FLAP_MS ? (before.flaps ?? 0) + 1 : undefined;
}

/** Whether the alarm is OK and has to stay so for a while before that ends the incident. */
export const isHeldByFlaps = (
  { alarmOkAt, flaps }: Pick<IncidentHead, 'alarmOkAt' | 'flaps'>,
  now: number,
): boolean => flaps !== undefined && alarmOkAt !== undefined && now - Date.parse(alarmOkAt) < FLAP_MS;
