import { isReversible } from '../plan/kinds.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';

/** Whether a step changed its node, as opposed to a rollback and to one that changed nothing. */
export function isApplied({ kind, outcome }: Pick<Remediation, 'kind' | 'outcome'>): boolean {
  return kind !== 'rollback' && (outcome === 'raised' || outcome === 'changed');
}

/** A step that changed its node, or was to, as opposed to one that takes a change back. */
export type ChangeStep = Remediation & { readonly kind: RemediationKind };

/** Whether a step was to change its node. */
export const isChange = (step: Remediation): step is ChangeStep => step.kind !== 'rollback';

/** The newest change that was ordered on a node, whatever was taken back since; `undefined` when none was. */
export function newestChange(
  { remediations }: Pick<IncidentHead, 'remediations'>,
  instanceId: string,
): ChangeStep | undefined {
  return remediations.findLast(
    (step): step is ChangeStep => isChange(step) && step.instanceId === instanceId,
  );
}

/** The newest step ordered on each node, in the order in which nodes were first touched. */
export function newestSteps({ remediations }: IncidentHead): ReadonlyMap<string, Remediation> {
  return new Map(remediations.map((step) => [step.instanceId, step]));
}

/**
 * Nodes that stand changed, or may: a change that worked, one whose result was lost, and any whose rollback did not
 * work. Of these a rollback concerns the reversible ones.
 */
export function changedNodes(head: IncidentHead): readonly string[] {
  const changed = new Set<string>();
  for (const { kind, instanceId, outcome } of head.remediations) {
    if (kind === 'rollback' && (outcome === 'rolled-back' || outcome === 'unchanged'))
      changed.delete(instanceId);
    const may = outcome === 'unknown' || outcome === undefined;
    if (kind !== 'rollback' && (may || isApplied({ kind, outcome }))) changed.add(instanceId);
  }
  return [...changed];
}

/** The changed nodes whose change can be taken back; a deletion can not. */
export function reversibleNodes(head: IncidentHead): readonly string[] {
  const changes = new Map(head.remediations.filter(isChange).map((step) => [step.instanceId, step]));
  return changedNodes(head).filter((instanceId) => {
    const change = changes.get(instanceId);
    return change !== undefined && isReversible(change.kind);
  });
}
