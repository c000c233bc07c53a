import type { Workflows } from '../ports.ts';
import type { Decision, IncidentHead } from '../record/incident.ts';
import { pendingDecision } from './decide.ts';
import { isRollbackAfterTheEnd } from './execution.ts';

/** Tells the workflow that a decision is stored; the decision itself is read from the record by whoever acts on it. */
export interface DecisionDelivery extends Pick<Workflows, 'wake'> {
  /** Starts the execution that carries out a rollback ordered after the incident had ended; by name, so at most once. */
  startRollback(head: IncidentHead, decision: Decision): Promise<void>;
  /** Starts the execution that keeps the raise on the node group; by name, so at most once. */
  startKeep(head: IncidentHead, decision: Decision): Promise<void>;
}

/**
 * Delivers what is decided and not acted on yet: a first time, or again when the first time was lost.
 * @returns false where a decision waits and nobody waits for it: it is being acted on, or its workflow has ended
 */
export async function deliverDecision(head: IncidentHead, delivery: DecisionDelivery): Promise<boolean> {
  if (head.callback !== undefined && pendingDecision(head) !== undefined)
    return await delivery.wake(head.callback.id);
  const decision = head.decisions.at(-1);
  if (decision?.kind === 'rollback' && isRollbackAfterTheEnd(head))
    await delivery.startRollback(head, decision);
  const { association } = head;
  if (decision?.kind === 'keep' && association?.state === 'ordered') await delivery.startKeep(head, decision);
  return true;
}
