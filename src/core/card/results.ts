import type { RemediationWords } from '../plan/kind.ts';
import { wordsOf } from '../plan/kinds.ts';
import type { NodeDrift } from '../record/drift-check.ts';
import type { Incident, IncidentHead, Remediation } from '../record/incident.ts';
import { shortKey } from '../record/settings.ts';
import { newestChange, newestSteps } from '../remediation/steps.ts';
import { show, utcTime, withoutStop } from '../words.ts';
import type { NodeResult } from './model.ts';

/** States in which a step without a result is one that runs, not one that was lost. */
const RUNNING = new Set(['applying-canary', 'applying-rest', 'verifying', 'rolling-back']);

/** The true list, node by node; empty until a change was ordered. */
export function nodeResults({ head, collections }: Incident, now: number): readonly NodeResult[] {
  const steps = newestSteps(head);
  if (steps.size === 0 && !RUNNING.has(head.state)) return [];
  const withPlan = collections.flatMap(({ outcome, instanceId }) =>
    outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [instanceId] : [],
  );
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const isRunning = RUNNING.has(head.state);
  const kind = head.plan?.nodes[0]?.kind;
  return [...new Set([...steps.keys(), ...planned, ...withPlan])].map((instanceId) => {
    const step = steps.get(instanceId);
    // The canary's order is on its way before its claim is on record.
    if (step === undefined && head.state === 'applying-canary' && instanceId === planned[0])
      return { instanceId, state: 'running', text: `being ${wordsOf(kind).done}` };
    if (step === undefined) return { instanceId, state: 'untouched', text: 'not touched' };
    return {
      instanceId,
      ...(step.kind === 'rollback'
        ? rollbackResult(head, step, isRunning, now)
        : withDrift(changeResult(step, wordsOf(step.kind), isRunning, now), driftOf(head, instanceId))),
    };
  });
}

/** What the newest look after the end found of a node. */
function driftOf({ drift = [] }: IncidentHead, instanceId: string): NodeDrift | undefined {
  return drift.at(-1)?.nodes.find((node) => node.instanceId === instanceId);
}

function withDrift(result: Result, drift: NodeDrift | undefined): Result {
  if (drift === undefined) return result;
  const said = ownWords(drift.instanceId, drift.why);
  if (drift.state === 'moved') return { state: 'failed', text: `${result.text}, moved back: ${said}` };
  return { ...result, text: `${result.text}; looked again: ${said}` };
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
  if (outcome === 'failed') return { state: 'failed', text: explain(`${noun} failed`, step) };
  if (step.differs === true) return { state: 'failed', text: explain('not as planned', step) };
  if (outcome !== 'raised' && outcome !== 'changed') {
    const [state, what] = PLAIN_OUTCOMES[outcome];
    return { state, text: explain(what, step) };
  }
  const changed = `${done}${numbersOf(step)}`;
  if (verification === undefined) {
    return isRunning
      ? { state: 'running', text: `${changed}, verifying` }
      : { state: 'changed', text: `${changed}, not verified` };
  }
  if (verification.passed) return { state: 'changed', text: `${changed} and verified` };
  return {
    state: 'failed',
    text: `${changed}, verification failed: ${ownWords(step.instanceId, verification.why)}`,
  };
}

/** ` 131,072 → 262,144`, ` gc_thresh3 1,024 → 4,096`, ` 20 entries`: what a step did in numbers. */
function numbersOf({ max, values = [], deleted }: Remediation): string {
  if (max !== undefined) return ` ${show(max.before)} → ${show(max.after)}`;
  if (deleted !== undefined) return ` ${show(deleted)} ${deleted === 1 ? 'entry' : 'entries'}`;
  if (values.length === 0) return '';
  return ` ${values.map(({ key, before, after }) => `${shortKey(key)} ${show(before)} → ${show(after)}`).join(', ')}`;
}

function rollbackResult(head: IncidentHead, step: Remediation, isRunning: boolean, now: number): Result {
  const { outcome } = step;
  if (outcome === 'rolled-back') return { state: 'undone', text: explain('rolled back', step) };
  if (outcome === 'unchanged') return { state: 'untouched', text: explain('nothing to roll back', step) };
  if (outcome === 'refused')
    return {
      state: 'changed',
      text: explain(`still ${doneOn(head, step.instanceId)}, rollback refused`, step),
    };
  if (outcome === undefined && isRunning) {
    return { state: 'running', text: `rolling back since ${utcTime(step.claimedAt, now)}` };
  }
  return { state: 'failed', text: explain('rollback not confirmed', step) };
}

/** How the change that a rollback would take back is spoken of. */
function doneOn(head: IncidentHead, instanceId: string): string {
  return wordsOf(newestChange(head, instanceId)?.kind).done;
}

function explain(what: string, { instanceId, detail = '' }: Remediation): string {
  return detail === '' ? what : `${what}: ${ownWords(instanceId, detail)}`;
}

/** A node's sentence without the node's name in front, which the list already shows. */
function ownWords(instanceId: string, sentence: string): string {
  return withoutStop(
    sentence.startsWith(`${instanceId}: `) ? sentence.slice(instanceId.length + 2) : sentence,
  );
}
