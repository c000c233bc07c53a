import { catalogue } from '../../../runbooks/index.ts';
import { assess } from '../../../src/core/diagnosis/assess.ts';
import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { NodeDrift } from '../../../src/core/record/drift-check.ts';
import { checkDrift } from '../../../src/core/remediation/drift.ts';
import { NONCE } from '../../nodes/support/scripts.ts';
import { buildIncident } from '../../unit/support/incidents.ts';
import type { GuestNode } from './guest-node.ts';

/** What a node wrote for the collector, and when. */
export interface Look {
  readonly evidence: string;
  readonly at: Date;
}

/** Collects from the node now. */
export async function lookAt(node: GuestNode): Promise<Look> {
  const evidence = await node.evidence();
  // The guest's clock does not go as fast as this machine's.
  return { evidence, at: new Date(Number(await node.guest.succeed('date +%s')) * 1000) };
}

/**
 * What the product says of the node's raise when it looks again.
 * @param verified the look that found the raise in force
 */
export function driftOfRaise(
  { original, target }: GuestNode,
  verified: Look,
  later: Look,
): NodeDrift | undefined {
  const { head } = buildIncident('resolved');
  const at = verified.at.toISOString();
  const remediations = head.remediations.map((step) => ({
    ...step,
    claimedAt: at,
    finishedAt: at,
    max: { before: original.max, after: target.max },
  }));
  const [{ instanceId } = { instanceId: '' }] = remediations;
  const earlier = new Map([[instanceId, collectionOf(instanceId, verified)]]);
  const raised = { ...head, remediations };
  const check = checkDrift(raised, [collectionOf(instanceId, later)], earlier, later.at.toISOString());
  return check?.nodes[0];
}

function collectionOf(instanceId: string, { evidence, at }: Look): NodeCollection {
  const assessment = assess(evidence, { instanceId, nonce: NONCE, catalogue });
  if (assessment.kind === 'failed') throw new Error(assessment.why);
  const { plan: _plan, ...outcome } = assessment;
  return { instanceId, collection: 1, collectedAt: at.toISOString(), outcome };
}
