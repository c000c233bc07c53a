import * as z from 'zod';
import { stored } from '../stored.ts';

const TIME = z.iso.datetime({ precision: 3 });

/** An alarm that an incident has taken in beside its own, and what that alarm has said last. */
export const JoinedAlarm = stored({
  /** The incident that the alarm had opened and that has ended as joined; it has the alarm itself. */
  incidentId: z.string(),
  arn: z.string(),
  name: z.string(),
  joinedAt: TIME,
  /** Its newest firing and its newest OK, by its own time and in whichever order they arrive. */
  firedAt: TIME,
  okAt: TIME.optional(),
});
export type JoinedAlarm = z.infer<typeof JoinedAlarm>;

/** What an alarm has said. */
export type AlarmWord = { readonly firedAt: string } | { readonly okAt: string };

/** Whether the alarm fires, as far as is known. */
export const isFiring = ({ firedAt, okAt }: JoinedAlarm): boolean => okAt === undefined || okAt <= firedAt;

/** The same alarm with one more word; an older one changes nothing. */
export function withWord(alarm: JoinedAlarm, word: AlarmWord): JoinedAlarm {
  if ('firedAt' in word) return word.firedAt > alarm.firedAt ? { ...alarm, firedAt: word.firedAt } : alarm;
  return word.okAt > (alarm.okAt ?? '') ? { ...alarm, okAt: word.okAt } : alarm;
}
