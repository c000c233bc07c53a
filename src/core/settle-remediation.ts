import type { RemediationNews } from './claim-remediation.ts';
import type { NodeCollection, Remediation } from './incident.ts';
import type { RemediationResult, UnreadableResult } from './remediation-result.ts';
import { show } from './signature.ts';

/** What a script's answer says of its step. An unreadable answer leaves the outcome unknown: the node has to be read. */
export function newsFromResult(
  instanceId: string,
  result: RemediationResult | UnreadableResult,
): RemediationNews {
  if (result.kind === 'unreadable') {
    return {
      outcome: 'unknown',
      detail: `${instanceId}: ${result.why}; reading the node shows what was done.`,
    };
  }
  const { outcome, max, buckets, detail, notCovered } = result;
  const uncovered = notCovered.length === 0 ? '' : ` Not covered: ${notCovered.join('; ')}.`;
  return {
    outcome,
    detail: `${detail}${uncovered}`,
    ...(max === undefined ? {} : { max }),
    ...(buckets === undefined ? {} : { buckets }),
  };
}

/** Whether only reading the node can tell what the step did. */
export function isUnsettled({ outcome }: Remediation): boolean {
  return outcome === undefined || outcome === 'unknown' || outcome === 'failed';
}

/** Values of `nf_conntrack_max` before and after a change, as far as they are known. */
export interface ExpectedMax {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/**
 * Settles a step whose answer was lost from a collection made after it. Nothing is sent again: a node that has the new
 * values was changed, one that has the old ones was not, and any other stays unknown.
 */
export function settleFromNode(
  step: Remediation,
  expected: ExpectedMax,
  after: NodeCollection,
): RemediationNews {
  if (!isUnsettled(step)) return {};
  const done = step.kind === 'raise' ? 'raised' : 'rolled-back';
  const [from, to] =
    step.kind === 'raise' ? [expected.before, expected.after] : [expected.after, expected.before];
  const said = step.detail === undefined ? 'the answer was lost' : step.detail.replace(/[.;]$/, '');
  if (after.outcome.kind === 'failed') {
    return { outcome: 'unknown', detail: `${said}; the node could not be read either: ${after.outcome.why}` };
  }
  const { max } = after.outcome.figures;
  if (after.outcome.halfApplied || max === undefined || (max !== to && max !== from)) {
    const seen = max === undefined ? 'is not readable' : `is ${show(max)}`;
    return {
      outcome: 'unknown',
      detail: `${said}; nf_conntrack_max ${seen}: look at the node before anything else.`,
    };
  }
  if (max === from) {
    return {
      outcome: 'failed',
      detail: `${said}; the node was read and has its previous limit ${show(max)}.`,
    };
  }
  const values =
    expected.before === undefined || expected.after === undefined
      ? {}
      : { max: { before: expected.before, after: expected.after } };
  return {
    outcome: done,
    detail: `${said}; the node was read and has ${show(max)}.`,
    ...(done === 'raised' ? values : {}),
  };
}
