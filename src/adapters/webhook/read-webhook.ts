import * as z from 'zod';
import { faultsOf } from '../../core/faults.ts';
import type { Alarm } from '../../core/record/alarm.ts';
import type { Place } from '../../core/record/place.ts';
import { UnreadableAlarmError } from '../errors.ts';
import { AlertGroup, alarmOfGroup } from './alert-group.ts';
import { alarmsOfSkyWalking, SkyWalkingAlarms } from './skywalking-alarms.ts';

/**
 * Brings what a monitoring system posted to the form of alarms: a group of Alertmanager or Grafana, or SkyWalking's list.
 * @param home where the service runs: the place of an alert whose sender knows no account
 * @throws UnreadableAlarmError with one sentence when the body is of no known shape
 */
export function readWebhook(body: unknown, home: Place): Alarm[] {
  if (Array.isArray(body))
    return alarmsOfSkyWalking(parse(SkyWalkingAlarms, body, 'SkyWalking alarms'), home);
  if (typeof body === 'object' && body !== null && 'groupKey' in body)
    return [alarmOfGroup(parse(AlertGroup, body, 'Alertmanager or Grafana alerts'), home)];
  throw new UnreadableAlarmError(
    'This body is of no known shape; send Alertmanager or Grafana alerts, or SkyWalking alarms, as their webhooks send them.',
  );
}

function parse<S extends z.ZodType>(schema: S, body: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UnreadableAlarmError(
    `The body is not one of ${what}: ${faultsOf({ issues: parsed.error.issues.slice(0, 1) }, body)}.`,
    { cause: parsed.error },
  );
}
