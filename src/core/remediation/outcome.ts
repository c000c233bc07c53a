import { hasArrived } from '../plan/arrival.ts';
import type { PlannedValue, Traceless } from '../plan/kind.ts';
import { doneOutcome, isOfLimit, tracelessWords } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Diagnosis, FailureModeId } from '../record/diagnosis.ts';
import type { Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY, runningValue, shortKey } from '../record/settings.ts';
import { show, utcTime } from '../words.ts';
import type { RemediationNews } from './claim.ts';
import { isUnanswered } from './steps.ts';

/** Whether only reading the node can tell what the step did. */
export function isOutcomeOpen(step: Remediation): boolean {
  return isUnanswered(step) || step.outcome === 'failed';
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
 * values was changed, one that has the old ones was not if the command is over, and any other stays unknown. So does one
 * whose answer was not the plan's, whatever it shows: its two words contradict each other or the plan.
 */
export function outcomeFromNode(
  step: Remediation,
  { values, against, isOver }: Expectation,
  collection: NodeCollection,
): RemediationNews {
  if (step.outcome === 'rolled-back') return stillThere(step, values, collection);
  if (!isOutcomeOpen(step)) return {};
  const { kind } = step;
  // What an earlier reading has seen is not true any more, or is seen again.
  const said = (step.detail ?? `${step.instanceId}: no answer came back`)
    .replace(/; the node (?:was read at|could not be read either).*$/s, '')
    .replace(/[.;]$/, '');
  const unknown = (seen: string): RemediationNews => ({ outcome: 'unknown', detail: `${said}; ${seen}` });
  const { outcome, collectedAt } = collection;
  const read = `the node was read at ${utcTime(collectedAt, Date.parse(step.claimedAt))}`;
  if (outcome.kind === 'failed') return unknown(`the node could not be read either: ${outcome.why}`);
  if (outcome.halfApplied)
    return unknown(`${read} and the change is half done: look at it before anything else.`);
  if (outcome.halfAppliedUnread === true)
    return unknown(`${read}, and whether the change is half done could not be seen: look at it.`);
  if (step.differs === true && values.length === 0)
    return unknown('no running value of the node tells what it did: look at it before anything else.');
  const traceless = kind === 'rollback' ? undefined : tracelessWords(kind);
  if (kind !== 'rollback' && traceless !== undefined)
    return outcomeByModes(kind, { said, read }, against, traceless, outcome.diagnosis);
  if (values.length === 0)
    return unknown('no running value of the node tells whether it ran: look at its files.');
  const running = values.map(({ key, before, after }) => {
    const [from, to] = kind === 'rollback' ? [after, before] : [before, after];
    return { key, from, to, value: runningValue(outcome.figures, key) };
  });
  const shown = running.map(
    ({ key, value }) => `${shortKey(key)} ${value === undefined ? '?' : show(value)}`,
  );
  const seen = `${read} and has ${shown.join(', ')}`;
  if (step.differs === true) return unknown(`${seen}: look at it before anything else.`);
  if (running.every(({ key, value, to }) => hasArrived(key, to, value))) {
    return {
      outcome: kind === 'rollback' ? 'rolled-back' : doneOutcome(kind),
      detail: `${said}; ${seen}.`,
      ...(kind === 'rollback' ? {} : movesOf(kind, running)),
    };
  }
  if (!running.every(({ value, from }) => value === from)) {
    const odd = running.find(
      ({ key, value, from, to }) => value === undefined || (value !== from && !hasArrived(key, to, value)),
    );
    const is = odd?.value === undefined ? 'cannot be read' : `is ${show(odd.value)}`;
    const what =
      odd === undefined ? `${seen}, some old and some new` : `${read}: its ${shortKey(odd.key)} ${is}`;
    return unknown(`${what}: look at it before anything else.`);
  }
  // Nothing ever told that it had arrived.
  if (isOver && step.commandId === undefined)
    return {
      outcome: 'refused',
      setAside: 'lost',
      detail: `${said}; ${seen} as before, so it never arrived.`,
    };
  if (isOver) return { outcome: 'failed', detail: `${said}; ${seen} as before.` };
  return unknown(
    `${seen} as before, but the command may still arrive: look at the node before anything else.`,
  );
}

/** A rollback that says it worked, or found nothing to do, on a node that still runs with all that was changed. */
function stillThere(
  { instanceId, detail = '', claimedAt }: Remediation,
  values: readonly PlannedValue[],
  { outcome, collectedAt }: NodeCollection,
): RemediationNews {
  if (outcome.kind === 'failed' || values.length === 0) return {};
  const isThere = values.every(
    ({ key, before, after }) => before !== after && runningValue(outcome.figures, key) === after,
  );
  if (!isThere) return {};
  const shown = values.map(({ key, after }) => `${shortKey(key)} ${show(after)}`).join(', ');
  const said = detail === '' ? `${instanceId}: it said that it rolled back` : detail.replace(/[.;]$/, '');
  return {
    outcome: 'failed',
    detail: `${said}; the node was read at ${utcTime(collectedAt, Date.parse(claimedAt))} and still has ${shown}.`,
  };
}

/** What a change did, as its script would have told it. */
function movesOf(
  kind: RemediationKind,
  running: readonly { readonly key: string; readonly from: number; readonly value: number | undefined }[],
): RemediationNews {
  const moves = running.flatMap(({ key, from, value }) =>
    value === undefined ? [] : [{ key, before: from, after: value }],
  );
  if (!isOfLimit(kind)) return { values: moves };
  const pair = (wanted: string) => {
    const move = moves.find(({ key }) => key === wanted);
    return move && { before: move.before, after: move.after };
  };
  const [max, buckets] = [pair(MAX_KEY), pair(BUCKETS_KEY)];
  return { ...(max && { max }), ...(buckets && { buckets }) };
}

/** What leaves no running value behind shows only in that what it was against is ruled out. */
function outcomeByModes(
  kind: RemediationKind,
  { said, read }: { readonly said: string; readonly read: string },
  against: readonly FailureModeId[],
  { gone, unclear }: Traceless,
  { findings }: Diagnosis,
): RemediationNews {
  const isGone = findings.some(({ mode, state }) => against.includes(mode) && state === 'absent');
  return isGone
    ? { outcome: doneOutcome(kind), detail: `${said}; ${read} and ${gone}.` }
    : { outcome: 'unknown', detail: `${said}; ${unclear}: look at it.` };
}
