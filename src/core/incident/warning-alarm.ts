import * as z from 'zod';
import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { Foreseen } from '../record/joined/foreseen.ts';
import type { Place } from '../record/place.ts';
import { INSTANCE_ID } from '../resolve/node-selector.ts';
import { alertIdentity } from './alert-identity.ts';

/** Nodes that one early warning is about, at most: a card of its own for so many of a group. Our choice. */
export const WARNED_NODES_MAX = 20;

/** What the sweep foresees of nodes of one group, or that nothing speaks for it any more, as it is sent to the intake. */
export const WarningRequest = z.strictObject({
  schema: z.literal('medic.warning-request/1'),
  instanceIds: z.array(z.string().regex(INSTANCE_ID, 'must be instance ids')).min(1).max(WARNED_NODES_MAX),
  /** `OK` once all of these nodes are calm again. */
  state: z.enum(['ALARM', 'OK']),
  /** What is foreseen, on what, and which nodes come next. */
  why: z.string().min(1).max(1024),
  /** Seconds until the tables of those are likely to be full that are not full yet. */
  foreseen: z
    .array(z.strictObject({ instanceId: z.string().regex(INSTANCE_ID), fullInSeconds: z.int().min(0) }))
    .max(WARNED_NODES_MAX)
    .optional(),
  /** When, ISO 8601 in UTC with milliseconds. */
  at: z.iso.datetime({ precision: 3 }),
});
export type WarningRequest = z.infer<typeof WarningRequest>;

/** Whether nothing has happened yet and the sweep has foreseen it. */
export const isWarning = ({ arn }: Pick<Alarm, 'arn'>): boolean => /^alert:[a-z-]+:warning:/.test(arn);

/** What was foreseen of the nodes of an incident, by itself where it is a warning, or by the one that its alarm came after. */
export const foreseenOf = (head: Pick<IncidentHead, 'alarm' | 'warned'> | undefined): Foreseen | undefined =>
  head?.alarm.foreseen ?? head?.warned?.foreseen;

/** The warning in the form of an alarm: plan, click, record and end are those of any other. The same nodes are the same warning. */
export function warningAlarm(
  { instanceIds, state, why, at, foreseen = [] }: Omit<WarningRequest, 'schema'>,
  home: Place,
): Alarm {
  const ids = [...new Set(instanceIds)].sort();
  const [first = ''] = ids;
  const others = ids.length === 1 ? '' : ` and ${ids.length - 1} more`;
  return {
    ...alertIdentity('warning', home, ids.join()),
    name: `Early warning: the table of ${first}${others} fills up`,
    state,
    changedAt: at,
    reason: why,
    metric: 'time to full, foreseen',
    dimensions: ids.map((value) => ({ name: 'InstanceId', value })),
    ...(foreseen.length === 0 ? {} : { foreseen: foreseen.map((one) => foreseenAt(one, at)) }),
  };
}

const foreseenAt = (
  { instanceId, fullInSeconds }: NonNullable<WarningRequest['foreseen']>[number],
  at: string,
): Foreseen[number] => ({
  instanceId,
  fullAt: new Date(Date.parse(at) + fullInSeconds * 1_000).toISOString(),
});
