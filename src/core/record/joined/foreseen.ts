import * as z from 'zod';
import { stored } from '../stored.ts';

const TIME = z.iso.datetime({ precision: 3 });

/** When the tables of nodes are likely to be full, as the sweep foresaw it; nodes of which it says nothing are not in it. */
export const Foreseen = z.array(stored({ instanceId: z.string().min(1).max(64), fullAt: TIME })).max(100);
export type Foreseen = z.infer<typeof Foreseen>;

/** An early warning of nodes of an incident, which stood before its alarm fired. */
export const Warned = stored({
  /** The incident that the warning had opened. */
  incidentId: z.string(),
  /** Since when it stood. */
  since: TIME,
  /** Whether its card gave its nodes and its buttons to this incident; it had ended before where that is absent. */
  becameThis: z.literal(true).optional(),
  foreseen: Foreseen.optional(),
});
export type Warned = z.infer<typeof Warned>;

/**
 * Seconds from a moment until the table of a node is likely to be full. A time that has passed says nothing any more: the table was
 * to be full by then, and what was read at that moment tells whether it is.
 * @param at the moment, ISO 8601
 */
export function secondsToForeseen(
  foreseen: Foreseen | undefined,
  instanceId: string,
  at: string,
): number | undefined {
  const fullAt = foreseen?.find((one) => one.instanceId === instanceId)?.fullAt;
  if (fullAt === undefined) return undefined;
  const seconds = Math.round((Date.parse(fullAt) - Date.parse(at)) / 1_000);
  return seconds > 0 ? seconds : undefined;
}
