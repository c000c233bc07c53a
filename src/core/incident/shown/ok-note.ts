import type { IncidentHead } from '../../record/incident.ts';
import { pendingDecision } from '../decide.ts';
import { type Miss, toSay } from './owed-words.ts';

/** The note that an alarm is OK again while something that was started goes on. */
export const okNote = (okAt: string) =>
  ({
    what: 'note',
    key: `ok-${okAt}`,
    text: 'The alarm is OK again. What was started goes on and is verified.',
  }) as const satisfies Partial<Miss>;

/** Owes the note with the same write that takes the OK down, so that nobody's death loses it; where it ends the incident its end is told. */
export const oweOkNote = (head: IncidentHead, okAt: string, now: number): IncidentHead =>
  head.card === undefined || pendingDecision(head)?.kind === 'alarm-ok'
    ? head
    : toSay(head, okNote(okAt), now);
