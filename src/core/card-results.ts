import type { NodeResult } from './card-model.ts';
import { utcTime, withoutStop } from './card-words.ts';
import type { Incident, IncidentHead, Remediation } from './incident.ts';
import { show } from './signature.ts';

/** States in which a step without a result is one that runs, not one that was lost. */
const RUNNING = new Set(['applying-canary', 'applying-rest', 'verifying', 'rolling-back']);

/** The newest step ordered on each node, in the order in which nodes were first touched. */
export function newestSteps({ remediations }: IncidentHead): ReadonlyMap<string, Remediation> {
  return new Map(remediations.map((step) => [step.instanceId, step]));
}

/**
 * Nodes that stand changed, or may: a raise that worked, one whose result was lost, and any whose rollback did not
 * work. These are what a rollback is about.
 */
export function changedNodes(head: IncidentHead): readonly string[] {
  const changed = new Set<string>();
  for (const { kind, instanceId, outcome } of head.remediations) {
    if (kind === 'rollback' && (outcome === 'rolled-back' || outcome === 'unchanged'))
      changed.delete(instanceId);
    if (kind === 'raise' && (outcome === 'raised' || outcome === 'unknown' || outcome === undefined))
      changed.add(instanceId);
  }
  return [...changed];
}

/** The true list, node by node; empty until a change was ordered. */
export function nodeResults({ head, collections }: Incident, now: number): readonly NodeResult[] {
  const steps = newestSteps(head);
  if (steps.size === 0 && !RUNNING.has(head.state)) return [];
  const withPlan = collections.flatMap(({ outcome, instanceId }) =>
    outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [instanceId] : [],
  );
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const isRunning = RUNNING.has(head.state);
  return [...new Set([...steps.keys(), ...planned, ...withPlan])].map((instanceId) => {
    const step = steps.get(instanceId);
    // The canary's order is on its way before its claim is on record.
    if (step === undefined && head.state === 'applying-canary' && instanceId === planned[0])
      return { instanceId, state: 'running', text: 'being raised' };
    if (step === undefined) return { instanceId, state: 'untouched', text: 'not touched' };
    return {
      instanceId,
      ...(step.kind === 'raise' ? raiseResult(step, isRunning, now) : rollbackResult(step, isRunning, now)),
    };
  });
}

type Result = Omit<NodeResult, 'instanceId'>;

/** The words for an outcome that needs no more than its detail. */
const PLAIN_OUTCOMES = {
  unchanged: ['untouched', 'not changed'],
  refused: ['untouched', 'refused, not changed'],
  failed: ['failed', 'raise failed'],
  unknown: ['failed', 'outcome unknown'],
  'rolled-back': ['undone', 'rolled back'],
} as const;

function raiseResult(step: Remediation, isRunning: boolean, now: number): Result {
  const { outcome, verification, max } = step;
  if (outcome === undefined) {
    if (isRunning) return { state: 'running', text: `raising since ${utcTime(step.claimedAt, now)}` };
    return { state: 'failed', text: 'sent, but no answer came back: look at the node before anything else' };
  }
  if (outcome !== 'raised') {
    const [state, what] = PLAIN_OUTCOMES[outcome];
    return { state, text: explain(what, step) };
  }
  const raised = max === undefined ? 'raised' : `raised ${show(max.before)} → ${show(max.after)}`;
  if (verification === undefined) {
    return isRunning
      ? { state: 'running', text: `${raised}, verifying` }
      : { state: 'changed', text: `${raised}, not verified` };
  }
  if (verification.passed) return { state: 'changed', text: `${raised} and verified` };
  return {
    state: 'failed',
    text: `${raised}, verification failed: ${ownWords(step.instanceId, verification.why)}`,
  };
}

function rollbackResult(step: Remediation, isRunning: boolean, now: number): Result {
  const { outcome } = step;
  if (outcome === 'rolled-back') return { state: 'undone', text: explain('rolled back', step) };
  if (outcome === 'unchanged') return { state: 'untouched', text: explain('nothing to roll back', step) };
  if (outcome === 'refused')
    return { state: 'changed', text: explain('still raised, rollback refused', step) };
  if (outcome === undefined && isRunning) {
    return { state: 'running', text: `rolling back since ${utcTime(step.claimedAt, now)}` };
  }
  return { state: 'failed', text: explain('rollback not confirmed', step) };
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
