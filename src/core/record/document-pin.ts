import * as z from 'zod';
import { stored } from './stored.ts';

/**
 * Which version of an SSM document has the text that functions of one build send, where nodes are. Every account and region
 * numbers its own, so an incident keeps one for each place, and one more for each build that has worked on it.
 */
export const DocumentPin = stored({
  name: z.string(),
  /** Hex SHA-256 of the text. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** As Systems Manager counts them, from 1. */
  version: z.string().regex(/^[1-9]\d{0,7}$/),
  /** Absent where they are the service's own. */
  account: z.string().optional(),
  region: z.string().optional(),
});
export type DocumentPin = z.infer<typeof DocumentPin>;

/** A document by its name and the text that it has to have. */
export type DocumentText = Pick<DocumentPin, 'name' | 'hash'>;
