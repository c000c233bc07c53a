import { duration, forecast } from '../plan/forecast.ts';
import { counted, percent, show } from '../words.ts';
import { type Growth, growthOf, levelOf, type NoGrowth } from './growth.ts';
import { WARNING_HOURS, type WarningHours } from './hours.ts';
import { isWeekKnown, type LikeDay, likeDay } from './peaks.ts';
import type { ProbeReading } from './reading.ts';
import { newestRun, type Run, type RunStart } from './runs.ts';
import { HOUR } from './series.ts';

/** Seconds until a table is full: the likely number with the ends of its interval, the later of which may be open. */
export interface TimeToFull {
  readonly earliest: number;
  readonly likely: number;
  /** Absent where the slowest growth that the readings allow never gets there. */
  readonly latest?: number;
}

/**
 * What the series of one node says of its next hours, with the reason in numbers, whichever it is.
 * `unknown`: its table was not seen, which is never the same as calm. `unlimited`: there is no limit to meet. `full`: it is
 * now. `fills`: level, slope and last quarter agree that it will be. `calm`: one of them does not, or earlier days or the
 * lifetime of entries speak against it; where it grows all the same, `in` says when it would be full if that went on.
 */
export type Outlook =
  | { readonly state: 'unknown' | 'unlimited' | 'full'; readonly why: string }
  | { readonly state: 'calm'; readonly why: string; readonly in?: TimeToFull }
  | { readonly state: 'fills'; readonly why: string; readonly in: TimeToFull };

/** How old the newest reading may be, in ms: two sweeps of the default interval missed. */
const FRESH = 16 * 60_000;

/** Readings that tell how full the table is now. Most nodes are far from full, and nothing else of them is looked at. */
const NEWEST = 12;

/** From this use on a table counts as full: each sample of it is a moment, and the last of it is hidden between two. */
const FULL_USE = 0.95;

/**
 * Use below which nothing is foretold. Growth in a straight line that takes an hour or more passes the half, wherever it began,
 * half an hour or more before it ends, so this hides no fill that could be told in time; and below it a daily rise and a leak
 * look alike.
 */
const LEAST_USE = 0.5;

/** Lifetimes after which a step in load has settled but for 1 % (e^-5): older growth is load that itself rises. */
const SETTLED_AFTER = 5;

/**
 * How much of what a table grew by is taken to come on top. Half, as a rule: growth in a straight line is then told when a third of
 * its time is left, half an hour for one of an hour and a half. Where it may be a daily rise, which ends some time while nothing in it
 * says when, a fifth: from a tenth, that is from 85 % on. Where today is like an earlier day and that one's next hours would not fit
 * either, all of it.
 */
const CONTINUED = { asARule: 1 / 2, mayBeADailyRise: 1 / 5, likeADay: 1 } as const;

/** Milliseconds of growth from which it may be a daily rise; those from quiet to busy take a quarter of a day and more. Our choice. */
const DAILY_RISE = 4 * HOUR;

/** Hours ahead for which an earlier day can be asked: what follows lies in the present of yesterday. */
const MOST_AHEAD = 23;

/**
 * Judges the newest run of a node's readings.
 *
 * @param readings of one node in order of time, none of them after `now`
 * @param now milliseconds since 1970
 * @param lifetimeSeconds mean seconds that an entry exists, where a collection showed it
 * @param hours within which a fill is told as one
 */
export function outlookOf(
  readings: readonly ProbeReading[],
  now: number,
  lifetimeSeconds?: number,
  { warnUnder }: Pick<WarningHours, 'warnUnder'> = WARNING_HOURS,
): Outlook {
  const run = newestRun(readings.slice(-NEWEST));
  const last = run?.points.at(-1);
  if (run === undefined || last === undefined) return { state: 'unknown', why: 'its table was never seen' };
  if (now - last.at > FRESH)
    return { state: 'unknown', why: `its table was last seen ${time(now - last.at)} ago` };
  if (run.max === 0) return { state: 'unlimited', why: 'nf_conntrack_max is 0, which is no limit' };
  const held = levelOf(run.points);
  const level = `${percent(held / run.max)} of ${show(run.max)}`;
  if (held >= run.max * FULL_USE) return { state: 'full', why: `${level} in use` };
  if (isLow(run)) return { state: 'calm', why: `${level} in use, less than half` };
  const outlook = byGrowth(newestRun(readings) ?? run, held, readings, warnUnder, lifetimeSeconds);
  return { ...outlook, why: `${level} in use, ${outlook.why}` };
}

const isLow = ({ points, max }: Run): boolean => levelOf(points) < max * LEAST_USE;

/** Whether more readings could say more: of a table less than half full, without a limit or not seen they do not. */
export function mayFill(outlook: Outlook, readings: readonly ProbeReading[]): boolean {
  const run = newestRun(readings.slice(-NEWEST));
  return outlook.state === 'fills' || (outlook.state === 'calm' && run !== undefined && !isLow(run));
}

/** Seconds until the table is likely to be full: 0 where it is, nothing where nothing says that it will be. */
export const secondsToFull = (outlook: Outlook): number | undefined =>
  outlook.state === 'full' ? 0 : outlook.state === 'fills' ? outlook.in.likely : undefined;

type Judged = Extract<Outlook, { state: 'calm' | 'fills' }>;

function byGrowth(
  run: Run,
  held: number,
  readings: readonly ProbeReading[],
  warnUnder: number,
  lifetimeSeconds: number | undefined,
): Judged {
  const growth = growthOf(run.points);
  if ('why' in growth) return { state: 'calm', why: noGrowth(growth, run.begunBy) };
  const room = run.max - held;
  const found = inTime(room, growth);
  const rates = ratesOf(growth);
  if (found.likely > warnUnder * 3_600)
    return { state: 'calm', in: found, why: `full in ${interval(found)} if that goes on: ${rates}` };
  const ahead = Math.min(warnUnder, MOST_AHEAD);
  const like = likeDay(readings, run.points, run.max, ahead * HOUR);
  if (like !== undefined && like.fullIn === undefined)
    return againstByDay(like, ahead, run.max, found, rates);
  if (
    like === undefined &&
    lifetimeSeconds !== undefined &&
    growth.seen < SETTLED_AFTER * lifetimeSeconds * 1_000
  )
    return byLifetime(growth, lifetimeSeconds, held, run.max, found);
  if (growth.levelsOffAt !== undefined && growth.levelsOffAt < run.max)
    return {
      state: 'calm',
      why: `slowing down towards ${percent(growth.levelsOffAt / run.max)}: ${rates}`,
    };
  const trust = trustIn(growth, like, isWeekKnown(readings, run.points));
  if (room > growth.rise * trust)
    return {
      state: 'calm',
      in: found,
      why: `full in ${duration(found.likely)} if that goes on, but ${show(Math.round(growth.rise))} more so far do not speak for another ${show(Math.round(room))}: ${rates}`,
    };
  const day = like === undefined ? '' : `, as ${basisOf(like)}`;
  return { state: 'fills', in: found, why: `full in ${interval(found)}${day}: ${rates}` };
}

function trustIn(growth: Growth, like: LikeDay | undefined, isWeekSeen: boolean): number {
  if (like !== undefined && like.growth === undefined) return CONTINUED.likeADay;
  return growth.seen > DAILY_RISE && !isWeekSeen ? CONTINUED.mayBeADailyRise : CONTINUED.asARule;
}

const basisOf = ({ daysAgo, above }: LikeDay): string =>
  `${DAYS[daysAgo]} at this hour, with ${show(Math.round(Math.abs(above)))} ${above < 0 ? 'fewer' : 'more'} today`;

const againstByDay = (
  like: LikeDay,
  ahead: number,
  max: number,
  found: TimeToFull,
  rates: string,
): Judged => ({
  state: 'calm',
  in: found,
  why: `and the next ${show(ahead)} h reach ${percent(like.highest / max)} as ${basisOf(like)}: ${rates}`,
});

/** By Little's law: arrivals × lifetime is what a table holds once as many entries end as come. */
function byLifetime(
  growth: Growth,
  lifetimeSeconds: number,
  held: number,
  max: number,
  found: TimeToFull,
): Judged {
  const perSecond = held / lifetimeSeconds + growth.quarter.slope * 1_000;
  const end = forecast({ perSecond, lifetimeSeconds }, held, max);
  const flow = `${counted(Math.round(perSecond), 'entry')}/s that live ${duration(lifetimeSeconds)}`;
  if (end?.kind === 'settles')
    return { state: 'calm', in: found, why: `settling at ${percent(end.entries / max)}: ${flow}` };
  if (end?.kind !== 'fills') return { state: 'calm', in: found, why: `with no forecast from ${flow}` };
  const likely = end.fullInSeconds;
  const both = { earliest: Math.min(found.earliest, likely), likely };
  return { state: 'fills', in: both, why: `full in ${interval(both)}: ${flow}, ${ratesOf(growth)}` };
}

/** When the room that is left is used up, if growth goes on as in the last quarter. */
function inTime(room: number, { whole, quarter }: Growth): TimeToFull {
  const [fastest, slowest] = [Math.max(whole.high, quarter.high), Math.min(whole.low, quarter.low)];
  const at = (slope: number): number => Math.round(room / slope / 1_000);
  const likely = at(quarter.slope);
  return {
    earliest: Math.min(likely, at(fastest)),
    likely,
    ...(slowest > 0 ? { latest: Math.max(likely, at(slowest)) } : {}),
  };
}

const BEGUN: Readonly<Record<RunStart, string>> = {
  'limit-changed': 'since its limit was changed',
  rebooted: 'since the node was rebooted',
  'kube-proxy-restarted': 'since kube-proxy was restarted',
  'fell-by-half': 'since it fell by half',
  'not-seen': 'since it was not seen for a while',
  earliest: 'as far as it was looked at',
};

const DAYS = { 1: 'yesterday', 7: 'a week ago', 14: 'two weeks ago' } as const;

function noGrowth(found: NoGrowth, begunBy: RunStart): string {
  if (found.why === 'too-short')
    return `lowest ${time(found.seen)} ago ${BEGUN[begunBy]}, too short to tell growth`;
  return `${NO_GROWTH[found.why]}: ${ratesOf(found.growth)}`;
}

const NO_GROWTH = {
  'not-certain': 'not growing for certain',
  'came-at-once': 'risen at once and not since',
  'slowed-down': 'growth slowed down',
} as const;

/** `+9,400 an hour (8,100 to 10,700) over 3 h, +9,900 in its last quarter`. */
function ratesOf({ whole, quarter, seen }: Growth): string {
  const [middle, low, high, end] = [whole.slope, whole.low, whole.high, quarter.slope].map((slope) =>
    show(Math.round(slope * HOUR)),
  );
  return `${middle} an hour (${low} to ${high}) over ${time(seen)}, ${end} in the last quarter of it`;
}

const interval = ({ earliest, likely, latest }: TimeToFull): string =>
  `${duration(likely)} (${duration(earliest)} to ${latest === undefined ? 'open' : duration(latest)})`;

const time = (milliseconds: number): string => duration(milliseconds / 1_000);
