import type { IncidentHead, Remediation } from '../record/incident.ts';

/**
 * Steps that a head holds before any are moved. A change and a rollback of each node of the largest incident, of which none may be,
 * are still below the 400 KB that an item of DynamoDB may have.
 */
const STEPS_MOST = 150;

/** After so long nothing can come in any more of a step, whatever became of it: a command and its function have minutes. */
const LONG_OVER_MS = 60 * 60_000;

/** What stays in a head, and what is kept beside it. */
export interface PartedSteps {
  readonly head: IncidentHead;
  readonly moved: readonly Remediation[];
}

/**
 * Takes out of a head what says no more of how things stand, once it holds many steps: rollbacks that took nothing back and
 * that another rollback of their node followed. What was changed, what was taken back, the newest rollback of each node and
 * whatever may still get an answer stay, so that all that is judged of the head is the same as before (`nodeStates`).
 * @returns nothing where nothing is to be moved
 */
export function partSteps(head: IncidentHead, most = STEPS_MOST): PartedSteps | undefined {
  const { remediations } = head;
  if (remediations.length <= most) return undefined;
  const newest = new Map(
    remediations.filter(({ kind }) => kind === 'rollback').map((step) => [step.instanceId, step]),
  );
  // It says in which order nodes were touched.
  const first = new Map(remediations.toReversed().map((step) => [step.instanceId, step]));
  const isPast = (step: Remediation) =>
    step !== first.get(step.instanceId) && isSuperseded(step, newest.get(step.instanceId));
  const moved = remediations.filter(isPast);
  if (moved.length === 0) return undefined;
  const movedSteps = (head.movedSteps ?? 0) + moved.length;
  return { head: { ...head, remediations: remediations.filter((step) => !isPast(step)), movedSteps }, moved };
}

function isSuperseded(step: Remediation, newest: Remediation | undefined): boolean {
  if (step.kind !== 'rollback' || newest === undefined || step === newest) return false;
  const { outcome, claimedAt } = step;
  if (outcome === 'rolled-back' || outcome === 'unchanged') return false;
  if (outcome === 'refused' || outcome === 'failed') return true;
  return Date.parse(newest.claimedAt) - Date.parse(claimedAt) > LONG_OVER_MS;
}

/**
 * Puts a head together with the steps that were moved out of it, in the order in which they were ordered. A step that stands in
 * both is one that was about to be moved: the head's is the newer one.
 * @returns nothing where not all of them are there
 */
export function gatherSteps(head: IncidentHead, beside: readonly Remediation[]): IncidentHead | undefined {
  const { movedSteps = 0, ...rest } = head;
  if (movedSteps === 0) return head;
  const nameOf = ({ decision, instanceId, kind }: Remediation) => `${decision} ${instanceId} ${kind}`;
  const here = new Set(head.remediations.map(nameOf));
  const moved = beside.filter((step) => !here.has(nameOf(step)));
  if (moved.length !== movedSteps) return undefined;
  // One claim names its nodes in the order in which they were first touched, and what touched them first stays in the head.
  const places = new Map(
    [...new Set(head.remediations.map(({ instanceId }) => instanceId))].map((id, at) => [id, at]),
  );
  const placeOf = ({ instanceId }: Remediation) => places.get(instanceId) ?? places.size;
  const remediations = [...head.remediations, ...moved].toSorted(
    (a, b) =>
      a.decision - b.decision || Date.parse(a.claimedAt) - Date.parse(b.claimedAt) || placeOf(a) - placeOf(b),
  );
  return { ...rest, remediations };
}
