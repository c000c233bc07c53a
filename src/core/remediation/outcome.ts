import type { PlannedValue, Traceless } from '../plan/kind.ts';
import { doneOutcome, isOfLimit, tracelessWords } from '../plan/kinds.ts';
import type { CommandOutput } from '../ports.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Diagnosis, FailureModeId } from '../record/diagnosis.ts';
import type { Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import { runningValue, shortKey } from '../record/settings.ts';
import { show } from '../words.ts';
import type { RemediationNews } from './claim.ts';
import { parseRemediationResult, type RemediationResult } from './result.ts';

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
  const { max, buckets, values, deleted, detail, code } = result;
  const warnings = warningsOf(result);
  const common = { detail, ...(warnings.length === 0 ? {} : { warnings }) };
  if (kind === 'rollback' && (result.outcome === 'unchanged' || code === 'nothing-to-roll-back')) {
    return { ...common, outcome: 'rolled-back' };
  }
  const isOwn = kind !== 'rollback' && tracelessWords(kind) === undefined && result.outcome === 'unchanged';
  // An exact change finds nothing to do only where this incident's own is in force (nodes/raise.sh, decide).
  if (isOwn) return { ...common, outcome: doneOutcome(kind) };
  const isOther = kind !== 'rollback' && !isOfLimit(kind);
  return {
    ...common,
    outcome: result.outcome,
    ...(values.length === 0 ? {} : { values: [...values] }),
    ...(deleted === undefined ? {} : { deleted }),
    // Every script tells limit and buckets; only a raise and its rollback are about them.
    ...(max === undefined || isOther ? {} : { max }),
    ...(buckets === undefined || isOther ? {} : { buckets }),
  };
}

/** A step that did its work may still say that it will not last. */
function warningsOf({ outcome, code, detail, notCovered }: RemediationResult): string[] {
  const done = outcome !== 'refused' && outcome !== 'failed';
  const said = done && code !== '' ? [detail] : [];
  return [...said, ...notCovered.slice(0, 5).map((one) => `Not covered: ${one.slice(0, 200)}.`)];
}

/** Whether only reading the node can tell what the step did. */
export function isOutcomeOpen({ outcome }: Remediation): boolean {
  return outcome === undefined || outcome === 'unknown' || outcome === 'failed';
}

/** What a step was to do, and whether its command can still arrive. */
export interface Expectation {
  /** Settings before and after the change; none where no running value tells. */
  readonly values: readonly PlannedValue[];
  /** The failure against that the change is against: they tell of one that leaves no running value. */
  readonly against: readonly FailureModeId[];
  /** The command has certainly ended: what the node shows now stays. */
  readonly isOver: boolean;
}

/**
 * The outcome of a step whose answer was lost, from a collection made after it. Nothing is sent again: a node that has the new
 * values was changed, one that has the old ones was not if the command is over, and any other stays unknown.
 */
export function outcomeFromNode(
  step: Remediation,
  { values, against, isOver }: Expectation,
  collection: NodeCollection,
): RemediationNews {
  if (!isOutcomeOpen(step)) return {};
  const { kind } = step;
  const said = (step.detail ?? `${step.instanceId}: no answer came back`).replace(/[.;]$/, '');
  const unknown = (seen: string): RemediationNews => ({ outcome: 'unknown', detail: `${said}; ${seen}` });
  const { outcome } = collection;
  if (outcome.kind === 'failed') return unknown(`the node could not be read either: ${outcome.why}`);
  if (outcome.halfApplied)
    return unknown('the node was read and the change is half done: look at it before anything else.');
  const traceless = kind === 'rollback' ? undefined : tracelessWords(kind);
  if (kind !== 'rollback' && traceless !== undefined)
    return outcomeByModes(kind, said, against, traceless, outcome.diagnosis);
  if (values.length === 0)
    return unknown('no running value of the node tells whether it ran: look at its files.');
  const running = values.map(({ key, before, after }) => {
    const [from, to] = kind === 'rollback' ? [after, before] : [before, after];
    return { key, from, to, value: runningValue(outcome.figures, key) };
  });
  const shown = running.map(
    ({ key, value }) => `${shortKey(key)} ${value === undefined ? '?' : show(value)}`,
  );
  const seen = `the node was read and has ${shown.join(', ')}`;
  if (running.every(({ value, to }) => value !== undefined && value === to)) {
    return {
      outcome: kind === 'rollback' ? 'rolled-back' : doneOutcome(kind),
      detail: `${said}; ${seen}.`,
      ...(isOfLimit(kind) ? maxOf(running) : {}),
    };
  }
  if (!running.every(({ value, from }) => value !== undefined && value === from)) {
    const odd = running.find(
      ({ value, from, to }) => value === undefined || (value !== from && value !== to),
    );
    const is = odd?.value === undefined ? 'cannot be read' : `is ${show(odd.value)}`;
    const what =
      odd === undefined ? `${seen}, some old and some new` : `the node's ${shortKey(odd.key)} ${is}`;
    return unknown(`${what}: look at it before anything else.`);
  }
  if (isOver) return { outcome: 'failed', detail: `${said}; ${seen} as before.` };
  return unknown(
    `${seen} as before, but the command may still arrive: look at the node before anything else.`,
  );
}

function maxOf(running: readonly { from: number | undefined; value: number | undefined }[]): RemediationNews {
  const [only] = running;
  if (only?.from === undefined || only.value === undefined) return {};
  return { max: { before: only.from, after: only.value } };
}

/** What leaves no running value behind shows only in that what it was against is ruled out. */
function outcomeByModes(
  kind: RemediationKind,
  said: string,
  against: readonly FailureModeId[],
  { gone, unclear }: Traceless,
  { findings }: Diagnosis,
): RemediationNews {
  const isGone = findings.some(({ mode, state }) => against.includes(mode) && state === 'absent');
  return isGone
    ? { outcome: doneOutcome(kind), detail: `${said}; the node was read and ${gone}.` }
    : { outcome: 'unknown', detail: `${said}; ${unclear}: look at it.` };
}
