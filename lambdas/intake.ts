import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { readAlarmEvent } from '../src/adapters/alarm-event.ts';
import { ManualRequest, manualAlarm } from '../src/core/incident/manual-alarm.ts';
import { receiveAlarm } from '../src/core/incident/receive-alarm.ts';
import { homeOf } from './home.ts';
import { log } from './log.ts';
import { openIntakePorts } from './wiring.ts';

const ports = openIntakePorts(catalogue);

/**
 * Takes an alarm over any transport, or the wish of a person, and opens, counts or closes its incident.
 * @throws UnreadableAlarmError on an event of unknown shape, so that the dead-letter queue keeps it
 */
export async function handler(
  event: unknown,
  { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>,
): Promise<{ readonly outcome: string }> {
  const wish = ManualRequest.safeParse(event);
  const alarm = wish.success ? manualAlarm(wish.data, homeOf(invokedFunctionArn)) : readAlarmEvent(event);
  const outcome = await receiveAlarm(ports, alarm);
  log('alarm-received', { alarm: alarm.name, state: alarm.state, outcome });
  return { outcome };
}
