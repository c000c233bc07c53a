import type { RaisePlan } from '../record/plan.ts';
import { NEARLY_FULL_USE } from '../snapshot/table-state.ts';
import { percent } from '../words.ts';
import { duration, forecastClause } from './forecast.ts';

/** Use below which a raise has bought enough room (also the oracle of SREGym's conntrack problem: ratio below 0.70). */
const ENOUGH_USE = 0.7;

/** What the measured use may be off from a forecast, as a share of the limit. Our choice. */
const FORECAST_ERROR = 0.05;

/** Bounds are told in steps of five hundredths. */
const STEPS = 20;

/**
 * Whether the forecast of a raise leaves no room under the new limit: the table fills again, or settles where it is nearly
 * full. Such a raise gains time and nothing else.
 */
function isShortOfRoom({ forecast, max }: Pick<RaisePlan, 'forecast' | 'max'>): boolean {
  if (forecast === undefined) return false;
  return forecast.kind !== 'settles' || forecast.entries / max.to + FORECAST_ERROR >= NEARLY_FULL_USE;
}

/**
 * The share of the new limit below which use has to stay for a raise to count as good: 0.7, or more where the plan itself
 * foresees more and that still is room. What was foretold when the raise was approved thus passes.
 */
export function useBound(plan: Pick<RaisePlan, 'forecast' | 'max'>): number {
  const { forecast, max } = plan;
  if (forecast?.kind !== 'settles' || isShortOfRoom(plan)) return ENOUGH_USE;
  const foreseen = Math.ceil((forecast.entries / max.to + FORECAST_ERROR) * STEPS) / STEPS;
  return Math.min(NEARLY_FULL_USE, Math.max(ENOUGH_USE, foreseen));
}

/** Where a raise ends up that leaves no room, as a clause without what it rests on; `undefined` where it does. */
export function shortClause(plan: Pick<RaisePlan, 'forecast' | 'max'>): string | undefined {
  const { forecast, max } = plan;
  if (forecast === undefined || !isShortOfRoom(plan)) return undefined;
  return forecast.kind === 'settles'
    ? `it settles at about ${percent(forecast.entries / max.to)} of the new limit`
    : `at what arrives now it is full again in about ${duration(forecast.fullInSeconds)}`;
}

/** What use is to be after a raise, as one clause: `use below 80 % of the new limit`. */
export function roomClause(plan: Pick<RaisePlan, 'forecast' | 'max'>): string {
  const { forecast, max } = plan;
  const bound = `use below ${percent(useBound(plan))} of the new limit`;
  return forecast !== undefined && isShortOfRoom(plan)
    ? `${bound} at first. It does not stay there by the plan's own forecast (${forecastClause(forecast, max.to)}): the raise gains time, and a lasting fix has to follow`
    : bound;
}
