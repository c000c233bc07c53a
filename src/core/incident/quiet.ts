import type { Catalogue } from '../diagnosis/signature.ts';
import type { Alarm } from '../record/alarm.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Actor, Incident, IncidentHead, IncidentState } from '../record/incident.ts';
import type { Quiet, QuietLook } from '../record/said/quiet.ts';
import { transition } from '../record/transitions.ts';
import { isWorse, losesPackets } from '../remediation/readings.ts';
import { ago as duration, nodeCount } from '../words.ts';
import { type JoinRules, later } from './joining/rules.ts';
import { isByHand } from './manual-alarm.ts';

/** Between the end of a look and the next one: an alarm that flaps has its nodes read now and then, not at each firing. */
const LOOK_PAUSE_MS = 5 * 60_000;
/** The same where nobody has said that it may wait. */
const FLAP_LOOK_PAUSE_MS = 60_000;

/** States in which an incident may stay quiet. */
const QUIET: ReadonlySet<IncidentState> = new Set(['dismissed', 'no-fix-offered']);

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
  // What a person asked for by hand does not fire, so it does not go on firing either.
  const isToCome = snoozed !== undefined && !isByHand(head.alarm);
  return {
    ...dismissed,
    quiet: { until, collection: head.collection, ...(isToCome ? { snoozed: true } : {}) },
  };
}

/**
 * Has what has just ended without a fix keep its alarms, as they flap: firings that are no further apart than those that join are
 * counted there and its nodes looked at, and only what got worse, or can be mended by now, has a card of its own. Where it was not
 * found what is wrong, the next firing is to be looked at as the first one was.
 * @param now milliseconds since the Unix epoch
 */
export function keepFlapping(
  { head, collections }: Incident,
  catalogue: Catalogue,
  now: number,
  { windowSeconds: seconds, ageSeconds }: JoinRules,
): Pick<IncidentHead, 'quiet'> {
  const named = new Set(catalogue.filter(({ order }) => order.stage !== 'conclusion').map(({ id }) => id));
  const isFound = collections.some(
    ({ outcome }) => outcome.kind === 'diagnosed' && named.has(outcome.diagnosis.verdict),
  );
  if (seconds === 0 || !isFound) return {};
  const most = new Date(Date.parse(head.openedAt) + ageSeconds * 1000).toISOString();
  const until = sooner(new Date(now + seconds * 1000).toISOString(), most);
  return { quiet: { until, collection: head.collection, flaps: { seconds, most } } };
}

const sooner = (one: string, other: string): string => (one < other ? one : other);

/** Whether a firing of this time is still kept back: then it is counted there and opens nothing by itself. */
export const isHeldQuiet = ({ state, quiet }: IncidentHead, firedAt: string): boolean =>
  QUIET.has(state) && quiet !== undefined && firedAt < quiet.until && quiet.look?.worse === undefined;

/** Whether the alarm fired while it was kept back, or before a snooze, and nobody has seen to it since. */
export const isOwedAfterQuiet = ({ state, quiet }: IncidentHead): boolean =>
  QUIET.has(state) && (quiet?.firedAt !== undefined || quiet?.snoozed === true);

/** Takes down a firing that is kept back. */
export function firedWhileQuiet(quiet: Quiet, firedAt: string): Quiet {
  const { flaps, until } = quiet;
  const newest = later(firedAt, quiet.firedAt);
  if (flaps === undefined) return { ...quiet, firedAt: newest };
  const longer = new Date(Date.parse(newest) + flaps.seconds * 1000).toISOString();
  return { ...quiet, firedAt: newest, until: later(until, sooner(longer, flaps.most)) };
}

/**
 * The firing that was held back, for the incident that is opened because it is no more.
 * @param hasFired whether it fired while it was kept back, and not only before
 */
export function heldBackAlarm(head: IncidentHead, firedAt: string, hasFired: boolean): Alarm {
  const { id, alarm, quiet, state } = head;
  const ended = state === 'dismissed' ? 'was dismissed' : 'ended without a fix';
  const worse = quiet?.look?.worse;
  if (!hasFired)
    return {
      ...alarm,
      state: 'ALARM',
      changedAt: firedAt,
      reason: `Fires since before ${id} was snoozed, and has not been OK since.`,
    };
  const reason =
    worse === undefined
      ? `Fired ${state === 'dismissed' ? 'while' : 'after'} ${id} ${ended}, and has not been OK since.`
      : `Fired again after ${id} ${ended}. ${worse}`;
  return { ...alarm, state: 'ALARM', changedAt: firedAt, reason };
}

/**
 * Keeps the firing of an alarm back that has joined, while what it has joined is kept quiet.
 * @param joinedId the incident that the alarm had opened
 */
export function holdJoined(head: IncidentHead, joinedId: string, firedAt: string): IncidentHead {
  const { quiet } = head;
  if (quiet === undefined || !isHeldQuiet(head, firedAt)) return head;
  return {
    ...head,
    quiet: {
      ...firedWhileQuiet(quiet, firedAt),
      joined: [...new Set([...(quiet.joined ?? []), joinedId])],
    },
  };
}

/** Whether its own alarm has fired since it is kept quiet, and not only one that has joined. */
export const hasFiredItself = ({ seen, quiet, transitions }: IncidentHead): boolean =>
  quiet?.joined === undefined || seen.lastAt > (transitions.findLast(({ to }) => QUIET.has(to))?.at ?? '');

/**
 * Whether a firing that was kept back is said once the time for that is over. After a click it is; where nothing was to be mended
 * the card has said so, and only a firing that nobody has looked at is news.
 */
export const isNewsAfterQuiet = ({ quiet }: IncidentHead): boolean =>
  quiet?.flaps === undefined || (quiet.look?.firedAt ?? '') < (quiet.firedAt ?? '');

/** Nothing is held back any more. */
export function endQuiet(head: IncidentHead): IncidentHead {
  if (head.quiet === undefined) return head;
  const { firedAt: _done, joined: _open, snoozed: _over, ...quiet } = head.quiet;
  return { ...head, quiet };
}

/**
 * Orders a look at the nodes of an incident that is kept quiet and whose alarm has fired since they were looked at; nothing where
 * one is under way, or has ended a short while ago.
 * @param now milliseconds since the Unix epoch
 */
export function orderLook(head: IncidentHead, now: number): IncidentHead {
  const { quiet } = head;
  const firedAt = quiet?.firedAt;
  if (quiet === undefined || firedAt === undefined || !isHeldQuiet(head, firedAt)) return head;
  const { look } = quiet;
  if (look !== undefined) {
    if (look.endedAt === undefined || firedAt <= look.firedAt) return head;
    const pauseMs = quiet.flaps === undefined ? LOOK_PAUSE_MS : FLAP_LOOK_PAUSE_MS;
    if (now - Date.parse(look.endedAt) < pauseMs) return head;
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
 * Holds what nodes show now against what they showed when the incident ended: worse is a node that loses packets where fewer did,
 * and a failure mode that stands before all that was found then; and where no fix could be offered, one that can be by now. What
 * was not read is no reason to be quiet: where no node could be read, nobody knows.
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
  const mendable = head.state === 'dismissed' ? undefined : now.find(({ seen }) => seen.plan !== undefined);
  if (worse === undefined && mendable !== undefined)
    return {
      ...counts,
      worse: `A change helps by now: ${mendable.instanceId}: ${mendable.seen.diagnosis.headline}`,
    };
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
