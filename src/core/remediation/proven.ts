import type { DecisionProof } from '../ports.ts';
import type { Decision, IncidentHead } from '../record/incident.ts';

/**
 * Holds a stored decision against what its person signed.
 * @param id of the incident that was asked for; a record that names another one is none of it
 * @param number of the decision
 * @returns the refusal in one sentence, or nothing
 */
export async function refuseUnproven(
  proof: DecisionProof,
  id: string,
  head: IncidentHead,
  number: number,
): Promise<string | undefined> {
  const decision = head.id === id ? decisionOf(head, number) : undefined;
  return decision === undefined
    ? `Decision ${number} of ${id} is not the newest on record, so nothing was sent to any node.`
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
  return proven.id === now.id && textOf(decisionOf(proven, number)) === textOf(decisionOf(now, number))
    ? undefined
    : `Decision ${number} of ${now.id} was changed while it was carried out, so nothing was sent to any node.`;
}

/** The newest decision, which is the only one that is acted on: a record could hold two of one number. */
function decisionOf({ decisions }: IncidentHead, number: number): Decision | undefined {
  const newest = decisions.at(-1);
  return newest?.number === number ? newest : undefined;
}

/** The schema gives the fields their order, so equal decisions have equal texts. */
const textOf = (decision: Decision | undefined): string => JSON.stringify(decision ?? null);
