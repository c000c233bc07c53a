import { messageOf } from '../errors.ts';
import type { IncidentStore, Log } from '../ports.ts';

/** Who holds a node's lock: one decision of one incident, so that another decision of the same incident waits too. */
export const lockHolder = (incidentId: string, decision: number): string => `${incidentId}#${decision}`;

/** Takes a decision's locks away from nodes. One that cannot be taken away is logged, and runs out by itself. */
export async function unlockNodes(
  { store, log }: { readonly store: Pick<IncidentStore, 'unlockNode'>; readonly log: Log },
  incidentId: string,
  decision: number,
  instanceIds: readonly string[],
): Promise<void> {
  for (const instanceId of instanceIds) {
    try {
      await store.unlockNode(instanceId, lockHolder(incidentId, decision));
    } catch (error) {
      log('node-not-unlocked', { incidentId, instanceId, error: messageOf(error) });
    }
  }
}
