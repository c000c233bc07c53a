import type { Decision, IncidentHead } from '../record/incident.ts';
import { transition } from '../record/transitions.ts';

const WORKFLOW = { kind: 'workflow' } as const;

/**
 * Puts the incident into the state that waits for a click: `applied-one` once a change was ordered, `awaiting-approval`
 * before. An alarm that is already back to OK decides at once, as it would a moment later.
 * @param why shown on the card, for a wait that follows a refusal
 */
export function awaitDecision(
  head: IncidentHead,
  callback: { readonly id: string; readonly expiresAt: string },
  at: string,
  why?: string,
): IncidentHead {
  const to = head.remediations.length > 0 ? 'applied-one' : 'awaiting-approval';
  const number = head.decisions.length + 1;
  if (head.callback?.id === callback.id) return head;
  // A workflow that was woken without a decision waits again where it is.
  const moved = head.state === to ? head : transition(head, to, WORKFLOW, at, why);
  const waiting = { ...moved, callback: { ...callback, number } };
  if (to === 'applied-one' || head.alarmOkAt === undefined) return waiting;
  const ok: Decision = { number, kind: 'alarm-ok', actor: { kind: 'alarm' }, at };
  return { ...waiting, decisions: [...waiting.decisions, ok] };
}
