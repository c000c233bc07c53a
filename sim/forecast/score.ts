import { outlookOf } from '../../src/core/fleet/outlook.ts';
import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import type { Point } from '../../src/core/fleet/theil-sen.ts';
import { type Warning, warningAfter } from '../../src/core/fleet/warning.ts';
import { EVERY, type Simulated } from './node.ts';
import { PEERS, type Seen } from './peers.ts';

/** What became of one rule on one node. */
export interface Score {
  readonly fills: number;
  /** Fills that the data show half an hour before. */
  readonly foreseeable: number;
  readonly foreseen: number;
  /** Fills that the data do not show, and that were warned of all the same. */
  readonly guessed: number;
  readonly warnings: number;
  readonly falseWarnings: number;
  /** Minutes from a warning to the fill, where it was warned of in time. */
  readonly leads: readonly number[];
}

/** Steps of the half hour that a warning has to be ahead. */
const LEAD = 30 / EVERY;
/** Hours of the shortest time in which a warning has to come true; one with a longer horizon has twice that. */
const COMES_TRUE = 16;

/** A rule as it is scored: asked at every step, also where no reading arrived. */
interface Asked {
  readonly id: string;
  readonly horizonHours: number;
  begin(node: Simulated): (readings: readonly ProbeReading[], seen: Seen | undefined, now: number) => boolean;
}

/** Readings of an hour, of thirteen, without which nobody could have seen what went on in it. */
const LEAST_ARRIVED = 8;

export const OURS = 'conntrack-medic';

const RULES: readonly Asked[] = [
  {
    id: OURS,
    horizonHours: 8,
    begin: ({ lifetimeSeconds }) => {
      let warning: Warning | undefined;
      return (readings, _seen, now) => {
        warning = warningAfter(warning, outlookOf(readings, now, lifetimeSeconds), now);
        return warning.isWarned;
      };
    },
  },
  ...PEERS.map((rule) => ({
    ...rule,
    begin: () => {
      const fires = rule.begin();
      let isFiring = false;
      return (_readings: readonly ProbeReading[], seen: Seen | undefined) => {
        if (seen !== undefined) isFiring = fires(seen);
        return isFiring;
      };
    },
  })),
];

/** Node-days that were looked at: up to the fill, after which a node is another one. */
export const nodeDays = ({ readings, filledAt }: Simulated): number =>
  ((filledAt ?? readings.length) * EVERY) / 1_440;

/** Every rule on one node, by the rule's id. */
export function scoresOf(node: Simulated): ReadonlyMap<string, Score> {
  const end = node.filledAt ?? node.readings.length;
  const rules = RULES.map((rule) => ({ rule, asked: rule.begin(node), firing: [] as boolean[] }));
  const readings: ProbeReading[] = [];
  const points: Point[] = [];
  const first = node.readings.find((one) => one !== undefined)?.at ?? 0;
  for (let step = 0; step < end; step++) {
    const reading = node.readings[step];
    const now = reading?.at ?? first + step * EVERY * 60_000;
    if (reading?.count !== undefined) {
      readings.push(reading);
      points.push({ at: reading.at, count: reading.count });
    }
    const seen = reading?.max === undefined ? undefined : { points, max: reading.max, now };
    for (const { asked, firing } of rules) firing.push(asked(readings, seen, now));
  }
  return new Map(rules.map(({ rule, firing }) => [rule.id, scoreOf(node, firing, rule.horizonHours)]));
}

function scoreOf(node: Simulated, firing: readonly boolean[], horizonHours: number): Score {
  const begun = firing.flatMap((is, step) => (is && firing[step - 1] !== true ? [step] : []));
  const within = (Math.max(COMES_TRUE, 2 * horizonHours) * 60) / EVERY;
  const falseWarnings = begun.filter((step) => !comesTrue(node, step, within)).length;
  const { filledAt } = node;
  const isForeseeable = filledAt !== undefined && isShown(node, filledAt);
  const isForeseen = filledAt !== undefined && firing[filledAt - LEAD] === true;
  const since = begun.findLast((step) => filledAt !== undefined && step <= filledAt - LEAD);
  return {
    fills: filledAt === undefined ? 0 : 1,
    foreseeable: isForeseeable ? 1 : 0,
    foreseen: isForeseeable && isForeseen ? 1 : 0,
    guessed: !isForeseeable && isForeseen ? 1 : 0,
    warnings: begun.length,
    falseWarnings,
    leads: isForeseen && since !== undefined && filledAt !== undefined ? [(filledAt - since) * EVERY] : [],
  };
}

/** Whether the load would have met the limit of that moment within so many steps, whatever was done about it meanwhile. */
function comesTrue({ wanted, limits }: Simulated, step: number, within: number): boolean {
  const limit = limits[step] ?? 0;
  return wanted
    .slice(step, step + within)
    .some((count, index) => count >= 0.95 * Math.min(limit, limits[step + index] ?? limit));
}

/**
 * Whether the data show a fill half an hour before: the load without its noise, continued in a straight line as it grew in the hour
 * before that moment, meets the limit of that moment within two hours; and eight of that hour's readings arrived.
 */
function isShown({ demand, limits, readings }: Simulated, filledAt: number): boolean {
  const at = filledAt - LEAD;
  const hour = 60 / EVERY;
  if (at < hour) return false;
  const [before, then, limit] = [demand[at - hour] ?? 0, demand[at] ?? 0, limits[at] ?? 0];
  const arrived = readings.slice(at - hour, at + 1).filter((one) => one !== undefined).length;
  return then + 2 * (then - before) >= limit && arrived >= LEAST_ARRIVED;
}
