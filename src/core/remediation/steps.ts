import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';

/** The outcome of a change of that kind that worked. */
export function doneOutcome(kind: RemediationKind): 'raised' | 'changed' {
  return kind === 'raise-max' ? 'raised' : 'changed';
}

/** Whether a step changed its node, as opposed to a rollback and to one that changed nothing. */
export function isApplied({ kind, outcome }: Pick<Remediation, 'kind' | 'outcome'>): boolean {
  return kind !== 'rollback' && (outcome === 'raised' || outcome === 'changed');
}

/** Whether a change of that kind can be taken back: a deleted entry can not, it is made anew by the next packet. */
export function isReversible(kind: RemediationKind): boolean {
  return kind !== 'delete-udp-entries';
}

/** A step that changed its node, or was to, as opposed to one that takes a change back. */
export type ChangeStep = Remediation & { readonly kind: RemediationKind };

/** The newest change that was ordered on a node, whatever was taken back since; `undefined` when none was. */
export function newestChange(
  { remediations }: Pick<IncidentHead, 'remediations'>,
  instanceId: string,
): ChangeStep | undefined {
  return remediations.findLast(
    (step): step is ChangeStep => step.kind !== 'rollback' && step.instanceId === instanceId,
  );
}
