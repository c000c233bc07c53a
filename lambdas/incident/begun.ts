import type { Decision, IncidentHead } from '../../src/core/record/incident.ts';
import type { RemediationKind } from '../../src/core/record/plan.ts';
import { stepsOf } from '../../src/core/remediation/claim.ts';
import { isChange, isSetAside, isVerified, plannedNodes } from '../../src/core/remediation/steps.ts';
import type { Workflow } from './workflow.ts';

/** How far a decision was carried out when its workflow stopped. */
interface Begun {
  readonly change: RemediationKind | null;
  /** Nodes that something was sent to, or may have been, and that were not verified. */
  readonly open: readonly string[];
  /** Planned nodes that nothing was sent to. */
  readonly left: readonly string[];
  /** Whether a node was changed and verified, by this decision or before it. */
  readonly isVerified: boolean;
}

/** What became of it. */
export type Finished =
  /** Nothing was changed; now nothing will be. */
  | { readonly kind: 'nothing-sent' }
  /** What was sent is not what was wanted; `changed` where another node stands changed and verified. */
  | { readonly kind: 'failed'; readonly why: string; readonly changed: boolean }
  /** What was sent is verified, and these nodes, which were read, were not touched. */
  | { readonly kind: 'verified'; readonly left: readonly string[] };

/**
 * Brings to its end what a decision has begun, by reading: what was sent is waited for and verified, and nothing more is sent.
 */
export async function finishBegun(
  { record, orders, evidence }: Pick<Workflow, 'record' | 'orders' | 'evidence'>,
  decision: Decision,
): Promise<Finished> {
  const begun = await record.read('look for what was begun', (head) => begunBy(head, decision.number));
  const { change, open, left, isVerified: changed } = begun;
  if (change === null || (open.length === 0 && !changed)) return { kind: 'nothing-sent' };
  if (open.length === 0) {
    await record.move('verifying');
    if (left.length > 0) await evidence.collect(left);
    return { kind: 'verified', left };
  }
  const order = { kind: change, decision: decision.number, instanceIds: open };
  const ordered = await orders.outcomeOf(order);
  if (ordered.toRead.length === 0) return { kind: 'failed', why: ordered.why, changed };
  await record.move('verifying');
  const result = await orders.verify(order, ordered, left);
  if (result.passed) return { kind: 'verified', left };
  const read = await record.read('look for what was set aside', (head) => {
    const steps = stepsOf(head, order);
    return {
      aside: steps.filter(isSetAside).map(({ instanceId }) => instanceId),
      isBad: !steps.every((step) => isSetAside(step) || isVerified(step)),
      hasVerified: head.remediations.some(isVerified),
    };
  });
  if (read.isBad) return { kind: 'failed', why: result.why, changed };
  // What never arrived on a node keeps none of the others from a fresh plan, nor the node itself.
  if (!read.hasVerified) return { kind: 'nothing-sent' };
  const rest = [...read.aside, ...left];
  await evidence.collect(rest);
  return { kind: 'verified', left: rest };
}

function begunBy(head: IncidentHead, decision: number): Begun {
  const { remediations } = head;
  const steps = remediations.filter(isChange).filter((step) => step.decision === decision);
  // One that was set aside is to be planned anew, as one that nothing was sent to.
  const touched = new Set(steps.flatMap((step) => (isSetAside(step) ? [] : [step.instanceId])));
  return {
    change: steps[0]?.kind ?? null,
    open: steps
      .filter((step) => step.verification === undefined && !isSetAside(step))
      .map(({ instanceId }) => instanceId),
    left: plannedNodes(head).filter((instanceId) => !touched.has(instanceId)),
    isVerified: remediations.some(isVerified),
  };
}
