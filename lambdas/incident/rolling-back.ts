import { inBatches } from '../../src/adapters/lookups/pages.ts';
import { RecordRefusedError } from '../../src/core/errors.ts';
import { COMMAND_NODES_MOST } from '../../src/core/record/bounds.ts';
import type { Decision, IncidentState } from '../../src/core/record/incident.ts';
import { stepsOf } from '../../src/core/remediation/claim.ts';
import { isOutcomeOpen } from '../../src/core/remediation/outcome.ts';
import { reversibleNodes } from '../../src/core/remediation/steps.ts';
import { whyNotRolledBack } from '../../src/core/remediation/verify.ts';
import type { Outcome, Workflow } from './workflow.ts';

/** Carries out a rollback that was ordered after the end; what changes nothing leads back to where it began. */
export async function rollBackAfterwards(workflow: Workflow, number: number): Promise<IncidentState> {
  const { record, aftermath } = workflow;
  const decision = await record.read('read decision', ({ decisions }) =>
    decisions.find((one) => one.number === number),
  );
  if (decision?.kind !== 'rollback') throw new RecordRefusedError(`decision ${number} is no rollback.`);
  const over = await workflow.decisions.lifeOver(decision);
  const outcome = over === null ? await rollBack(workflow, decision) : { waits: over.why };
  if (!('ended' in outcome)) return await record.endAsBefore(outcome.waits ?? '');
  await aftermath.postUndone(number);
  return outcome.ended;
}

/**
 * The first changed node, then the others. A node that refuses stays as it is; a lost answer stops what would follow. Then
 * the nodes are read: what the card says of them is what they show now.
 */
export async function rollBack(
  workflow: Workflow,
  { number, actor, instanceIds: wanted }: Decision,
): Promise<Outcome> {
  const { record, orders, aftermath } = workflow;
  const before = await record.read('look for changes', reversibleNodes);
  const isWanted = new Set(wanted ?? before);
  const changed = before.filter((id) => isWanted.has(id));
  await record.move('rolling-back', actor);
  const stillKept = await aftermath.manageAssociation(number, 'delete');
  if (stillKept !== '') return { waits: stillKept };
  const orderOf = (instanceIds: readonly string[]) =>
    ({ kind: 'rollback', decision: number, instanceIds }) as const;
  const waves = [changed.slice(0, 1), ...inBatches(changed.slice(1), COMMAND_NODES_MOST)];
  const ordered = await orders.orderRollbacks(waves.map(orderOf));
  await orders.readBack(orderOf(changed), ordered);
  const { left, bad, isLost } = await record.read('look for what is left', (head) => {
    const steps = stepsOf(head, orderOf(changed));
    return {
      left: reversibleNodes(head),
      bad: whyNotRolledBack(steps, changed),
      isLost: steps.some(isOutcomeOpen),
    };
  });
  if (left.length === 0) return { ended: await record.end('rolled-back') };
  const why = bad === '' ? ordered.why : bad;
  if (left.length < before.length) {
    const others = `${changed.join(', ')}: rolled back by a click; the others stay changed.`;
    return { ended: await record.end('partially-applied', why === '' ? others : why) };
  }
  return isLost ? { ended: await record.end('failed', why) } : { waits: why };
}
