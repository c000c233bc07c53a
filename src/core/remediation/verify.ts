import type { Catalogue } from '../diagnosis/signature.ts';
import { BrokenCatalogueError, IncidentGoneError, RecordRefusedError } from '../errors.ts';
import { plannedValues, stepName } from '../plan/kinds.ts';
import type { AnyRemediation, Verification } from '../plan/remediation.ts';
import type { IncidentStore } from '../ports.ts';
import { byNode } from '../record/by-node.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { NodePlan, RemediationKind } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY } from '../record/settings.ts';
import { firstOf, withoutStop } from '../words.ts';
import type { RemediationOrder } from './authorise.ts';
import { type RemediationNews, stepsOf, updateRemediation } from './claim.ts';
import { type Expectation, outcomeFromNode } from './outcome.ts';
import { isApplied, type NodeState, nodeStates } from './steps.ts';

/** What became of an order, in one sentence. */
export interface OrderResult {
  readonly passed: boolean;
  readonly why: string;
}

/**
 * Holds the steps of an order against a collection made after them: lost outcomes are told by what the node shows, and
 * a change is verified against its plan by the definition of its kind. Nothing is sent.
 * @param over nodes on which the command has certainly ended
 * @returns the nodes on which nothing of the order runs any more: their locks can go
 */
export async function verifyRemediation(
  store: IncidentStore,
  catalogue: Catalogue,
  id: string,
  order: RemediationOrder,
  over: readonly string[],
): Promise<readonly string[]> {
  const incident = await store.load(id);
  if (incident === undefined)
    throw new IncidentGoneError(`${id} is not in the table any more, so nothing was verified.`);
  const { head, collections } = incident;
  const news = new Map<string, RemediationNews>();
  const [readings, plans, isOver] = [byNode(collections), byNode(head.plan?.nodes ?? []), new Set(over)];
  const states = nodeStates(head);
  for (const step of stepsOf(head, order)) {
    const { instanceId } = step;
    const after = readings.get(instanceId);
    if (after === undefined || after.collection !== head.collection) continue;
    const node = {
      plan: plans.get(instanceId),
      state: states.get(instanceId),
      after,
      isOver: isOver.has(instanceId),
    };
    news.set(instanceId, await newsOf(store, catalogue, head, step, node));
  }
  const updated = await store.update(id, (now) =>
    updateRemediation(now, order, ({ instanceId }) => news.get(instanceId) ?? {}),
  );
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  return stepsOf(updated.head, order).flatMap(({ instanceId, outcome, differs }) =>
    outcome !== 'unknown' || differs === true || isOver.has(instanceId) ? [instanceId] : [],
  );
}

/** What is known of the node of a step when it is verified. */
interface NodeOfStep {
  readonly plan: NodePlan | undefined;
  readonly state: NodeState | undefined;
  /** Read after the step. */
  readonly after: NodeCollection;
  /** The command has certainly ended on it. */
  readonly isOver: boolean;
}

async function newsOf(
  store: IncidentStore,
  catalogue: Catalogue,
  head: IncidentHead,
  step: Remediation,
  { plan, state, after, isOver }: NodeOfStep,
): Promise<RemediationNews> {
  const against = catalogue.flatMap(({ id, remediation }) => (remediation?.kind === step.kind ? [id] : []));
  const known = outcomeFromNode(step, { values: expectedValues(step, plan, state), against, isOver }, after);
  const told = { ...step, ...known };
  const isToVerify = isApplied(told) || (step.kind !== 'rollback' && told.outcome === 'unchanged');
  if (!isToVerify || plan === undefined) return known;
  const before = await store.collection(head.id, step.instanceId, head.plan?.collection ?? 0);
  if (before === undefined) return known;
  const { passed, why } = verifyChange(remediationOf(catalogue, plan.kind), plan, before, after);
  const words = [why, ...(step.warnings ?? [])].join(' ');
  const verification = { passed, why: words, collection: after.collection, at: after.collectedAt };
  return { ...known, verification };
}

/**
 * Holds a node against its plan by a collection made after the change: the same boot, nothing half done, and what the
 * kind itself asks for. Anything unknown fails: an unverified change is not a verified one.
 */
export function verifyChange(
  remediation: AnyRemediation,
  plan: NodePlan,
  before: NodeCollection,
  after: NodeCollection,
): Verification {
  const { passed, why } = judge(remediation, plan, before, after);
  return { passed, why: `${plan.instanceId}: ${why}` };
}

function judge(
  remediation: AnyRemediation,
  plan: NodePlan,
  before: NodeCollection,
  after: NodeCollection,
): Verification {
  const fail = (why: string): Verification => ({ passed: false, why });
  if (after.outcome.kind === 'failed') return fail(`the second collection failed: ${after.outcome.why}`);
  if (after.collection <= before.collection) return fail('the evidence is not newer than the change.');
  if (before.outcome.kind === 'failed') return fail('there is no evidence from before the change.');
  if (before.outcome.figures.bootId !== after.outcome.figures.bootId)
    return fail('the node rebooted since the plan was made.');
  if (after.outcome.halfApplied) return fail('the change on the node is only half done.');
  if (after.outcome.halfAppliedUnread === true)
    return fail('whether the change on the node is only half done could not be read.');
  return remediation.verify(plan, after.outcome, before.outcome);
}

/**
 * The definition of a kind; modes that share a kind share its definition.
 * @throws BrokenCatalogueError when no failure mode has it
 */
export function remediationOf(catalogue: Catalogue, kind: RemediationKind): AnyRemediation {
  const found = catalogue.find(({ remediation }) => remediation?.kind === kind)?.remediation;
  if (found === undefined)
    throw new BrokenCatalogueError(`No failure mode of the catalogue has the remediation ${kind}.`);
  return found;
}

/** The plan says what a change writes; what a change reported, or else its plan, says what a rollback restores. */
function expectedValues(
  step: Remediation,
  planned: NodePlan | undefined,
  state: NodeState | undefined,
): Expectation['values'] {
  const values = planned === undefined ? [] : plannedValues(planned);
  if (step.kind !== 'rollback') return values;
  const change = state?.changes.at(-1) ?? state?.undone?.changes.at(-1);
  if (change?.max !== undefined) return [{ key: MAX_KEY, ...change.max }];
  if (change?.values !== undefined) return restorable(change.values);
  return restorable(values);
}

/** A rollback leaves buckets as they are, so they do not tell whether it ran. */
const restorable = (values: Expectation['values']): Expectation['values'] =>
  values.filter(({ key }) => key !== BUCKETS_KEY);

/** The result of an order as it stands in the record: passed when every node was changed and verified. */
export function orderResultOf(head: IncidentHead, order: RemediationOrder): OrderResult {
  const steps = stepsOf(head, order);
  const touched = new Set(steps.map(({ instanceId }) => instanceId));
  const missing = order.instanceIds.filter((id) => !touched.has(id));
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

/** Whether a node has to be read after this step: to verify it, to learn what it did, or to show what is true after it. */
export function needsReading({ kind, outcome }: Remediation): boolean {
  return kind === 'rollback' || outcome !== 'refused';
}

/** One sentence on a step that did not end well, with the node in front. */
export function reasonOf(step: Remediation): string {
  const { instanceId, kind, outcome, detail, verification } = step;
  const said = verification?.why ?? detail ?? `${stepName(kind)} ${outcome ?? 'without an answer'}`;
  const named = said.startsWith(instanceId) ? said : `${instanceId}: ${said}`;
  return verification === undefined && isRefusedByNode(step)
    ? named.replace(/^([^:]+): /, `$1: ${stepName(kind)} refused: `)
    : named;
}

/** Whether the node itself refused: one that no command was sent to, or reached, said nothing. */
export const isRefusedByNode = ({ outcome, setAside, commandId }: Remediation): boolean =>
  outcome === 'refused' && (setAside === undefined ? commandId !== undefined : setAside === 'refused');

/** Most nodes that a sentence names beside the first. */
const OTHERS_NAMED = 3;

/**
 * Why a rollback did not take back everything: the first node's reason, and which others it is not done on either.
 * @param steps the steps of the rollback, as they stand in the record
 * @param instanceIds the nodes that it was ordered on, with those that nothing was sent to
 * @returns nothing where no step tells a reason
 */
export function whyNotRolledBack(steps: readonly Remediation[], instanceIds: readonly string[]): string {
  const first = steps.find((step) => !isDone(step));
  if (first === undefined) return '';
  const done = new Set(steps.filter(isDone).map(({ instanceId }) => instanceId));
  const others = instanceIds.filter((id) => id !== first.instanceId && !done.has(id));
  if (others.length === 0) return reasonOf(first);
  const named = firstOf(others, OTHERS_NAMED).join(', ');
  return `${withoutStop(reasonOf(first))}. Not confirmed as rolled back either: ${named}; the list says more.`;
}
