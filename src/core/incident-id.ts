import { createHash } from 'node:crypto';
import type { Alarm } from './alarm.ts';

/**
 * Names the incident that one state change of an alarm opens, the same for every transport and every repeated delivery.
 * It is the name of the durable execution too, which makes starting it idempotent.
 */
export function incidentId({ arn, changedAt }: Pick<Alarm, 'arn' | 'changedAt'>): string {
  const hash = createHash('sha256')
    .update(`${arn}|${Date.parse(changedAt)}`)
    .digest('hex');
  return `inc-${hash.slice(0, 20)}`;
}
