import { refuseUnsendable } from '../plan/command-bounds.ts';
import { asRaise, entriesOf, isOfLimit, settingsOf } from '../plan/kinds.ts';
import type { Offer, OfferedRemediation } from '../record/diagnosis.ts';
import type { NodePlan, RaisePlan } from '../record/plan.ts';
import { type Snapshot, UNKNOWN_LENGTH } from '../snapshot/snapshot.ts';
import type { Match, Signature } from './signature.ts';

/** A signature that matched, with its match. */
export interface RankedMatch {
  readonly signature: Signature;
  readonly match: Match;
}

/**
 * What is offered against the primary mode: one change of one kind, or none with the reason.
 *
 * @param others the other modes that matched, which may forbid a raise
 */
export function offerFor(
  primary: RankedMatch,
  others: readonly RankedMatch[],
  snapshot: Snapshot,
  instanceId: string,
): { offer: Offer; plan: NodePlan | undefined } {
  const { remediation } = primary.signature;
  const noRaise = refuseRaise(primary, others);
  const none = (why: string) => ({ offer: { raise: false, why, remediations: [] }, plan: undefined });
  if (remediation === undefined) return none(noRaise ?? 'A larger table does not fix this failure mode.');
  const isRaise = isOfLimit(remediation.kind);
  if (isRaise && noRaise !== undefined) return none(noRaise);
  const planned = refuseEvidence(snapshot, isRaise) ?? remediation.plan(snapshot, instanceId);
  const plan = typeof planned === 'string' ? planned : (refuseUnsendable(planned) ?? planned);
  if (typeof plan === 'string') return none(isRaise ? plan : sentencesOf(noRaise, plan));
  const why = remediation.why(plan, primary.match.impact);
  const offered = offeredRemediation(plan, why);
  const raise = asRaise(plan);
  if (raise !== undefined) return { offer: raiseOffer(raise, offered), plan };
  return { offer: { raise: false, why: noRaise ?? why, remediations: [offered] }, plan };
}

function raiseOffer({ max, buckets, memoryBytes }: RaisePlan, offered: OfferedRemediation): Offer {
  return {
    raise: true,
    why: offered.why,
    nf_conntrack_max: max,
    nf_conntrack_buckets: buckets,
    memoryBytes,
    remediations: [offered],
  };
}

function offeredRemediation(plan: NodePlan, why: string): OfferedRemediation {
  const entries = entriesOf(plan);
  const offered = { kind: plan.kind, changes: [...settingsOf(plan)] };
  return entries === undefined ? { ...offered, why } : { ...offered, entries, why };
}

/** Why nf_conntrack_max is not to be raised, whatever the evidence is worth; `undefined` when it may be. */
function refuseRaise(primary: RankedMatch, others: readonly RankedMatch[]): string | undefined {
  if (!primary.match.raise.allowed) return primary.match.raise.why;
  // A match that offers a raise where a larger table fixes nothing is overruled.
  if (primary.signature.raiseEnds === undefined) return 'A larger table does not fix this failure mode.';
  return [primary, ...others].find(({ match }) => match.blocksRaise !== undefined)?.match.blocksRaise;
}

/** Why no change at all may rest on this evidence. */
function refuseEvidence(
  { identity, windowSeconds, halfApplied }: Snapshot,
  isRaise: boolean,
): string | undefined {
  const { isInitialNetns } = identity;
  if (isInitialNetns.known && !isInitialNetns.value) {
    return isRaise
      ? 'The evidence is from a network namespace of its own; the limit can only be written in the initial one.'
      : 'The evidence is from a network namespace of its own, so nothing is changed on its word.';
  }
  if (!windowSeconds.known)
    return `No ${isRaise ? 'raise' : 'change'} without two samples: ${windowSeconds.why}.`;
  if (windowSeconds.value === UNKNOWN_LENGTH)
    return `No ${isRaise ? 'raise' : 'change'} without the time between the two samples.`;
  if (halfApplied.known && halfApplied.value) {
    return 'An earlier change on this node was begun and not finished; the next run of a script finishes or reverts it first.';
  }
  return undefined;
}

const sentencesOf = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join(' ');
