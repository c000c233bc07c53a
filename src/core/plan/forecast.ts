import type { Forecast } from '../record/plan.ts';
import { valueOf } from '../snapshot/fact.ts';
import { type Snapshot, UNKNOWN_LENGTH } from '../snapshot/snapshot.ts';
import { counted, percent, show } from '../words.ts';

/** What goes into the table and how long it stays. */
export interface Flow {
  /** Connections that want an entry each second, those that a full table turns away included. */
  readonly perSecond: number;
  /** Mean seconds that an entry exists; `undefined` where entries were looked at and next to none was about to end. */
  readonly lifetimeSeconds: number | undefined;
}

/** SYNs that a client sends on average before its connection is made or given up. Our estimate. */
const SYNS_PER_LOST_CONNECTION = 2.5;

/** The highest nf_conntrack_max (an unsigned int, nf_conntrack_core.c); more entries or seconds than that are no forecast. */
const BEYOND = 4_294_967_295;

/** Entries a second below which a table whose entries do not end is taken to stand still: a few always come and go. Our choice. */
const LEAST_PER_SECOND = 1;

/**
 * What arrives and how long it stays, from one window: as many connections arrive as end, with those by which the table
 * grew and those that it turned away. What has expired and waits for the collector counts as growth, so a table that
 * stands still may be taken to grow, never the other way round.
 *
 * @returns nothing where the entries, the counters or the time between the samples were not read
 */
export function flowOf({ entries, arrivals, conntrack, windowSeconds }: Snapshot): Flow | undefined {
  const [use, losses] = [valueOf(conntrack.use), valueOf(conntrack.losses)];
  const isTimed = windowSeconds.known && windowSeconds.value !== UNKNOWN_LENGTH;
  if (!entries.known || !isTimed || use?.first === undefined || losses === undefined) return undefined;
  const gained = Math.max(0, use.last - use.first) / windowSeconds.value;
  const refused = Number(losses.full.low) / windowSeconds.value / SYNS_PER_LOST_CONNECTION;
  if (arrivals.known) {
    const { perSecond, meanLifetimeSeconds } = arrivals.value;
    return { perSecond: perSecond + gained + refused, lifetimeSeconds: meanLifetimeSeconds };
  }
  const perSecond = gained + refused;
  return perSecond < LEAST_PER_SECOND ? undefined : { perSecond, lifetimeSeconds: undefined };
}

/**
 * Where a table ends up under a limit, by Little's law: arrivals × lifetime is what it holds once as many entries end as
 * come. On the way there it closes in on it by the same share each lifetime, which says when it meets a limit below it;
 * entries that do not end add up at the rate at which they come.
 *
 * @param count entries in the table now
 * @returns nothing where nothing is known of what arrives, or where what a node printed leads beyond any table or time
 */
export function forecast(flow: Flow | undefined, count: number, limit: number): Forecast | undefined {
  if (flow === undefined || flow.perSecond <= 0) return undefined;
  const found = outlook(flow, count, limit);
  const isPossible = Object.values(found).every(
    (value) => typeof value === 'string' || (value >= 0 && value <= BEYOND),
  );
  return isPossible ? found : undefined;
}

/** The same for numbers of any size. */
function outlook(flow: Flow, count: number, limit: number): Forecast {
  const { perSecond, lifetimeSeconds } = flow;
  const room = Math.max(0, limit - count);
  if (lifetimeSeconds === undefined)
    return { kind: 'unbounded', fullInSeconds: Math.round(room / perSecond), perSecond };
  const entries = Math.round(perSecond * lifetimeSeconds);
  if (entries < limit) return { kind: 'settles', entries, perSecond, lifetimeSeconds };
  const left = Math.max(1, entries - limit);
  const fullInSeconds = Math.round(lifetimeSeconds * Math.log((left + room) / left));
  return { kind: 'fills', entries, fullInSeconds, perSecond, lifetimeSeconds };
}

/** A forecast as one clause with what it rests on. */
export function forecastClause(one: Forecast, limit: number): string {
  const rate = `${counted(Math.round(one.perSecond), 'new connection')}/s`;
  if (one.kind === 'unbounded')
    return `unbounded: full again in about ${duration(one.fullInSeconds)} (${rate}, and none is seen to end)`;
  const basis = `(${rate}, ${show(Math.round(one.lifetimeSeconds))} s each)`;
  return one.kind === 'settles'
    ? `settles at about ${percent(one.entries / limit)} of the new limit ${basis}`
    : `settles above the new limit: full again in about ${duration(one.fullInSeconds)} ${basis}`;
}

/** `40 s`, `12 min`, `5 h`, `3 days`: one unit is enough for an estimate. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${show(Math.round(seconds))} s`;
  if (seconds < 2 * 3600) return `${show(Math.round(seconds / 60))} min`;
  if (seconds < 2 * 86_400) return `${show(Math.round(seconds / 3600))} h`;
  return `${show(Math.round(seconds / 86_400))} days`;
}
