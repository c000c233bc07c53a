import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';
import { sha256 } from '../sha256.ts';
import { decideUnattended } from './decide.ts';

/**
 * The record of an incident as its alarm opens it.
 * @param at time of opening, ISO 8601 in UTC with milliseconds
 */
export function openIncident(alarm: Alarm, at: string): IncidentHead {
  return {
    schema: 'medic.incident/1',
    id: incidentId(alarm),
    revision: 1,
    alarm,
    openedAt: at,
    state: 'collecting',
    transitions: [{ at, to: 'collecting', actor: { kind: 'alarm' } }],
    seen: { count: 1, lastAt: alarm.changedAt },
    nodes: [],
    nodeGaps: [],
    collection: 0,
    decisions: [],
    remediations: [],
  };
}

/** Counts another firing while the incident is open. A repeated delivery of a firing that was counted changes nothing. */
export function countFiring(head: IncidentHead, changedAt: string): IncidentHead {
  if (changedAt <= head.seen.lastAt) return head;
  const { alarmOkAt: _over, ...firing } = head;
  return { ...firing, seen: { count: head.seen.count + 1, lastAt: changedAt } };
}

/**
 * Notes that the alarm is OK again and, while nobody has clicked, decides so. An OK older than the newest firing is a late
 * delivery and changes nothing.
 * @param now milliseconds since the Unix epoch
 */
export function noteAlarmOk(head: IncidentHead, changedAt: string, now: number): IncidentHead {
  if (changedAt <= head.seen.lastAt || head.alarmOkAt !== undefined) return head;
  const noted = { ...head, alarmOkAt: changedAt };
  const decided = decideUnattended(noted, 'alarm-ok', now);
  return typeof decided === 'string' ? noted : decided;
}

/**
 * Names the incident that one state change of an alarm opens, the same for every transport and every repeated delivery.
 * It is the name of the durable execution too, which makes starting it idempotent.
 */
export function incidentId({ arn, changedAt }: Pick<Alarm, 'arn' | 'changedAt'>): string {
  const hash = sha256(`${arn}|${Date.parse(changedAt)}`);
  return `inc-${hash.slice(0, 20)}`;
}
