import type { Catalogue } from '../diagnosis/signature.ts';
import type { Alarm } from '../record/alarm.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Actor, Incident, IncidentHead } from '../record/incident.ts';
import type { QuietLook } from '../record/said/quiet.ts';
import { transition } from '../record/transitions.ts';
import { isWorse, losesPackets } from '../remediation/readings.ts';
import { ago as duration, nodeCount } from '../words.ts';
import { later } from './joining/rules.ts';

/** Between the end of a look and the next one: an alarm that flaps has its nodes read now and then, not at each firing. */
const LOOK_PAUSE_MS = 5 * 60_000;

/**
 * Ends an incident by a click that leaves things as they are: its alarm stays quiet for a while.
 * @param now milliseconds since the Unix epoch
 * @param holdSeconds for how long, where the click names no time of its own
 */
export function dismiss(head: IncidentHead, actor: Actor, now: number, holdSeconds: number): IncidentHead {
  const at = new Date(now).toISOString();
  const snoozed = head.decisions.findLast(({ kind }) => kind === 'dismiss')?.snoozeSeconds;
  const until = new Date(now + (snoozed ?? holdSeconds) * 1000).toISOString();
  const why =
    snoozed === undefined ? 'Dismissed by a click.' : `Snoozed for ${duration(snoozed)} by a click.`;
  const dismissed = transition(head, 'dismissed', actor, at, why);
  return { ...dismissed, quiet: { until, collection: head.collection } };
}

/** Whether a dismissal still holds for a firing of this time: then it is counted there and opens nothing by itself. */
export const isHeldQuiet = ({ state, quiet }: IncidentHead, firedAt: string): boolean =>
  state === 'dismissed' && quiet !== undefined && firedAt < quiet.until && quiet.look?.worse === undefined;

/** Whether the alarm fired while its dismissal held, and nobody has seen to it since. */
export const isOwedAfterQuiet = ({ state, quiet }: IncidentHead): boolean =>
  state === 'dismissed' && quiet?.firedAt !== undefined;

/** The firing that a dismissal has held back, for the incident that is opened because it holds no more. */
export const heldBackAlarm = (head: IncidentHead, firedAt: string): Alarm => ({
  ...head.alarm,
  state: 'ALARM',
  changedAt: firedAt,
  reason:
    head.quiet?.look?.worse === undefined
      ? `Fired while ${head.id} was dismissed, and has not been OK since.`
      : `Fired again after ${head.id} was dismissed. ${head.quiet.look.worse}`,
});

/**
 * Keeps the firing of an alarm back that has joined, while the dismissal of what it has joined holds.
 * @param joinedId the incident that the alarm had opened
 */
export function holdJoined(head: IncidentHead, joinedId: string, firedAt: string): IncidentHead {
  const { quiet } = head;
  if (quiet === undefined || !isHeldQuiet(head, firedAt)) return head;
  return {
    ...head,
    quiet: {
      ...quiet,
      firedAt: later(firedAt, quiet.firedAt),
      joined: [...new Set([...(quiet.joined ?? []), joinedId])],
    },
  };
}

/** Whether its own alarm has fired since it was dismissed, and not only one that has joined. */
export const hasFiredItself = ({ seen, quiet, transitions }: IncidentHead): boolean =>
  quiet?.joined === undefined ||
  seen.lastAt > (transitions.findLast(({ to }) => to === 'dismissed')?.at ?? '');

/** Nothing is held back any more. */
export function endQuiet(head: IncidentHead): IncidentHead {
  if (head.quiet?.firedAt === undefined) return head;
  const { firedAt: _done, joined: _open, ...quiet } = head.quiet;
  return { ...head, quiet };
}

/**
 * Orders a look at the nodes of a dismissed incident whose alarm has fired since they were looked at; nothing where one is under
 * way, or has ended a short while ago.
 * @param now milliseconds since the Unix epoch
 */
export function orderLook(head: IncidentHead, now: number): IncidentHead {
  const { quiet } = head;
  const firedAt = quiet?.firedAt;
  if (quiet === undefined || firedAt === undefined || !isHeldQuiet(head, firedAt)) return head;
  const { look } = quiet;
  if (look !== undefined) {
    if (look.endedAt === undefined || firedAt <= look.firedAt) return head;
    if (now - Date.parse(look.endedAt) < LOOK_PAUSE_MS) return head;
  }
  return { ...head, quiet: { ...quiet, look: { number: (look?.number ?? 0) + 1, firedAt } } };
}

/** What a look found. */
export type LookNews = Pick<QuietLook, 'asked' | 'read' | 'worse'>;

/** Takes down what the look of this number found; one that has ended stays as it is. */
export function endLook(head: IncidentHead, number: number, at: string, news: LookNews): IncidentHead {
  const { quiet } = head;
  const { look } = quiet ?? {};
  if (quiet === undefined || look?.number !== number || look.endedAt !== undefined) return head;
  return { ...head, quiet: { ...quiet, look: { ...look, ...news, endedAt: at } } };
}

/**
 * Holds what nodes show now against what they showed when the incident was dismissed: worse is a node that loses packets where
 * fewer did, and a failure mode that stands before all that was found then. What was not read is no reason to be quiet: where
 * no node could be read, nobody knows.
 * @param instanceIds nodes that the alarm means now
 */
export function judgeLook(
  { head, collections, earlier }: Incident,
  instanceIds: readonly string[],
  catalogue: Catalogue,
): LookNews {
  const dismissedOn = head.quiet?.collection ?? 0;
  const asked = new Set(instanceIds);
  const then = newestOf([...earlier, ...collections].filter(({ collection }) => collection <= dismissedOn));
  const now = newestOf(
    collections.filter(({ collection, instanceId }) => collection > dismissedOn && asked.has(instanceId)),
  );
  const counts = { asked: asked.size, read: now.length };
  if (now.length === 0)
    return { ...counts, worse: 'None of its nodes could be read, so nobody knows whether it is worse.' };
  const losing = (readings: readonly Reading[]) =>
    readings.filter(({ seen }) => losesPackets(seen, catalogue));
  const [lose, lost] = [losing(now), losing(then)];
  const worst =
    then.length === 0
      ? undefined
      : now.find(({ seen }) => then.every((one) => isWorse(seen, one.seen, catalogue)));
  const worse = worst ?? (lose.length > lost.length ? lose[0] : undefined);
  if (worse === undefined) return counts;
  const many =
    lose.length > lost.length && lost.length > 0
      ? `${nodeCount(lose.length)} lose packets, ${lost.length} did then. `
      : '';
  return { ...counts, worse: `It got worse: ${many}${worse.instanceId}: ${worse.seen.diagnosis.headline}` };
}

/** A node with what it showed. */
interface Reading {
  readonly instanceId: string;
  readonly seen: Diagnosed;
}

/** The newest reading of each node that says something; one that could not tell what is wrong says nothing. */
function newestOf(collections: readonly NodeCollection[]): readonly Reading[] {
  const byAge = collections.toSorted((a, b) => a.collection - b.collection);
  const newest = new Map(
    byAge.flatMap(({ instanceId, outcome }) =>
      outcome.kind === 'failed' || outcome.diagnosis.verdict === 'insufficient-evidence'
        ? []
        : [[instanceId, { instanceId, seen: outcome }] as const],
    ),
  );
  return [...newest.values()];
}
