import type { RaisePlan } from '../record/plan.ts';
import { counted, mebibytes, memoryShare, show } from '../words.ts';
import { forecastClause } from './forecast.ts';

/**
 * A raise in one line: old → new, what it costs if it fills, how long chains get then, and where it ends up by what arrives
 * and what ends.
 */
export function raiseLine(plan: RaisePlan): string {
  return `${show(plan.max.from)} → ${counted(plan.max.to, 'entry')}: ${raiseCost(plan)}`;
}

/** The same without the numbers of entries, for a line that has them already. */
export function raiseCost({
  memoryBytes,
  memoryTotalBytes,
  chainWhenFull,
  forecast,
  max,
}: RaisePlan): string {
  return [
    `${mebibytes(memoryBytes)} if it fills (${memoryShare(memoryBytes, memoryTotalBytes)} of memory)`,
    `chains of ${show(chainWhenFull)} then`,
    ...(forecast === undefined ? [] : [forecastClause(forecast, max.to)]),
  ].join(', ');
}
