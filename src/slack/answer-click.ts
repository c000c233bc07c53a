import type { Decision, IncidentHead } from '../core/incident.ts';
import type { Clock, HeadChange, IncidentStore } from '../core/ports.ts';
import type { Click } from './interaction.ts';

/** Tells the workflow that a decision is stored; the decision itself is read from the record by whoever acts on it. */
export interface DecisionDelivery {
  /** Completes the callback that the workflow waits on. A callback that is closed already counts as delivered. */
  wake(callbackId: string): Promise<void>;
  /** Starts the execution that carries out a rollback ordered after the incident had ended; by name, so at most once. */
  startRollback(head: IncidentHead, decision: Decision): Promise<void>;
}

/** What a click is judged with. */
export interface ClickRules {
  readonly store: IncidentStore;
  readonly delivery: DecisionDelivery;
  readonly clock: Clock;
  /** The pure judgement of one decision: the head that holds it, or the sentence that refuses it. */
  readonly judge: (head: IncidentHead, click: DecisionClick, now: number) => IncidentHead | string;
}

/** A click that decides something, as opposed to one that only looks. */
export type DecisionClick = Click & { readonly kind: Exclude<Click['kind'], 'show-runbook'> };

/**
 * What came of a click: nothing more to say because the card will show it, one sentence for the clicker alone, or a
 * decision that is stored and still has to reach the workflow.
 */
export type ClickAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'undelivered'; readonly cause: unknown };

/**
 * Judges one click and stores it as a decision under the record's revision check, then wakes the workflow. A decision
 * that was stored and not delivered is delivered by the next click, whoever makes it: it changes nothing that is not
 * already decided.
 */
export async function answerClick(click: DecisionClick, rules: ClickRules): Promise<ClickAnswer> {
  const { store, clock, judge, delivery } = rules;
  const before = await store.head(click.incidentId);
  if (before === undefined) return { kind: 'refused', sentence: unknownIncident(click) };
  const change: HeadChange = (head) => judge(head, click, clock.now());
  const updated = await store.update(click.incidentId, change);
  const isOurs = findForeignMessage(before, click) === undefined;
  try {
    if (updated.ok) await deliver(updated.head, delivery);
    else if (isOurs) await redeliver(before, delivery);
  } catch (cause) {
    return { kind: 'undelivered', cause };
  }
  return updated.ok ? { kind: 'accepted' } : { kind: 'refused', sentence: updated.refusal };
}

/** Why the click does not belong to the incident's card; nothing when it does. */
export function findForeignMessage(
  { card, id }: IncidentHead,
  { channel, message }: Click,
): string | undefined {
  if (card?.channel === channel && card.message === message) return undefined;
  return `This button is not on the card of ${id}, so nothing was done. Use the card itself.`;
}

/** Why a click on an incident that the store does not have leads nowhere. */
export function unknownIncident({ incidentId }: Click): string {
  return `${incidentId} is not known here any more, so nothing was done.`;
}

async function deliver(head: IncidentHead, delivery: DecisionDelivery): Promise<void> {
  const decision = head.decisions.at(-1);
  if (decision === undefined) return;
  if (head.callback?.number === decision.number) await delivery.wake(head.callback.id);
  else if (decision.kind === 'rollback') await delivery.startRollback(head, decision);
}

/** The callback of a decision is still there when the workflow has not read the decision yet. */
async function redeliver(head: IncidentHead, delivery: DecisionDelivery): Promise<void> {
  const decision = head.decisions.at(-1);
  if (decision !== undefined && head.callback?.number === decision.number)
    await delivery.wake(head.callback.id);
}
