import type { Alarm } from '../record/alarm.ts';
import type { IncidentHead } from '../record/incident.ts';
import { sha256 } from '../sha256.ts';
import { decideUnattended } from './decide.ts';
import { flapsOf, isHeldByFlaps } from './joining/flaps.ts';
import { firedWhileQuiet, isHeldQuiet } from './quiet.ts';

/**
 * The record of an incident as its alarm opens it.
 * @param at time of opening, ISO 8601 in UTC with milliseconds
 * @param before what the last incident of the alarm came to, where there was one
 */
export function openIncident(alarm: Alarm, at: string, before?: IncidentHead): IncidentHead {
  const flaps = flapsOf(before, alarm);
  return {
    ...(flaps === undefined ? {} : { flaps }),
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

/**
 * Notes a firing while the incident is open. Whatever arrives twice or late changes nothing: the count only grows, and what the
 * alarm said last is what is last by its own time.
 * @param count firings by now, as far as is known
 */
export function noteFiring(head: IncidentHead, changedAt: string, count: number): IncidentHead {
  const { alarmOkAt, ...rest } = head;
  const { seen } = head;
  const lastAt = changedAt > seen.lastAt ? changedAt : seen.lastAt;
  // Where others have joined, that is since when all of them were OK, and this one fires.
  const isOver =
    alarmOkAt !== undefined && (alarmOkAt <= lastAt || (head.joined !== undefined && lastAt > seen.lastAt));
  if (lastAt === seen.lastAt && count <= seen.count && !isOver) return head;
  return {
    ...(isOver ? rest : head),
    ...(head.quiet !== undefined && isHeldQuiet(head, changedAt) && changedAt === lastAt
      ? { quiet: firedWhileQuiet(head.quiet, changedAt) }
      : {}),
    seen: { ...seen, count: Math.max(count, seen.count), lastAt },
  };
}

/**
 * Notes that the alarm is OK again and, while nobody has clicked, decides so. An OK that a firing or another OK has followed
 * is a late delivery and changes nothing.
 * @param now milliseconds since the Unix epoch
 */
export function noteAlarmOk(head: IncidentHead, changedAt: string, now: number): IncidentHead {
  if (changedAt <= head.seen.lastAt || changedAt <= (head.alarmOkAt ?? '')) return head;
  return decideOk({ ...head, alarmOkAt: changedAt }, now);
}

/**
 * Decides that the alarm is OK, where it is and a click is waited for; that of an alarm that flaps has to last first.
 * @param now milliseconds since the Unix epoch
 */
export function decideOk(head: IncidentHead, now: number): IncidentHead {
  if (head.alarmOkAt === undefined || isHeldByFlaps(head, now)) return head;
  const decided = decideUnattended(head, 'alarm-ok', now);
  return typeof decided === 'string' ? head : decided;
}

/**
 * Names the incident that one state change of an alarm opens, the same for every transport and every repeated delivery.
 * It is the name of the durable execution too, which makes starting it idempotent.
 */
export function incidentId({ arn, changedAt }: Pick<Alarm, 'arn' | 'changedAt'>): string {
  const hash = sha256(`${arn}|${Date.parse(changedAt)}`);
  return `inc-${hash.slice(0, 20)}`;
}
