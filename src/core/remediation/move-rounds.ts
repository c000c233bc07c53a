import type { Decision, IncidentHead, Transition } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';

/** Decisions that a head holds at most before any are moved: far more than anybody takes who gets what was wanted. */
const DECISIONS_MOST = 80;

/** A rollback that was ordered after the end and led back to where it began. */
export interface Round {
  readonly decision: Decision;
  /** That it was ordered, and that it ended. */
  readonly transitions: readonly Transition[];
}

/**
 * Takes out of a head the rounds that changed nothing, once it holds many decisions: rollbacks after the end of which no step
 * is there any more, because each took nothing back and another one followed on its node (`partSteps`). The newest decision, the
 * newest move, and whatever a step or an association names stay, so that all that is judged of the head is the same as before.
 * @returns nothing where nothing is to be moved
 */
export function partRounds(
  head: IncidentHead,
  most = DECISIONS_MOST,
): { readonly head: IncidentHead; readonly moved: readonly Round[] } | undefined {
  const { decisions, transitions, remediations, association } = head;
  if (decisions.length <= most) return undefined;
  const named = new Set([...remediations.map(({ decision }) => decision), association?.decision]);
  const begun = new Map(
    transitions.map((move, at) => [move.to === 'rolling-back' ? move.at : '', at] as const),
  );
  const gone = new Set<Transition>();
  const moved = decisions.slice(0, -1).flatMap((decision): Round[] => {
    if (decision.kind !== 'rollback' || named.has(decision.number)) return [];
    const at = begun.get(decision.at) ?? transitions.length;
    const [first, second] = [transitions[at], transitions[at + 1]];
    const isFutile =
      first?.from !== undefined &&
      isClosed(first.from) &&
      second?.from === first.to &&
      second.to === first.from;
    // The newest move says how things came to stand as they do.
    if (!isFutile || second === transitions.at(-1)) return [];
    gone.add(first).add(second);
    return [{ decision, transitions: [first, second] }];
  });
  if (moved.length === 0) return undefined;
  const numbers = new Set(moved.map(({ decision }) => decision.number));
  return {
    head: {
      ...head,
      decisions: decisions.filter(({ number }) => !numbers.has(number)),
      transitions: transitions.filter((move) => !gone.has(move)),
      movedRounds: (head.movedRounds ?? 0) + moved.length,
    },
    moved,
  };
}

/**
 * Puts a head together with the rounds that were moved out of it. One that stands in both was about to be moved.
 * @returns nothing where not all of them are there
 */
export function gatherRounds(head: IncidentHead, beside: readonly Round[]): IncidentHead | undefined {
  const { movedRounds = 0, ...rest } = head;
  if (movedRounds === 0) return head;
  const here = new Set(head.decisions.map(({ number }) => number));
  const moved = beside.filter(({ decision }) => !here.has(decision.number));
  if (moved.length !== movedRounds) return undefined;
  const decisions = [...head.decisions, ...moved.map(({ decision }) => decision)];
  const transitions = [...head.transitions, ...moved.flatMap((round) => round.transitions)];
  return {
    ...rest,
    decisions: decisions.toSorted((a, b) => a.number - b.number),
    transitions: transitions.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}
