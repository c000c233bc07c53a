import * as z from 'zod';
import type { Alarm } from '../record/alarm.ts';
import type { Place } from '../record/place.ts';
import { INSTANCE_ID } from '../resolve/node-selector.ts';
import { alertIdentity } from './alert-identity.ts';

/** Instances that one incident can be opened for by hand. */
export const MANUAL_NODES_MAX = 20;

/** A person's wish to have nodes looked at, as the command line sends it to the intake. */
export const ManualRequest = z.strictObject({
  schema: z.literal('medic.incident-request/1'),
  instanceIds: z.array(z.string().regex(INSTANCE_ID, 'must be instance ids')).min(1).max(MANUAL_NODES_MAX),
  /** Who asked, as it is shown on the card. */
  by: z.string().min(1).max(200),
  /** When, ISO 8601 in UTC with milliseconds. */
  at: z.iso.datetime({ precision: 3 }),
});
export type ManualRequest = z.infer<typeof ManualRequest>;

/** Whether a person has asked for it. */
export const isByHand = ({ arn }: Pick<Alarm, 'arn'>): boolean => /^alert:[a-z-]+:manual:/.test(arn);

/** The wish in the form of an alarm. The same instances are the same incident while that is open. */
export function manualAlarm(
  { instanceIds, by, at }: Pick<ManualRequest, 'by' | 'at'> & { readonly instanceIds: readonly string[] },
  home: Place,
): Alarm {
  const ids = [...new Set(instanceIds)].sort();
  const [first = ''] = ids;
  return {
    ...alertIdentity('manual', home, ids.join()),
    name: ids.length === 1 ? `Look at ${first}` : `Look at ${first} and ${ids.length - 1} more`,
    state: 'ALARM',
    changedAt: at,
    reason: `Opened by ${by}.`,
    metric: 'opened by hand',
    dimensions: ids.map((value) => ({ name: 'InstanceId', value })),
  };
}
