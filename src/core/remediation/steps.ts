import { isReversible } from '../plan/kinds.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';

/** Whether a step changed its node, as opposed to a rollback and to one that changed nothing. */
export function isApplied({ kind, outcome }: Pick<Remediation, 'kind' | 'outcome'>): boolean {
  return kind !== 'rollback' && (outcome === 'raised' || outcome === 'changed');
}

/** A step that changed its node, or was to, as opposed to one that takes a change back. */
export type ChangeStep = Remediation & { readonly kind: RemediationKind };

/** Whether nothing that came back tells what a step did. */
export const isUnanswered = ({ outcome }: Pick<Remediation, 'outcome'>): boolean =>
  outcome === undefined || outcome === 'unknown';

/** Whether a step certainly changed nothing, for a reason that is its node's alone. */
export const isSetAside = ({ outcome, setAside }: Remediation): boolean =>
  outcome === 'refused' && setAside !== undefined;

/** Whether a step was to change its node. */
export const isChange = (step: Remediation): step is ChangeStep => step.kind !== 'rollback';

/** What is true of one node after all the steps that were ordered on it. */
export interface NodeState {
  readonly instanceId: string;
  /**
   * The changes that stand, or may, oldest first. One that was not verified stays until the same kind of change is verified
   * after it or a rollback took everything back: nothing else makes it true or untrue.
   */
  readonly changes: readonly ChangeStep[];
  /** The newest change that was ordered since and changed nothing. */
  readonly futile: ChangeStep | undefined;
  /** The newest rollback of these changes that did not take them back, or is not known to have. */
  readonly rollback: Remediation | undefined;
  /** The rollback that took back everything before it, with what it took back; absent once a change stands again. */
  readonly undone: { readonly by: Remediation; readonly changes: readonly ChangeStep[] } | undefined;
}

/**
 * What is true of each node, folded from every step in the order in which they were ordered; nodes in the order in which they
 * were first touched. Nothing else judges steps: a later one adds to what an earlier one left and erases none of it.
 */
export function nodeStates({
  remediations,
}: Pick<IncidentHead, 'remediations'>): ReadonlyMap<string, NodeState> {
  const states = new Map<string, NodeState>();
  for (const step of remediations) {
    const { instanceId } = step;
    const before = states.get(instanceId) ?? { ...UNTOUCHED, instanceId };
    states.set(instanceId, isChange(step) ? afterChange(before, step) : afterRollback(before, step));
  }
  return states;
}

const UNTOUCHED = { changes: [], futile: undefined, rollback: undefined, undone: undefined } as const;

function afterChange(state: NodeState, step: ChangeStep): NodeState {
  const mayStand = isApplied(step) || isUnanswered(step);
  if (!mayStand) return { ...state, futile: step };
  const left = isVerified(step) ? state.changes.filter(({ kind }) => kind !== step.kind) : state.changes;
  // A rollback whose answer was lost may still arrive; any other was about what stood before.
  const { rollback } = state;
  const open = rollback?.outcome === 'refused' || isVerified(step) ? undefined : rollback;
  return { ...state, changes: [...left, step], futile: undefined, rollback: open, undone: undefined };
}

function afterRollback(state: NodeState, step: Remediation): NodeState {
  const { changes, undone } = state;
  if (step.outcome === 'rolled-back' || step.outcome === 'unchanged') {
    const taken = changes.length === 0 ? (undone?.changes ?? []) : changes;
    return {
      ...state,
      changes: [],
      futile: undefined,
      rollback: undefined,
      undone: { by: step, changes: taken },
    };
  }
  // Where nothing stands there is nothing that it could have left as it was.
  return undone !== undefined && changes.length === 0 ? state : { ...state, rollback: step };
}

/** Whether a change was held against its plan by a second collection, and passed. */
export const isVerified = ({ verification }: Remediation): boolean => verification?.passed === true;

/** Whether a node stands changed and everything that stands on it is verified. */
export function isAllVerified({ changes }: NodeState): boolean {
  return changes.length > 0 && changes.every(isVerified);
}

/** Whether nobody knows that a node was changed: no answer came to any of its changes, and no reading has told. */
export const isUncertain = ({ changes }: NodeState): boolean =>
  changes.length > 0 && changes.every((step) => isUnanswered(step) && step.differs !== true);

/**
 * Nodes that stand changed, or may: a change that worked, one whose result was lost, and any whose rollback did not
 * work. Of these a rollback concerns the reversible ones.
 */
export function changedNodes(head: Pick<IncidentHead, 'remediations'>): readonly string[] {
  return changedStates(head).map(({ instanceId }) => instanceId);
}

/** The same with what is true of each. */
export function changedStates(head: Pick<IncidentHead, 'remediations'>): readonly NodeState[] {
  return [...nodeStates(head).values()].filter(({ changes }) => changes.length > 0);
}

/** The changed nodes of which a change can be taken back; a deletion can not. */
export function reversibleNodes(head: Pick<IncidentHead, 'remediations'>): readonly string[] {
  return changedStates(head).flatMap(({ instanceId, changes }) =>
    changes.some(({ kind }) => isReversible(kind)) ? [instanceId] : [],
  );
}

/** Nodes that the change is planned for: those that a click changes, the first one first, and those that wait for a click after it. */
export const plannedNodes = ({
  plan,
  planRest = [],
}: Pick<IncidentHead, 'plan' | 'planRest'>): readonly string[] =>
  plan === undefined ? [] : [...plan.nodes.map(({ instanceId }) => instanceId), ...planRest];

/**
 * Nodes that a change was meant for and that have none: those of the plan that nothing was sent to, and those on which nothing
 * was changed. What was taken back was wanted so.
 */
export function leftNodes(head: Pick<IncidentHead, 'remediations' | 'plan' | 'planRest'>): readonly string[] {
  const states = nodeStates(head);
  const isMeant = [...states.values()].flatMap(({ instanceId, futile }) =>
    futile === undefined ? [] : [instanceId],
  );
  return [...new Set([...isMeant, ...plannedNodes(head)])].filter((id) => {
    const { changes = [], undone } = states.get(id) ?? {};
    return changes.length === 0 && undone === undefined;
  });
}
