import type { IncidentHead } from '../../core/record/incident.ts';
import { MOVED_ROUNDS_VERSION, MOVED_STEPS_VERSION } from '../../core/record/stored.ts';
import { gatherRounds, partRounds } from '../../core/remediation/move-rounds.ts';
import { gatherSteps, partSteps } from '../../core/remediation/move-steps.ts';
import { RecordConflictError } from '../errors.ts';
import { ABSENT, type DynamoDocuments } from './documents.ts';
import { ROUNDS, RoundItem, roundKey, STEPS, StepItem, stepKey } from './items.ts';

/** Items that are written beside each other. */
const AT_ONCE = 10;

/**
 * A head as it is to be written, with what it need not hold kept as items of their own. They are written before the head that
 * lacks them: who is killed in between leaves them in both. What was copied for a newer head stays.
 */
export async function withoutPast(documents: DynamoDocuments, head: IncidentHead): Promise<IncidentHead> {
  const { id, revision } = head;
  const steps = partSteps(head);
  await besideEachOther(steps?.moved ?? [], async (step) => {
    const item: StepItem = { ...stepKey(id, step), version: MOVED_STEPS_VERSION, revision, step };
    await documents.put(item, {
      expression: 'attribute_not_exists(pk) OR revision < :revision',
      values: { ':revision': revision },
    });
  });
  const withoutSteps = steps?.head ?? head;
  const rounds = partRounds(withoutSteps);
  await besideEachOther(rounds?.moved ?? [], async (round) => {
    const item: RoundItem = {
      ...roundKey(id, round.decision),
      version: MOVED_ROUNDS_VERSION,
      decision: round.decision,
      transitions: [...round.transitions],
    };
    // It has ended and never changes any more, so what is there already is the same.
    await documents.put(item, ABSENT);
  });
  return rounds?.head ?? withoutSteps;
}

/**
 * A head with all its steps and decisions.
 * @throws RecordConflictError when some of them are nowhere
 */
export async function withPast(documents: DynamoDocuments, head: IncidentHead): Promise<IncidentHead> {
  const { id, movedSteps, movedRounds } = head;
  const steps = movedSteps === undefined ? [] : await documents.query(id, STEPS, StepItem);
  const rounds = movedRounds === undefined ? [] : await documents.query(id, ROUNDS, RoundItem);
  const withRounds = gatherRounds(head, rounds);
  const whole =
    withRounds &&
    gatherSteps(
      withRounds,
      steps.map(({ step }) => step),
    );
  if (whole === undefined)
    throw new RecordConflictError(
      `${id} says that ${movedSteps ?? 0} of its steps and ${movedRounds ?? 0} of its decisions are stored beside it, and not all of them are there.`,
    );
  return whole;
}

async function besideEachOther<T>(all: readonly T[], write: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE)
    await Promise.all(all.slice(from, from + AT_ONCE).map(write));
}
