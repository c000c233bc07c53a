import * as z from 'zod';
import { stored } from './stored.ts';

/** The newest collection that was asked of one node, kept beside the incidents so that they do not ask it at once. */
export const NodeReading = stored({
  incidentId: z.string(),
  /** Marks what the command writes, and tells this asking from every other. */
  nonce: z.string(),
  /** When it was claimed, just before it was sent. */
  at: z.iso.datetime({ precision: 3 }),
  /** Absent until it was sent. */
  command: stored({ id: z.string(), documentHash: z.string() }).optional(),
  /** Where the node is; absent where that is the service's own account and region. */
  place: stored({ account: z.string(), region: z.string() }).optional(),
  /** True once a change of the node was begun: what it shows is from before. */
  isOutdated: z.boolean().optional(),
});
export type NodeReading = z.infer<typeof NodeReading>;
