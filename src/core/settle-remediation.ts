import type { RemediationNews } from './claim-remediation.ts';
import type { NodeCollection, Remediation } from './incident.ts';
import type { CommandOutput } from './ports.ts';
import { parseRemediationResult, type RemediationResult } from './remediation-result.ts';
import { show } from './signature.ts';

/**
 * What came back of a step. Without a readable answer the outcome is unknown and the node has to be read, unless the command
 * certainly never started. A rollback that finds nothing to do has reached its end.
 */
export function newsFromOutput(
  kind: Remediation['kind'],
  output: CommandOutput,
  nonce: string,
): RemediationNews {
  const { instanceId } = output;
  if (output.kind === 'none') return { outcome: output.ran ? 'unknown' : 'refused', detail: output.why };
  const result = parseRemediationResult(output.text, nonce);
  if (result.kind === 'unreadable') {
    return {
      outcome: 'unknown',
      detail: `${instanceId}: ${result.why}; reading the node shows what was done.`,
    };
  }
  const { max, buckets, detail, code } = result;
  const warnings = warningsOf(result);
  const common = { detail, ...(warnings.length === 0 ? {} : { warnings }) };
  if (kind === 'rollback' && (result.outcome === 'unchanged' || code === 'nothing-to-roll-back')) {
    return { ...common, outcome: 'rolled-back' };
  }
  // An exact raise finds nothing to do only where this incident's own raise is in force (nodes/raise.sh, decide).
  if (kind === 'raise' && result.outcome === 'unchanged') return { ...common, outcome: 'raised' };
  return {
    ...common,
    outcome: result.outcome,
    ...(max === undefined ? {} : { max }),
    ...(buckets === undefined ? {} : { buckets }),
  };
}

/** A step that did its work may still say that it will not last. */
function warningsOf({ outcome, code, detail, notCovered }: RemediationResult): string[] {
  const done = outcome === 'raised' || outcome === 'unchanged' || outcome === 'rolled-back';
  const said = done && code !== '' ? [detail] : [];
  return [...said, ...notCovered.slice(0, 5).map((one) => `Not covered: ${one.slice(0, 200)}.`)];
}

/** Whether only reading the node can tell what the step did. */
export function isUnsettled({ outcome }: Remediation): boolean {
  return outcome === undefined || outcome === 'unknown' || outcome === 'failed';
}

/** What a step was to do, and whether its command can still arrive. */
export interface Expectation {
  /** `nf_conntrack_max` before and after the raise, as far as they are known. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** The command has certainly ended: what the node shows now stays. */
  readonly isOver: boolean;
}

/**
 * Settles a step whose answer was lost from a collection made after it. Nothing is sent again: a node that has the new
 * values was changed, one that has the old ones was not if the command is over, and any other stays unknown.
 */
export function settleFromNode(
  step: Remediation,
  { before, after, isOver }: Expectation,
  collection: NodeCollection,
): RemediationNews {
  if (!isUnsettled(step)) return {};
  const isRaise = step.kind === 'raise';
  const [from, to] = isRaise ? [before, after] : [after, before];
  const said = (step.detail ?? `${step.instanceId}: no answer came back`).replace(/[.;]$/, '');
  const unknown = (seen: string): RemediationNews => ({ outcome: 'unknown', detail: `${said}; ${seen}` });
  if (collection.outcome.kind === 'failed') {
    return unknown(`the node could not be read either: ${collection.outcome.why}`);
  }
  const { figures, halfApplied } = collection.outcome;
  if (halfApplied)
    return unknown('the node was read and the change is half done: look at it before anything else.');
  if (figures.max === undefined || (figures.max !== to && figures.max !== from)) {
    const seen = figures.max === undefined ? 'cannot be read' : `is ${show(figures.max)}`;
    return unknown(`the node's nf_conntrack_max ${seen}: look at it before anything else.`);
  }
  const seen = `the node was read and has nf_conntrack_max ${show(figures.max)}`;
  if (figures.max === to) {
    const values = isRaise && before !== undefined ? { max: { before, after: figures.max } } : {};
    return { outcome: isRaise ? 'raised' : 'rolled-back', detail: `${said}; ${seen}.`, ...values };
  }
  if (isOver) return { outcome: 'failed', detail: `${said}; ${seen} as before.` };
  return unknown(
    `${seen} as before, but the command may still arrive: look at the node before anything else.`,
  );
}
