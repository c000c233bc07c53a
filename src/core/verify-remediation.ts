import type { RemediationOrder } from './authorise-remediation.ts';
import { type RemediationNews, stepsOf, updateRemediation } from './claim-remediation.ts';
import type { IncidentHead, NodeCollection, Remediation } from './incident.ts';
import { lockHolder } from './lock-holder.ts';
import type { IncidentStore } from './ports.ts';
import { type Expectation, isUnsettled, settleFromNode } from './settle-remediation.ts';
import { verifyRaise } from './verify.ts';

/** What became of an order, in one sentence. */
export interface Verdict {
  readonly passed: boolean;
  readonly why: string;
}

/**
 * Holds the steps of an order against a collection made after them: lost outcomes are settled by what the node shows, and
 * a raise is verified against its plan. Nothing is sent.
 * @param over nodes on which the command has certainly ended
 */
export async function verifyRemediation(
  store: IncidentStore,
  id: string,
  order: RemediationOrder,
  over: readonly string[],
): Promise<void> {
  const incident = await store.load(id);
  if (incident === undefined) throw new Error(`${id} is not in the table any more, so nothing was verified.`);
  const { head, collections } = incident;
  const news = new Map<string, RemediationNews>();
  for (const step of stepsOf(head, order)) {
    const after = collections.find(({ instanceId }) => instanceId === step.instanceId);
    if (after === undefined || after.collection !== head.collection) continue;
    news.set(step.instanceId, await newsOf(store, head, step, after, over.includes(step.instanceId)));
  }
  const updated = await store.update(id, (now) =>
    updateRemediation(now, order, ({ instanceId }) => news.get(instanceId) ?? {}),
  );
  if (!updated.ok) throw new Error(updated.refusal);
  for (const step of stepsOf(updated.head, order)) {
    if (step.outcome !== 'unknown') await store.unlockNode(step.instanceId, lockHolder(id, order.decision));
  }
}

async function newsOf(
  store: IncidentStore,
  head: IncidentHead,
  step: Remediation,
  after: NodeCollection,
  isOver: boolean,
): Promise<RemediationNews> {
  const settled = settleFromNode(step, { ...expectedMax(head, step), isOver }, after);
  const { outcome } = { ...step, ...settled };
  const plan = head.plan?.nodes.find(({ instanceId }) => instanceId === step.instanceId);
  if (step.kind === 'rollback' || plan === undefined || (outcome !== 'raised' && outcome !== 'unchanged'))
    return settled;
  const before = await store.collection(head.id, step.instanceId, head.plan?.collection ?? 0);
  if (before === undefined) return settled;
  const { passed, why } = verifyRaise(plan, before, after);
  const told = [why, ...(step.warnings ?? [])].join(' ');
  const verification = { passed, why: told, collection: after.collection };
  return { ...settled, verification };
}

/** The plan says what a raise changes; what a raise reported, or else its plan, says what a rollback restores. */
function expectedMax({ plan, remediations }: IncidentHead, step: Remediation): Omit<Expectation, 'isOver'> {
  const planned = plan?.nodes.find(({ instanceId }) => instanceId === step.instanceId)?.max;
  const raised = remediations.findLast(
    ({ kind, instanceId }) => kind === 'raise' && instanceId === step.instanceId,
  )?.max;
  const { before, after } = raised ?? { before: planned?.from, after: planned?.to };
  return step.kind === 'raise' ? { before: planned?.from, after: planned?.to } : { before, after };
}

/** The verdict on an order as it stands in the record: passed when every node was raised and verified. */
export function verdictOf(head: IncidentHead, order: RemediationOrder): Verdict {
  const steps = stepsOf(head, order);
  const missing = order.instanceIds.filter((id) => !steps.some(({ instanceId }) => instanceId === id));
  const bad = steps.find(({ verification }) => verification?.passed !== true);
  if (bad !== undefined) return { passed: false, why: reasonOf(bad) };
  if (missing.length > 0) return { passed: false, why: `${missing.join(', ')}: not touched.` };
  return { passed: true, why: steps.map(({ verification }) => verification?.why ?? '').join(' ') };
}

/** Whether a step ended well enough to go on with the next one. */
export function isDone({ outcome }: Remediation): boolean {
  return outcome === 'raised' || outcome === 'rolled-back' || outcome === 'unchanged';
}

/** Whether a node has to be read after this step, to verify it or to learn what it did. */
export function needsReading(step: Remediation): boolean {
  return step.kind === 'raise' ? step.outcome !== 'refused' : isUnsettled(step);
}

/** One sentence on a step that did not end well, with the node in front. */
export function reasonOf({ instanceId, kind, outcome, detail, verification }: Remediation): string {
  const said = verification?.why ?? detail ?? `${kind} ${outcome ?? 'without an answer'}`;
  const named = said.startsWith(instanceId) ? said : `${instanceId}: ${said}`;
  return outcome === 'refused' && verification === undefined
    ? named.replace(/^([^:]+): /, `$1: ${kind} refused: `)
    : named;
}
