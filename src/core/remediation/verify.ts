import type { Catalogue } from '../diagnosis/signature.ts';
import { stepName } from '../plan/kinds.ts';
import type { IncidentStore } from '../ports.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY } from '../record/settings.ts';
import type { RemediationOrder } from './authorise.ts';
import { type RemediationNews, stepsOf, updateRemediation } from './claim.ts';
import { lockHolder } from './lock-holder.ts';
import { remediationOf } from './remediation-of.ts';
import { type Expectation, isUnsettled, settleFromNode } from './settle.ts';
import { isApplied, newestChange } from './steps.ts';
import { verifyChange } from './verify-raise.ts';

/** What became of an order, in one sentence. */
export interface OrderResult {
  readonly passed: boolean;
  readonly why: string;
}

/**
 * Holds the steps of an order against a collection made after them: lost outcomes are settled by what the node shows, and
 * a change is verified against its plan by the definition of its kind. Nothing is sent.
 * @param over nodes on which the command has certainly ended
 */
export async function verifyRemediation(
  store: IncidentStore,
  catalogue: Catalogue,
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
    news.set(
      step.instanceId,
      await newsOf(store, catalogue, head, step, after, over.includes(step.instanceId)),
    );
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
  catalogue: Catalogue,
  head: IncidentHead,
  step: Remediation,
  after: NodeCollection,
  isOver: boolean,
): Promise<RemediationNews> {
  const against = catalogue.flatMap(({ id, remediation }) => (remediation?.kind === step.kind ? [id] : []));
  const settled = settleFromNode(step, { values: expectedValues(head, step), against, isOver }, after);
  const known = { ...step, ...settled };
  const plan = head.plan?.nodes.find(({ instanceId }) => instanceId === step.instanceId);
  const isToVerify = isApplied(known) || (step.kind !== 'rollback' && known.outcome === 'unchanged');
  if (!isToVerify || plan === undefined) return settled;
  const before = await store.collection(head.id, step.instanceId, head.plan?.collection ?? 0);
  if (before === undefined) return settled;
  const { passed, why } = verifyChange(remediationOf(catalogue, plan.kind), plan, before, after);
  const told = [why, ...(step.warnings ?? [])].join(' ');
  const verification = { passed, why: told, collection: after.collection };
  return { ...settled, verification };
}

/** The plan says what a change writes; what a change reported, or else its plan, says what a rollback restores. */
function expectedValues(head: IncidentHead, step: Remediation): Expectation['values'] {
  const planned = head.plan?.nodes.find(({ instanceId }) => instanceId === step.instanceId);
  const values = planned === undefined ? [] : plannedValues(planned);
  if (step.kind !== 'rollback') return values;
  const change = newestChange(head, step.instanceId);
  if (change?.max !== undefined) return [{ key: MAX_KEY, ...change.max }];
  if (change?.values !== undefined) return restorable(change.values);
  return restorable(values);
}

/** A rollback leaves buckets as they are, so they do not tell whether it ran. */
const restorable = (values: Expectation['values']): Expectation['values'] =>
  values.filter(({ key }) => key !== BUCKETS_KEY);

/** A deletion has none: it leaves no setting behind. */
function plannedValues(plan: NodePlan): Expectation['values'] {
  if (plan.kind === 'raise-max') return [{ key: MAX_KEY, before: plan.max.from, after: plan.max.to }];
  if (plan.kind === 'delete-udp-entries') return [];
  return plan.changes.map(({ key, from, to }) => ({ key, before: from, after: to }));
}

/** The result of an order as it stands in the record: passed when every node was changed and verified. */
export function orderResultOf(head: IncidentHead, order: RemediationOrder): OrderResult {
  const steps = stepsOf(head, order);
  const missing = order.instanceIds.filter((id) => !steps.some(({ instanceId }) => instanceId === id));
  const bad = steps.find(({ verification }) => verification?.passed !== true);
  if (bad !== undefined) return { passed: false, why: reasonOf(bad) };
  if (missing.length > 0) return { passed: false, why: `${missing.join(', ')}: not touched.` };
  return { passed: true, why: steps.map(({ verification }) => verification?.why ?? '').join(' ') };
}

const DONE: ReadonlySet<string> = new Set(['raised', 'changed', 'rolled-back', 'unchanged']);

/** Whether a step ended well enough to go on with the next one. */
export function isDone({ outcome }: Remediation): boolean {
  return outcome !== undefined && DONE.has(outcome);
}

/** Whether a node has to be read after this step, to verify it or to learn what it did. */
export function needsReading(step: Remediation): boolean {
  return step.kind === 'rollback' ? isUnsettled(step) : step.outcome !== 'refused';
}

/** One sentence on a step that did not end well, with the node in front. */
export function reasonOf({ instanceId, kind, outcome, detail, verification }: Remediation): string {
  const said = verification?.why ?? detail ?? `${stepName(kind)} ${outcome ?? 'without an answer'}`;
  const named = said.startsWith(instanceId) ? said : `${instanceId}: ${said}`;
  return outcome === 'refused' && verification === undefined
    ? named.replace(/^([^:]+): /, `$1: ${stepName(kind)} refused: `)
    : named;
}
