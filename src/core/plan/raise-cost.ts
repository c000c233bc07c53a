import type { RaisePlan } from '../record/plan.ts';
import { mebibytes, memoryShare, show } from '../words.ts';

/**
 * A raise in one line: old → new, what it costs if it fills, how long chains get then, and how long it lasts at the growth
 * that was seen.
 */
export function raiseLine(plan: RaisePlan): string {
  return `${show(plan.max.from)} → ${show(plan.max.to)} entries: ${raiseCost(plan)}`;
}

/** The same without the numbers of entries, for a line that has them already. */
export function raiseCost({
  memoryBytes,
  memoryTotalBytes,
  chainWhenFull,
  secondsToFull,
}: RaisePlan): string {
  return [
    `${mebibytes(memoryBytes)} if it fills (${memoryShare(memoryBytes, memoryTotalBytes)} of memory)`,
    `chains of ${show(chainWhenFull)} then`,
    secondsToFull === undefined
      ? 'no growth seen'
      : `at the present growth not full before ${duration(secondsToFull)}`,
  ].join(', ');
}

/** `40 s`, `12 min`, `5 h`, `3 days`: one unit is enough for an estimate. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${show(Math.round(seconds))} s`;
  if (seconds < 2 * 3600) return `${show(Math.round(seconds / 60))} min`;
  if (seconds < 2 * 86_400) return `${show(Math.round(seconds / 3600))} h`;
  return `${show(Math.round(seconds / 86_400))} days`;
}
