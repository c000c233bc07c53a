import type { IncidentHead } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { standingChanges } from '../remediation/drift.ts';

/** What an execution of the incident function was started for. */
export type Errand =
  | { readonly kind: 'incident' }
  | { readonly kind: 'rollback'; readonly decision: number }
  | { readonly kind: 'keep'; readonly decision: number }
  /** Looks at the nodes of a dismissed incident whose alarm fired again. */
  | { readonly kind: 'look'; readonly number: number }
  /** Looks where SYNs are lost, beside whatever else goes on. */
  | { readonly kind: 'trace'; readonly number: number }
  /** Goes on where another one stopped. */
  | { readonly kind: 'take-up'; readonly number: number };

/** An execution of the incident function, by the name that makes starting it again harmless. */
export type Execution = Errand & { readonly name: string };

/**
 * The one execution that has to run for an incident to go on: the first one that was started for what is open, or the one that
 * took its place.
 * @returns nothing when nothing is open
 */
export function executionOf(head: IncidentHead): Execution | undefined {
  const first = firstExecution(head);
  const { takenUp } = head;
  return takenUp === undefined || takenUp.of !== first?.name
    ? first
    : execution(head, { kind: 'take-up', number: takenUp.number });
}

/** The execution that was started for what is open, whether or not another one took its place. */
export function firstExecution(head: IncidentHead): Execution | undefined {
  const { state, association, aftermath, decisions, quiet, undone } = head;
  if (!isClosed(state))
    return isRollbackAfterTheEnd(head)
      ? execution(head, { kind: 'rollback', decision: decisions.at(-1)?.number ?? 0 })
      : execution(head, { kind: 'incident' });
  if (association?.state === 'ordered' || association?.state === 'sent')
    return execution(head, { kind: 'keep', decision: association.decision });
  if (undone !== undefined) return execution(head, { kind: 'rollback', decision: undone });
  if (aftermath !== undefined) return execution(head, { kind: 'incident' });
  if (quiet?.look !== undefined && quiet.look.endedAt === undefined)
    return execution(head, { kind: 'look', number: quiet.look.number });
  return undefined;
}

/** Whether a rollback runs that was ordered after the incident had ended, so under an execution of its own. */
export function isRollbackAfterTheEnd({ state, transitions }: IncidentHead): boolean {
  const from = transitions.at(-1)?.from;
  return state === 'rolling-back' && from !== undefined && isClosed(from);
}

/** An execution of an incident with its name, at most 64 characters. */
export function execution({ id }: Pick<IncidentHead, 'id'>, errand: Errand): Execution {
  switch (errand.kind) {
    case 'incident':
      return { ...errand, name: id };
    case 'rollback':
    case 'keep':
      return { ...errand, name: `${id}-${errand.kind}-${errand.decision}` };
    case 'look':
    case 'trace':
    case 'take-up':
      return { ...errand, name: `${id}-${errand.kind}-${errand.number}` };
  }
}

/**
 * What has just ended, with what is owed to it: what follows where its changes stand, or words on a rollback after the end. Its
 * execution may die before it has seen to that.
 * @param before the same before it ended
 */
export function withAftermath(before: IncidentHead, ended: IncidentHead): IncidentHead {
  const undone = isRollbackAfterTheEnd(before) ? before.decisions.at(-1)?.number : undefined;
  if (undone !== undefined) return { ...ended, undone };
  return standingChanges(ended).length > 0 ? { ...ended, aftermath: 'owed' } : ended;
}
