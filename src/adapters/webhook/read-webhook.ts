import type { Alarm } from '../../core/record/alarm.ts';
import type { Place } from '../../core/record/place.ts';
import { readAlarm } from '../alarm/read-alarm.ts';
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
    return alarmsOfSkyWalking(
      readAlarm(SkyWalkingAlarms, body, 'The body is not one of SkyWalking alarms'),
      home,
    );
  if (typeof body === 'object' && body !== null && 'groupKey' in body)
    return [
      alarmOfGroup(
        readAlarm(AlertGroup, body, 'The body is not one of Alertmanager or Grafana alerts'),
        home,
      ),
    ];
  throw new UnreadableAlarmError(
    'This body is of no known shape; send Alertmanager or Grafana alerts, or SkyWalking alarms, as their webhooks send them.',
  );
}
