import type { KernelMessageKind } from '../parse/kernel-log.ts';
import { duration } from '../plan/forecast.ts';
import type { LogMessage, Snapshot } from '../snapshot/snapshot.ts';
import { earlierFullLines, pastLines, tableStateOf } from '../snapshot/table-state.ts';
import { ago, counted } from '../words.ts';

/**
 * Lines of one kind that speak of now: logged between the samples or, where the text tells no time or there is only one
 * sample, all of the last 15 minutes. `undefined` when the kernel log was not read, or has none and not all of the time
 * between the samples.
 */
export function freshLines(
  snapshot: Snapshot,
  ...kinds: readonly KernelMessageKind[]
): readonly LogMessage[] | undefined {
  if (!snapshot.log.known) return undefined;
  const found = snapshot.log.value.messages.filter(
    (message) =>
      kinds.includes(message.kind) &&
      (message.isDuringWindow || message.ageSeconds === undefined || !snapshot.windowSeconds.known),
  );
  return found.length === 0 && !hasWholeWindow(snapshot) ? undefined : found;
}

/** Whether the kernel log, as far as it was read, leaves nothing out of the time between the samples. */
export function hasWholeWindow({ log, windowSeconds }: Snapshot): boolean {
  if (!log.known) return false;
  const { completeSeconds } = log.value;
  return completeSeconds === undefined || !windowSeconds.known || completeSeconds >= windowSeconds.value;
}

/**
 * What lines did, as it ends a headline: in the present tense where their time is known, otherwise in the past, since a
 * line without a time may be of any day since boot.
 */
export function effectOf(lines: readonly LogMessage[], now: string, past: string): string {
  const isDated = lines.some(({ ageSeconds, isDuringWindow }) => isDuringWindow || ageSeconds !== undefined);
  return isDated ? `${now}.` : `${past}; how long ago, the text does not tell.`;
}

/** Whether at least one of the lines is known to be from between the samples, so that it counts as seen now. */
export function isSeenNow(lines: readonly LogMessage[]): boolean {
  return lines.some(({ isDuringWindow }) => isDuringWindow);
}

/**
 * What the kernel logged of a full table before the samples, where these measured that it drops nothing by now: a sentence
 * with its age, `undefined` where there is none.
 */
export function pastFullTable(snapshot: Snapshot): string | undefined {
  const past = pastLines(tableStateOf(snapshot));
  if (past.length === 0) return earlierFullTable(snapshot);
  const ages = past.flatMap(({ ageSeconds }) => ageSeconds ?? []);
  const when = ages.length === 0 ? 'at a time that it does not tell' : `${ago(Math.min(...ages))} ago`;
  return `The kernel logged a full table ${when} (${counted(past.length, 'line')}); between the samples no packet was dropped for it.`;
}

/** The same of lines that are too old to be evidence of anything now: they are told as what was. */
function earlierFullTable(snapshot: Snapshot): string | undefined {
  const lines = earlierFullLines(snapshot);
  const ages = lines.flatMap(({ ageSeconds }) => ageSeconds ?? []);
  return ages.length === 0
    ? undefined
    : `The kernel logged a full table ${duration(Math.min(...ages))} ago (${counted(lines.length, 'line')}), which says nothing about now.`;
}
