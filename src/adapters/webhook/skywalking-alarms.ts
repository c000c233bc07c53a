import * as z from 'zod';
import { alertIdentity } from '../../core/incident/alert-identity.ts';
import { ownTraces } from '../../core/incident/trace-link.ts';
import type { Alarm } from '../../core/record/alarm.ts';
import type { Place } from '../../core/record/place.ts';
import { addressDimension, alertDimensions } from './alert-dimensions.ts';

const Milliseconds = z.number().int().min(0).max(8_640_000_000_000_000);

/**
 * What SkyWalking's webhook sends: a list of alarm messages (Apache SkyWalking, docs/en/setup/backend/backend-alarm.md). Since the
 * recovery of alarms exists, the URLs in `recovery-urls` get the same messages with `recoveryTime`.
 */
export const SkyWalkingAlarms = z
  .array(
    z.looseObject({
      scope: z.string(),
      name: z.string(),
      id0: z.coerce.string().default(''),
      id1: z.coerce.string().default(''),
      ruleName: z.string().min(1),
      alarmMessage: z.string().default(''),
      startTime: Milliseconds,
      recoveryTime: Milliseconds.nullish(),
      tags: z.array(z.looseObject({ key: z.string(), value: z.string() })).nullish(),
    }),
  )
  .min(1)
  .max(100);

/** One alarm for each message; the rule and the entity are what SkyWalking tells alarms apart by. */
export function alarmsOfSkyWalking(messages: z.infer<typeof SkyWalkingAlarms>, home: Place): Alarm[] {
  return messages.map((message) => {
    const { scope, name, id0, id1, ruleName, alarmMessage, startTime, recoveryTime, tags } = message;
    const labels = Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value]));
    const isOver = recoveryTime !== undefined && recoveryTime !== null && recoveryTime > 0;
    const fromTags = alertDimensions([labels]);
    return {
      ...alertIdentity('skywalking', home, [ruleName, scope, id0, id1, name].join('\n')),
      name: ruleName.slice(0, 255),
      state: isOver ? 'OK' : 'ALARM',
      changedAt: new Date(isOver ? recoveryTime : startTime).toISOString(),
      reason: alarmMessage.slice(0, 1024),
      metric: `${scope} ${name}`.slice(0, 255),
      dimensions: fromTags.length > 0 ? fromTags : addressDimension(addressIn(name)),
      ...ownTraces([labels]),
    };
  });
}

/** Agents name an instance `UUID@ADDRESS`, and its alarms `INSTANCE of SERVICE`. */
function addressIn(name: string): string {
  return /@([0-9a-f.:]{2,45})(?: of |$)/i.exec(name)?.[1] ?? '';
}
