import { hasArrived } from '../plan/arrival.ts';
import { doneOutcome, isOfLimit, plannedValues, stepName, tracelessWords } from '../plan/kinds.ts';
import type { CommandOutput } from '../ports.ts';
import type { Remediation } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY, shortKey } from '../record/settings.ts';
import { show } from '../words.ts';
import type { RemediationNews } from './claim.ts';
import { parseRemediationResult, type RemediationResult } from './result.ts';

/**
 * What came back of a step. Without a readable answer the outcome is unknown and the node has to be read, unless the command
 * certainly never started. A rollback that finds nothing to do has reached its end. An answer whose numbers are not the
 * plan's is no change that worked: it is told as what it is, its numbers are kept nowhere else, and the node counts as
 * one that may be changed.
 * @param plan what the node was told to do; absent of a rollback
 */
export function newsFromOutput(
  kind: Remediation['kind'],
  plan: NodePlan | undefined,
  output: CommandOutput,
  nonce: string,
): RemediationNews {
  const { instanceId } = output;
  if (output.kind === 'none')
    return output.ran
      ? { outcome: 'unknown', detail: output.why }
      : { outcome: 'refused', setAside: 'not-reached', detail: output.why };
  const result = parseRemediationResult(output.text, nonce);
  const toBeRead = (why: string, more: RemediationNews = {}): RemediationNews => ({
    ...more,
    outcome: 'unknown',
    detail: `${instanceId}: ${why}; reading the node shows what was done.`,
  });
  if (result.kind === 'unreadable') return toBeRead(result.why);
  const { values, deleted, detail, code, outcome } = result;
  const warnings = warningsOf(result);
  const refusal: RemediationNews = outcome === 'refused' ? { setAside: 'refused' } : {};
  const common = { detail, ...(warnings.length === 0 ? {} : { warnings }) };
  if (kind === 'rollback') {
    if (outcome === 'raised' || outcome === 'changed') return toBeRead(`a rollback answered ${outcome}`);
    if (outcome === 'unchanged' || code === 'nothing-to-roll-back')
      return { ...common, outcome: 'rolled-back' };
    return { ...common, outcome, ...refusal, ...numbersOf(result) };
  }
  const done = doneOutcome(kind);
  if (outcome === 'rolled-back' || ((outcome === 'raised' || outcome === 'changed') && outcome !== done))
    return toBeRead(`the ${stepName(kind)} answered ${outcome}`);
  const { differing, missing } = heldAgainst(plan, result);
  if (differing.length > 0) {
    const told = `${instanceId}: it answered ${outcome} with ${differing.join(', ')}.`;
    return { ...common, outcome: 'unknown', detail: told, differs: true };
  }
  if (missing.length > 0) return toBeRead(`it answered ${outcome} without ${missing.join(', ')}`, common);
  // An exact change finds nothing to do only where this incident's own is in force (nodes/raise.sh, decide).
  if (tracelessWords(kind) === undefined && outcome === 'unchanged') return { ...common, outcome: done };
  return {
    ...common,
    outcome,
    ...refusal,
    // Every script tells limit and buckets; only a raise and its rollback are about them.
    ...numbersOf(isOfLimit(kind) ? result : { values, deleted }),
  };
}

function numbersOf({
  max,
  buckets,
  values = [],
  deleted,
}: Partial<Pick<RemediationResult, 'max' | 'buckets' | 'values' | 'deleted'>>): RemediationNews {
  return {
    ...(max === undefined ? {} : { max }),
    ...(buckets === undefined ? {} : { buckets }),
    ...(values.length === 0 ? {} : { values: [...values] }),
    ...(deleted === undefined ? {} : { deleted }),
  };
}

/**
 * Where an answer is not what the plan says, each as a clause, and which values of the plan it does not tell. A change that
 * was made starts and ends where the plan does; one that was refused moved nothing.
 */
function heldAgainst(
  plan: NodePlan | undefined,
  { outcome, max, buckets, values }: RemediationResult,
): { readonly differing: readonly string[]; readonly missing: readonly string[] } {
  if (plan === undefined || outcome === 'failed') return { differing: [], missing: [] };
  const planned = plannedValues(plan);
  const told = new Map(values.map(({ key, before, after }) => [key, { before, after }]));
  if (isOfLimit(plan.kind)) {
    if (max !== undefined) told.set(MAX_KEY, max);
    if (buckets !== undefined) told.set(BUCKETS_KEY, buckets);
  }
  const differing = planned.flatMap(({ key, before, after }) => {
    const seen = told.get(key);
    if (seen === undefined) return [];
    const name = shortKey(key);
    if (outcome === 'refused')
      return seen.before === seen.after ? [] : [`${name} ${show(seen.before)} → ${show(seen.after)}`];
    if (!hasArrived(key, after, seen.after)) return [`${name} ${show(seen.after)} instead of ${show(after)}`];
    // A command that is delivered twice, or follows one that was cut off, finds a part of its own work.
    const isStart = seen.before === before || hasArrived(key, after, seen.before) || outcome === 'unchanged';
    return isStart ? [] : [`${name} ${show(seen.before)} before it instead of ${show(before)}`];
  });
  const strange = [...told.keys()].filter((key) => !planned.some((one) => one.key === key));
  const missing = planned.filter(({ key }) => !told.has(key)).map(({ key }) => shortKey(key));
  return {
    differing: [...differing, ...strange.map((key) => `${shortKey(key)}, which is not in the plan`)],
    missing: outcome === 'refused' ? [] : missing,
  };
}

/** A step that did its work may still say that it will not last. */
function warningsOf({ outcome, code, detail, notCovered }: RemediationResult): string[] {
  const done = outcome !== 'refused' && outcome !== 'failed';
  const said = done && code !== '' ? [detail] : [];
  return [...said, ...notCovered.slice(0, 5).map((one) => `Not covered: ${one.slice(0, 200)}.`)];
}
