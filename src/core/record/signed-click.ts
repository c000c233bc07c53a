import * as z from 'zod';
import { stored } from './stored.ts';

/**
 * A click as it came from Slack: the text and the signature over it. The text holds a `response_url`, with which anybody
 * can write into the channel for a while, so a click is kept apart from the record, has an end, and is shown nowhere.
 */
export const SignedClick = stored({
  /** Seconds since the Unix epoch, as Slack sent them. */
  timestamp: z.string().regex(/^\d{1,12}$/),
  signature: z.string().regex(/^v0=[0-9a-f]{64}$/),
  /** Body of the request. Some 40 KB with a card of many nodes; an item of the table holds 400 KB. */
  body: z.string().min(1).max(300_000),
});
export type SignedClick = z.infer<typeof SignedClick>;
