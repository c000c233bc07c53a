import { numbersOf, stepName } from '../plan/kinds.ts';
import { planIncident } from '../plan/plan-incident.ts';
import type { Decision, IncidentHead, IncidentState, Remediation } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { isSetAside, reversibleNodes } from './steps.ts';

/** What the remediate function is asked to do. Numbers are not part of it: they come from the stored plan. */
export interface RemediationOrder {
  readonly kind: Remediation['kind'];
  /** Number of the stored decision that allows it. */
  readonly decision: number;
  readonly instanceIds: readonly string[];
}

const APPLYING: readonly IncidentState[] = ['applying-canary', 'applying-rest'];

/**
 * Holds an order against the record, trusting nothing but the record: the newest decision allows it, its approver still
 * may approve, the stored plan is the approved one to the last digit, and a node other than the canary waits for a
 * verified one. The canary is the first node of the plan that the decision did not set aside.
 * @returns the refusal in one sentence, or nothing
 */
export function refuseRemediation(
  head: IncidentHead,
  order: RemediationOrder,
  approvers: readonly string[],
): string | undefined {
  const decision = head.decisions.find(({ number }) => number === order.decision);
  if (decision === undefined || decision !== head.decisions.at(-1)) {
    return `Decision ${order.decision} is not the newest of ${head.id}, so nothing was sent to any node.`;
  }
  const { actor } = decision;
  if (actor.kind !== 'slack-user' || !approvers.includes(actor.id)) {
    return `Decision ${order.decision} was not made by an approver in MEDIC_APPROVERS, so nothing was sent to any node.`;
  }
  const isAllowed = order.kind === 'rollback' ? head.state === 'rolling-back' : APPLYING.includes(head.state);
  if (!isAllowed) {
    return `${head.id} is ${head.state}, which allows no ${stepName(order.kind)}, so nothing was sent to any node.`;
  }
  return order.kind === 'rollback'
    ? refuseRollback(head, order, decision)
    : refuseChange(head, order, decision);
}

/** The plans of the ordered nodes; they share their numbers, because one command has one set of parameters. */
export function orderedPlans({ plan }: IncidentHead, { instanceIds }: RemediationOrder): readonly NodePlan[] {
  const ordered = new Set(instanceIds);
  return (plan?.nodes ?? []).filter(({ instanceId }) => ordered.has(instanceId));
}

/** Groups plans with the same numbers, in the order in which they stand in the plan. */
export function groupByNumbers(plans: readonly NodePlan[]): readonly (readonly NodePlan[])[] {
  const groups = new Map<string, NodePlan[]>();
  for (const plan of plans) {
    const key = numbersOf(plan).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [plan]);
    else group.push(plan);
  }
  return [...groups.values()];
}

function refuseChange(head: IncidentHead, order: RemediationOrder, decision: Decision): string | undefined {
  const plan = head.plan && planIncident(head.id, head.plan.collection, head.plan.nodes);
  const canary = plan?.nodes.find(
    ({ instanceId }) => !isLeftBy(head, decision.number, instanceId),
  )?.instanceId;
  if (plan === undefined || plan.digest !== decision.planDigest || head.plan?.digest !== plan.digest) {
    return `The stored plan of ${head.id} is not the approved one, so nothing was sent to any node. Wait for a fresh card.`;
  }
  if (decision.kind !== 'apply-all' && decision.kind !== 'apply-one') {
    return `Decision ${decision.number} is ${decision.kind}, which allows no ${stepName(order.kind)}, so nothing was sent to any node.`;
  }
  const plans = orderedPlans(head, order);
  if (
    order.instanceIds.length === 0 ||
    plans.length !== order.instanceIds.length ||
    plans.some(({ kind }) => kind !== order.kind) ||
    groupByNumbers(plans).length > 1
  ) {
    return `The order does not name nodes of the approved plan with its kind and one set of numbers, so nothing was sent to any node.`;
  }
  const onlyCanary = order.instanceIds.length === 1 && order.instanceIds[0] === canary;
  const verified = head.remediations.some(({ verification }) => verification?.passed === true);
  if (!onlyCanary && (decision.kind === 'apply-one' || !verified)) {
    return `Only the first node of the plan may be changed before a change was verified, so nothing was sent to any node.`;
  }
  return undefined;
}

/** Whether this decision left a node as it was for a reason of the node's own: the next one may go first in its place. */
const isLeftBy = ({ remediations }: IncidentHead, decision: number, instanceId: string): boolean =>
  remediations.some(
    (step) => step.instanceId === instanceId && step.decision === decision && isSetAside(step),
  );

function refuseRollback(head: IncidentHead, order: RemediationOrder, decision: Decision): string | undefined {
  if (decision.kind !== 'rollback') {
    return `Decision ${decision.number} is ${decision.kind}, which allows no rollback, so nothing was sent to any node.`;
  }
  const changed = new Set(decision.instanceIds ?? reversibleNodes(head));
  const stranger = order.instanceIds.find((id) => !changed.has(id));
  if (order.instanceIds.length === 0 || stranger !== undefined) {
    return `${stranger ?? 'No node'} is not part of the ordered rollback of ${head.id}, so nothing was sent to any node.`;
  }
  return undefined;
}
