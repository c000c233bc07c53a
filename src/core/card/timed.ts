import type { IncidentHead, Remediation } from '../record/incident.ts';
import { reasonOf } from '../remediation/verify.ts';
import { utcTime, withoutStop } from '../words.ts';
import { sentences } from './sentences.ts';

/** The end of a sentence after which another one begins, or of the text. */
const END = /\.(?= \p{Lu}|$)|$/u;

/** The same text with a time behind its first sentence, which is the one with the numbers: `… in use (14:09:11Z). Files …`. */
export const withTime = (text: string, when: string): string => text.replace(END, ` (${when})$&`);

/** When what is said of a step was so: what was read of its node after it, otherwise its own answer. */
function timeOf({ verification, finishedAt }: Remediation, now: number): string | undefined {
  if (verification !== undefined)
    return verification.at === undefined ? undefined : `read ${utcTime(verification.at, now)}`;
  return finishedAt === undefined ? undefined : utcTime(finishedAt, now);
}

/**
 * Why an incident went on as it did, with the time of what is said: that of the step that it repeats the words of, and that of
 * the move itself where a node is spoken of in other words.
 */
function timedWhy(
  { why = '', at }: Pick<IncidentHead['transitions'][number], 'why' | 'at'>,
  remediations: IncidentHead['remediations'],
  now: number,
): string {
  const step = remediations.findLast((one) => why.startsWith(withoutStop(reasonOf(one))));
  const when = step === undefined ? undefined : timeOf(step, now);
  // What was read after an answer that got lost has its time in it.
  if (/\d:\d\dZ/.test(why.split(END)[0] ?? '')) return why;
  if (when !== undefined) return withTime(why, when);
  return /^m?i-[\w-]+: /.test(why) ? withTime(why, utcTime(at, now)) : why;
}

/**
 * Why an incident is in its state, with times. A rollback that was refused leads back to where it began: what was said there is
 * still true.
 */
export function whyOf({ transitions, remediations }: IncidentHead, now: number): string {
  const last = transitions.at(-1);
  if (last === undefined) return '';
  if (last.from !== 'rolling-back') return timedWhy(last, remediations, now);
  const before = transitions.findLast(({ from, to }) => to === last.to && from !== 'rolling-back');
  return sentences(
    timedWhy(last, remediations, now),
    before === undefined ? '' : timedWhy(before, remediations, now),
  );
}
