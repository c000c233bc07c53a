import type { DecisionProof } from '../ports.ts';
import type { Decision, IncidentHead } from '../record/incident.ts';
import { sha256 } from '../sha256.ts';

/**
 * Holds a stored decision against what its person signed.
 * @param number of the decision
 * @returns the refusal in one sentence, or nothing
 */
export async function refuseUnproven(
  proof: DecisionProof,
  head: IncidentHead,
  number: number,
): Promise<string | undefined> {
  const decision = decisionOf(head, number);
  return decision === undefined
    ? `Decision ${number} of ${head.id} is not on record, so nothing was sent to any node.`
    : await proof.refuse(head, decision);
}

/**
 * Whether the decision that is about to be claimed is still the one that was proven: somebody may have written the record
 * in between.
 */
export function refuseOtherDecision(
  proven: IncidentHead,
  now: IncidentHead,
  number: number,
): string | undefined {
  return textOf(decisionOf(proven, number)) === textOf(decisionOf(now, number))
    ? undefined
    : `Decision ${number} of ${now.id} was changed while it was carried out, so nothing was sent to any node.`;
}

const decisionOf = ({ decisions }: IncidentHead, number: number): Decision | undefined =>
  decisions.find((one) => one.number === number);

/** The schema gives the fields their order, so equal decisions have equal texts. */
const textOf = (decision: Decision | undefined): string => sha256(JSON.stringify(decision ?? null));
