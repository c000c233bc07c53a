import type { Alarm } from '../record/alarm.ts';
import { sha256 } from '../sha256.ts';

/**
 * Names the incident that one state change of an alarm opens, the same for every transport and every repeated delivery.
 * It is the name of the durable execution too, which makes starting it idempotent.
 */
export function incidentId({ arn, changedAt }: Pick<Alarm, 'arn' | 'changedAt'>): string {
  const hash = sha256(`${arn}|${Date.parse(changedAt)}`);
  return `inc-${hash.slice(0, 20)}`;
}
