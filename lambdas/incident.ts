import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import * as z from 'zod';
import { changedNodes, reversibleNodes } from '../src/core/card/results.ts';
import type { Decision, IncidentState } from '../src/core/record/incident.ts';
import { closedPlatformAdvice } from '../src/core/runbook/closed-platforms.ts';
import { IncidentAftermath } from './incident/aftermath.ts';
import { openIncidentParts } from './incident/parts.ts';

/** A new incident, or a rollback of one that has ended or keeping its raise, by the number of the decision. */
const IncidentEvent = z.strictObject({
  incidentId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  rollback: z.number().int().min(1).optional(),
  keep: z.number().int().min(1).optional(),
});

/** Either the incident has ended, or it waits for the next decision, with the reason when something was refused. */
type Outcome = { readonly ended: IncidentState } | { readonly waits: string | undefined };

const parts = openIncidentParts();

/** The life of one incident as a durable function: it may wait for hours and keeps its place. */
export const handler = withDurableExecution(
  async (event: unknown, ctx: DurableContext): Promise<IncidentState> => {
    const { incidentId, rollback, keep } = IncidentEvent.parse(event);
    const steps = new IncidentAftermath(ctx, incidentId, parts);
    try {
      if (keep !== undefined) return await steps.keepOnGroup(keep);
      return rollback === undefined ? await heal(steps) : await rollBackAfterwards(steps, rollback);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return await steps.end('failed', `Stopped by an error of the service: ${why}`);
    }
  },
);

/** From the alarm to the end. */
async function heal(steps: IncidentAftermath): Promise<IncidentState> {
  const { instanceIds, gaps } = await steps.resolveNodes();
  if (instanceIds.length === 0) {
    if (closedPlatformAdvice(gaps) !== undefined) await steps.postRunbook();
    return await steps.end('failed', gaps.join(' '));
  }
  let outcome = await examine(steps, instanceIds);
  while (!('ended' in outcome)) {
    const decision = await steps.waitForDecision(outcome.waits);
    if (decision !== undefined) outcome = await carryOut(steps, decision);
  }
  await steps.postLasting();
  await steps.watchForDrift();
  return outcome.ended;
}

/** Collects, diagnoses and plans; without anything to decide the incident ends here. */
async function examine(steps: IncidentAftermath, instanceIds: readonly string[]): Promise<Outcome> {
  await steps.collect(instanceIds);
  const outlook = await steps.diagnose(instanceIds);
  if (outlook.kind === 'no-evidence') return { ended: await steps.end('failed', outlook.why) };
  await steps.postRunbook();
  if (outlook.kind === 'planned') return { waits: undefined };
  const changed = await steps.read('look for changes', changedNodes);
  const ended =
    changed.length === 0
      ? await steps.end('no-fix-offered', outlook.why)
      : await steps.end('resolved', `The other nodes need no change: ${outlook.why}`);
  return { ended };
}

async function carryOut(steps: IncidentAftermath, decision: Decision): Promise<Outcome> {
  const { kind, actor } = decision;
  switch (kind) {
    case 'apply-one':
    case 'apply-all':
      return await apply(steps, decision);
    case 'rollback':
      return await rollBack(steps, decision);
    case 'dismiss':
      return { ended: await steps.end('dismissed', 'Dismissed by a click.', actor) };
    case 'timeout':
      return { ended: await steps.end('expired', 'Nobody decided in time.') };
    case 'alarm-ok':
      return (await steps.endIfAlarmIsOk()) ? { ended: 'resolved' } : await examineAgain(steps);
    case 'refresh':
      return await examineAgain(steps);
    case 'keep':
      return { waits: 'Keeping the raise on the group is possible once it is verified.' };
  }
}

async function examineAgain(steps: IncidentAftermath): Promise<Outcome> {
  const instanceIds = await steps.read('look for open nodes', ({ nodes, plan, remediations }) =>
    (remediations.length > 0 ? (plan?.nodes ?? []) : nodes).map(({ instanceId }) => instanceId),
  );
  await steps.move('collecting');
  return await examine(steps, instanceIds);
}

/** One node, verified; then the others, group by group, verified. The first failure stops everything after it. */
async function apply(steps: IncidentAftermath, { kind, number, actor }: Decision): Promise<Outcome> {
  const { change, canary, groups } = await steps.approvedNodes();
  const orderOf = (instanceIds: readonly string[]) => ({ kind: change, decision: number, instanceIds });
  const rest = groups.flat();
  if (canary !== null) {
    const untouched = rest.length === 0 ? '' : ' No other node was touched.';
    await steps.move('applying-canary', actor);
    const ordered = await steps.order(orderOf([canary]));
    if (ordered.toRead.length === 0)
      return { ended: await steps.end('failed', `${ordered.why}${untouched}`) };
    await steps.move('verifying');
    const verdict = await steps.verify(orderOf([canary]), ordered, kind === 'apply-one' ? rest : []);
    if (!verdict.passed) return { ended: await steps.end('failed', `${verdict.why}${untouched}`) };
    if (rest.length === 0) return { ended: await steps.end('resolved') };
    if (kind === 'apply-one') return await offerRest(steps, rest);
  }
  await steps.move('applying-rest', actor);
  const { toRead, over, why } = await steps.orderInTurn(groups.map(orderOf));
  if (toRead.length === 0) return { ended: await steps.end('partially-applied', why) };
  await steps.move('verifying');
  const verdict = await steps.verify(orderOf(rest), { toRead, over });
  if (!verdict.passed) return { ended: await steps.end('partially-applied', verdict.why) };
  return { ended: await steps.end('resolved') };
}

/** After one node: a fresh plan for the others from what was read along with it, and another click. */
async function offerRest(steps: IncidentAftermath, rest: readonly string[]): Promise<Outcome> {
  const outlook = await steps.diagnose(rest);
  if (outlook.kind === 'planned') return { waits: undefined };
  if (outlook.kind === 'no-evidence') return { ended: await steps.end('partially-applied', outlook.why) };
  return { ended: await steps.end('resolved', `The other nodes need no change: ${outlook.why}`) };
}

async function rollBackAfterwards(steps: IncidentAftermath, number: number): Promise<IncidentState> {
  const decision = await steps.read('read decision', ({ decisions }) =>
    decisions.find((one) => one.number === number),
  );
  if (decision?.kind !== 'rollback') throw new Error(`decision ${number} is no rollback.`);
  const outcome = await rollBack(steps, decision);
  return 'ended' in outcome ? outcome.ended : await steps.endAsBefore(outcome.waits ?? '');
}

/** The first changed node, then the others. A node that refuses stays as it is; a lost answer stops what would follow. */
async function rollBack(
  steps: IncidentAftermath,
  { number, actor, instanceIds: wanted }: Decision,
): Promise<Outcome> {
  const before = await steps.read('look for changes', reversibleNodes);
  const changed = before.filter((id) => wanted === undefined || wanted.includes(id));
  await steps.move('rolling-back', actor);
  const stillKept = await steps.manageAssociation(number, 'delete');
  if (stillKept !== '') return { waits: stillKept };
  let why = '';
  let isLost = false;
  for (const instanceIds of [changed.slice(0, 1), changed.slice(1)]) {
    if (instanceIds.length === 0 || isLost) continue;
    const order = { kind: 'rollback', decision: number, instanceIds } as const;
    const ordered = await steps.order(order);
    why = ordered.isDone ? why : ordered.why;
    isLost = ordered.toRead.length > 0;
    if (isLost) await steps.verify(order, ordered);
  }
  const left = await steps.read('look for what is left', reversibleNodes);
  if (left.length === 0) return { ended: await steps.end('rolled-back') };
  if (left.length < before.length) {
    const rest = `${changed.join(', ')}: rolled back by a click; the others stay changed.`;
    return { ended: await steps.end('partially-applied', why === '' ? rest : why) };
  }
  return isLost ? { ended: await steps.end('failed', why) } : { waits: why };
}
