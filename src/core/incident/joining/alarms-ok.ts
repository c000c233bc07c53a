import type { IncidentStore } from '../../ports.ts';
import type { IncidentHead } from '../../record/incident.ts';
import { isFiring, type JoinedAlarm } from '../../record/joined/alarm.ts';

/**
 * Since when the alarm of an incident is OK, and where others have joined since when all of them are.
 * @returns nothing while one of them fires; of its own alone the newest OK that is known, whatever followed it
 */
export async function okSince(
  store: Pick<IncidentStore, 'joins' | 'lastOkOf'>,
  { id, alarm, seen, joined }: Pick<IncidentHead, 'id' | 'alarm' | 'seen' | 'joined'>,
): Promise<string | undefined> {
  const own = await store.lastOkOf(alarm.arn);
  if (joined === undefined) return own;
  if (own === undefined || own <= seen.lastAt) return undefined;
  const alarms = await store.joins.alarmsOf(id);
  if (alarms.some(isFiring)) return undefined;
  return alarms.reduce((newest, { okAt = '' }) => (okAt > newest ? okAt : newest), own);
}

/** One of its alarms fires, so it is not OK; what was decided because it was is judged anew by who carries it out. */
export function withoutOk(head: IncidentHead): IncidentHead {
  const { alarmOkAt, ...rest } = head;
  return alarmOkAt === undefined ? head : rest;
}

/** The alarm of an incident itself, as those are listed that have joined it. */
export const ownAlarm = (
  { id, alarm: { arn, name }, seen, openedAt }: IncidentHead,
  okAt: string | undefined,
): JoinedAlarm => ({
  incidentId: id,
  arn,
  name,
  joinedAt: openedAt,
  firedAt: seen.lastAt,
  ...(okAt === undefined ? {} : { okAt }),
});
