import { asRaise } from '../plan/kinds.ts';
import { byNode } from '../record/by-node.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import { orderedPlans, type RemediationOrder } from './authorise.ts';

/**
 * Claims an order for all its nodes before anything is sent. What is claimed was sent, or may have been: the same
 * decision, node and kind is never claimed twice, so nothing is sent twice.
 * @returns the new head, or the refusal in one sentence
 */
export function claimRemediation(
  head: IncidentHead,
  order: RemediationOrder,
  at: string,
): IncidentHead | string {
  const { kind, decision, instanceIds } = order;
  const claimed = new Set(stepsOf(head, order).map(({ instanceId }) => instanceId));
  const taken = instanceIds.find((id) => claimed.has(id));
  if (taken !== undefined) {
    return `${taken}: the ${kind} of decision ${decision} was claimed before and is never sent twice; read the node instead.`;
  }
  const ordered = kind === 'rollback' ? [] : orderedPlans(head, order);
  const plans = byNode(ordered);
  const claims = instanceIds.map((instanceId): Remediation => {
    const raise = asRaise(plans.get(instanceId));
    // The plan leaves the head once the incident goes on; what is kept on a group later rests on these numbers.
    const approved = raise && {
      max: raise.max.to,
      buckets: raise.buckets.to,
      bucketsFrom: raise.buckets.from,
    };
    return { kind, instanceId, decision, claimedAt: at, ...(approved && { approved }) };
  });
  return { ...head, remediations: [...head.remediations, ...claims] };
}

/** Fields that are learnt of a claimed step. */
export type RemediationNews = Partial<
  Omit<Remediation, 'kind' | 'instanceId' | 'decision' | 'claimedAt' | 'approved'>
>;

/** Adds what was learnt of the claimed steps of an order: the command, an outcome, a verification. */
export function updateRemediation(
  head: IncidentHead,
  order: RemediationOrder,
  newsOf: (step: Remediation) => RemediationNews,
): IncidentHead {
  const isOrdered = isStepOf(order);
  const remediations = head.remediations.map((step) =>
    isOrdered(step) ? { ...step, ...newsOf(step) } : step,
  );
  return { ...head, remediations };
}

/** The claimed steps of an order. */
export function stepsOf(head: IncidentHead, order: RemediationOrder): readonly Remediation[] {
  return head.remediations.filter(isStepOf(order));
}

function isStepOf({ kind, decision, instanceIds }: RemediationOrder): (step: Remediation) => boolean {
  const ordered = new Set(instanceIds);
  return (step) => step.kind === kind && step.decision === decision && ordered.has(step.instanceId);
}
