import * as z from 'zod';
import { stored } from './stored.ts';

/**
 * How far the card of an incident follows its record. It stands beside the head and is no part of it: drawing a card changes
 * nothing of what the incident is. Times are milliseconds since the Unix epoch.
 */
export const CardView = stored({
  /** Revision of the head that the card shows; 0 before the first card. */
  shown: z.number().int().min(0),
  /** When the card was drawn last; absent before the first one. */
  shownAt: z.number().int().optional(),
  /** Since when the card is behind its record; absent while it is not, and once it was given up. */
  owedSince: z.number().int().optional(),
  /** Before this it is not tried again; absent while it has not failed. */
  nextAt: z.number().int().optional(),
  /** The incident has ended, and what that calls for in its thread may not have been said; absent once it was, or is owed as missing. */
  endUntold: z.literal(true).optional(),
});
export type CardView = z.infer<typeof CardView>;
