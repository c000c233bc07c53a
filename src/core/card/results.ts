import type { RemediationWords } from '../plan/kind.ts';
import { wordsOf } from '../plan/kinds.ts';
import type { NodeDrift } from '../record/drift-check.ts';
import type { Incident, IncidentHead, Remediation } from '../record/incident.ts';
import { shortKey } from '../record/settings.ts';
import { type ChangeStep, type NodeState, nodeStates } from '../remediation/steps.ts';
import { isRefusedByNode } from '../remediation/verify.ts';
import { counted, show, utcTime, withoutNode, withoutStop } from '../words.ts';
import type { AfterRollback } from './after-rollback.ts';
import type { NodeResult } from './model.ts';
import type { RankedNode } from './nodes.ts';

/** States in which a step without a result is one that runs, not one that was lost. */
const RUNNING = new Set(['applying-canary', 'applying-rest', 'verifying', 'rolling-back']);

/** The true list, node by node; empty until a change was ordered. */
export function nodeResults(
  { head, collections }: Incident,
  ranked: readonly RankedNode[],
  now: number,
): readonly NodeResult[] {
  const states = nodeStates(head);
  if (states.size === 0 && !RUNNING.has(head.state)) return [];
  const withPlan = collections.flatMap(({ outcome, instanceId }) =>
    outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [instanceId] : [],
  );
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const isRunning = RUNNING.has(head.state);
  const kind = head.plan?.nodes[0]?.kind;
  const drifts = driftsOf(head);
  const readings = new Map(ranked.map(({ node, afterRollback }) => [node.instanceId, afterRollback]));
  return [...new Set([...states.keys(), ...planned, ...withPlan])].map((instanceId) => {
    const state = states.get(instanceId);
    // The canary's order is on its way before its claim is on record.
    if (state === undefined && head.state === 'applying-canary' && instanceId === planned[0])
      return { instanceId, state: 'running', text: `being ${wordsOf(kind).done}` };
    if (state === undefined) return { instanceId, state: 'untouched', text: NOT_TOUCHED };
    const result = resultOf(state, drifts.get(instanceId), isRunning, now);
    return { instanceId, ...withReading(result, readings.get(instanceId), now) };
  });
}

/** Everything that is true of a node in the order in which it came true, under the mark of the worst of it. */
function resultOf(
  { changes, futile, rollback, undone }: NodeState,
  drift: Look | undefined,
  isRunning: boolean,
  now: number,
): Result {
  const ofChange = (step: ChangeStep) => changeResult(step, wordsOf(step.kind), isRunning, now);
  const standing = changes.map(ofChange);
  const told = [
    ...(undone === undefined ? [] : [undoneResult(undone, now)]),
    ...(standing.length === 0 ? [] : [withDrift(joined(standing), drift, now)]),
    ...(futile === undefined ? [] : [ofChange(futile)]),
    ...(rollback === undefined ? [] : [rollbackResult(rollback, isRunning, now)]),
  ];
  return joined(told);
}

/** What is said of a node whose turn has not come. */
export const NOT_TOUCHED = 'not touched';

/** The worst first; one that runs leads, for its end is not known yet. */
const MARKS: readonly NodeResult['state'][] = ['running', 'failed', 'changed', 'undone', 'untouched'];

function joined(results: readonly Result[]): Result {
  const state = MARKS.find((mark) => results.some((one) => one.state === mark)) ?? 'untouched';
  return { state, text: results.map(({ text }) => text).join('; ') };
}

/** What the newest look after the end found of each node. */
function driftsOf({ drift = [] }: IncidentHead): ReadonlyMap<string, Look> {
  const newest = drift.at(-1);
  return new Map(newest?.nodes.map((node) => [node.instanceId, { ...node, at: newest.at }]));
}

/** What a later look found, and when. */
type Look = NodeDrift & { readonly at: string };

function withDrift(result: Result, drift: Look | undefined, now: number): Result {
  if (drift === undefined) return result;
  const said = ownWords(drift.instanceId, drift.why);
  const at = utcTime(drift.at, now);
  if (drift.state === 'moved')
    return { state: 'failed', text: `${result.text}, moved back (seen ${at}): ${said}` };
  const state = drift.state === 'refilled' ? 'failed' : result.state;
  return { state, text: `${result.text}; looked again (${at}): ${said}` };
}

/** What a rolled-back node suffers from now; what is not ill any more needs no word. */
function withReading(result: Result, reading: AfterRollback | undefined, now: number): Result {
  if (reading?.isIll !== true) return result;
  const { headline, at } = reading;
  return { ...result, text: `${result.text}; read again (${utcTime(at, now)}): ${withoutStop(headline)}` };
}

type Result = Omit<NodeResult, 'instanceId'>;

/** The words for an outcome that needs no more than its detail. */
const PLAIN_OUTCOMES = {
  unchanged: ['untouched', 'not changed'],
  refused: ['untouched', 'refused, not changed'],
  unknown: ['failed', 'outcome unknown'],
  'rolled-back': ['undone', 'rolled back'],
} as const;

function changeResult(
  step: Remediation,
  { noun, doing, done }: RemediationWords,
  isRunning: boolean,
  now: number,
): Result {
  const { outcome, verification } = step;
  if (outcome === undefined) {
    if (isRunning) return { state: 'running', text: `${doing} since ${utcTime(step.claimedAt, now)}` };
    return { state: 'failed', text: 'sent, but no answer came back: look at the node before anything else' };
  }
  if (outcome === 'failed') return { state: 'failed', text: explain(`${noun} failed`, step, now) };
  if (step.differs === true) return { state: 'failed', text: explain('not as planned', step, now) };
  if (outcome === 'refused' && !isRefusedByNode(step)) {
    const what = step.setAside === undefined ? 'not sent' : 'set aside, not changed';
    return { state: 'untouched', text: explain(what, step, now) };
  }
  if (outcome !== 'raised' && outcome !== 'changed') {
    const [state, what] = PLAIN_OUTCOMES[outcome];
    return { state, text: explain(what, step, now) };
  }
  const changed = `${done}${numbersOf(step)}`;
  if (verification === undefined) {
    return isRunning
      ? { state: 'running', text: `${changed}${answeredAt(step, now)}, verifying` }
      : { state: 'changed', text: `${changed}${answeredAt(step, now)}, not verified` };
  }
  const at = readAt(verification, now);
  if (verification.passed) return { state: 'changed', text: `${changed} and verified${at}` };
  return {
    state: 'failed',
    text: `${changed}, verification failed${at}: ${ownWords(step.instanceId, verification.why)}`,
  };
}

/** ` 131,072 → 262,144`, ` gc_thresh3 1,024 → 4,096`, ` 20 entries`: what a step did in numbers. */
function numbersOf({ max, values = [], deleted }: Remediation): string {
  if (max !== undefined) return ` ${show(max.before)} → ${show(max.after)}`;
  if (deleted !== undefined) return ` ${counted(deleted, 'entry')}`;
  if (values.length === 0) return '';
  return ` ${values.map(({ key, before, after }) => `${shortKey(key)} ${show(before)} → ${show(after)}`).join(', ')}`;
}

/** What became of a rollback that took nothing back; what stands is told before it. */
function rollbackResult(step: Remediation, isRunning: boolean, now: number): Result {
  const { outcome } = step;
  if (outcome === 'refused') {
    const what = isRefusedByNode(step) ? 'rollback refused' : 'rollback not done';
    return { state: 'untouched', text: explain(what, step, now) };
  }
  if (outcome === undefined && isRunning)
    return { state: 'running', text: `rolling back since ${utcTime(step.claimedAt, now)}` };
  return { state: 'failed', text: explain('rollback not confirmed', step, now) };
}

/** A change that had failed before it was taken back keeps its reason. */
function undoneResult({ by, changes }: NonNullable<NodeState['undone']>, now: number): Result {
  const failed = changes.findLast(({ verification }) => verification?.passed === false)?.verification;
  const before =
    failed === undefined
      ? ''
      : `; before that verification failed${readAt(failed, now)}: ${ownWords(by.instanceId, failed.why)}`;
  return by.outcome === 'unchanged'
    ? { state: 'untouched', text: explain('nothing to roll back', by, now) }
    : { state: 'undone', text: `${explain('rolled back', by, now)}${before}` };
}

/** What became of a step, when its answer came, and what the answer says: its numbers are those of that time. */
function explain(what: string, step: Remediation, now: number): string {
  const { instanceId, detail = '' } = step;
  const whatAndWhen = `${what}${answeredAt(step, now)}`;
  return detail === '' ? whatAndWhen : `${whatAndWhen}: ${ownWords(instanceId, detail)}`;
}

const answeredAt = ({ finishedAt }: Remediation, now: number): string =>
  finishedAt === undefined ? '' : ` (${utcTime(finishedAt, now)})`;

const readAt = ({ at }: NonNullable<Remediation['verification']>, now: number): string =>
  at === undefined ? '' : ` (read ${utcTime(at, now)})`;

/** A node's sentence without the node's name in front, which the list already shows. */
function ownWords(instanceId: string, sentence: string): string {
  return withoutStop(withoutNode(instanceId, sentence));
}
