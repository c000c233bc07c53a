import type { IncidentHead } from '../../core/record/incident.ts';
import { MOVED_STEPS_VERSION } from '../../core/record/stored.ts';
import { gatherSteps, partSteps } from '../../core/remediation/move-steps.ts';
import { RecordConflictError } from '../errors.ts';
import type { DynamoDocuments } from './documents.ts';
import { STEPS, StepItem, stepKey } from './items.ts';

/** Steps that are written beside each other. */
const AT_ONCE = 10;

/**
 * A head as it is to be written, with the steps that it need not hold kept as items of their own. They are written before the
 * head that lacks them: who is killed in between leaves them in both. What was copied for a newer head stays.
 */
export async function withSteps(documents: DynamoDocuments, head: IncidentHead): Promise<IncidentHead> {
  const parted = partSteps(head);
  if (parted === undefined) return head;
  const { id, revision } = head;
  const { moved } = parted;
  for (let from = 0; from < moved.length; from += AT_ONCE)
    await Promise.all(
      moved.slice(from, from + AT_ONCE).map(async (step) => {
        const item: StepItem = { ...stepKey(id, step), version: MOVED_STEPS_VERSION, revision, step };
        await documents.put(item, {
          expression: 'attribute_not_exists(pk) OR revision < :revision',
          values: { ':revision': revision },
        });
      }),
    );
  return parted.head;
}

/**
 * A head with all its steps.
 * @throws RecordConflictError when some of them are nowhere
 */
export async function withAllSteps(documents: DynamoDocuments, head: IncidentHead): Promise<IncidentHead> {
  if (head.movedSteps === undefined) return head;
  const items = await documents.query(head.id, STEPS, StepItem);
  const whole = gatherSteps(
    head,
    items.map(({ step }) => step),
  );
  if (whole === undefined)
    throw new RecordConflictError(
      `${head.id} says that ${head.movedSteps} of its steps are stored beside it, and not all of them are there.`,
    );
  return whole;
}
