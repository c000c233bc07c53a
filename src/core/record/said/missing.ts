import * as z from 'zod';
import { stored } from '../stored.ts';

/**
 * What an incident goes on without: copies of what the record holds, and words to people beside the card. The raw output
 * of a node is another one, which its collection tells.
 */
export const SideRecord = z.enum(['audit', 'plan', 'runbook', 'lasting', 'note', 'look', 'read-back']);
export type SideRecord = z.infer<typeof SideRecord>;

/** Characters that are kept of a note which is still to be said; a note in Slack has no more. */
export const NOTE_MAX_CHARS = 2000;

/** A side record that could not be made. */
export const MissingRecord = stored({
  what: SideRecord,
  why: z.string().max(300),
  /** Words that are still to be said: by which key, and since when and from when on, in milliseconds since the Unix epoch. */
  owed: stored({ key: z.string().max(64), since: z.number().int(), nextAt: z.number().int() }).optional(),
  /** The same of a note, with its words. It has a name of its own: an earlier version takes all that is `owed` for runbooks. */
  owedNote: stored({
    key: z.string().max(64),
    since: z.number().int(),
    nextAt: z.number().int(),
    text: z.string().max(NOTE_MAX_CHARS),
  }).optional(),
});
