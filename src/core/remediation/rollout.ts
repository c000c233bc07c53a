import type { Decision, IncidentHead, IncidentState, Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import { counted, withoutStop } from '../words.ts';
import { groupByNumbers } from './authorise.ts';
import { isChange, isSetAside, isUnanswered, isVerified, plannedNodes } from './steps.ts';
import { reasonOf } from './verify.ts';

/**
 * Nodes that one command changes: as many as Systems Manager sends it to at once, so that none of them waits for another and
 * what one of them answers is known before the next command is sent.
 */
const AT_ONCE = 10;

/** What has to be done next to carry out an approval. */
export type NextStep =
  /** Sends the change to nodes that share their numbers; to one alone until a change was verified. */
  | {
      readonly kind: 'change';
      readonly change: RemediationKind;
      readonly instanceIds: readonly string[];
      readonly isFirst: boolean;
    }
  /** Reads what was changed, or may have been, and holds it against the plan. */
  | { readonly kind: 'read'; readonly change: RemediationKind; readonly instanceIds: readonly string[] }
  /** Nothing more is sent by this decision. */
  | { readonly kind: 'done' };

/**
 * What follows from the steps that an approval has led to so far. A node that was set aside keeps none of the others from
 * the change: where it was to go first the next one of the plan does. A change or a verification that failed stops everything
 * after it, and so does a lost answer until the node was read.
 * @param read nodes that were read since the decision changed them
 */
export function nextStep(
  head: IncidentHead,
  { number, kind }: Pick<Decision, 'number' | 'kind'>,
  read: ReadonlySet<string>,
): NextStep {
  const plans = head.plan?.nodes ?? [];
  const change = plans[0]?.kind;
  if (change === undefined) return { kind: 'done' };
  const steps = stepsOfDecision(head, number);
  const unread = steps.filter((step) => isToRead(step) && !read.has(step.instanceId));
  const reading = { kind: 'read', change, instanceIds: unread.map(({ instanceId }) => instanceId) } as const;
  const isStopped = steps.some((step) => isBad(step, read));
  const hasVerified = head.remediations.some(isVerified);
  if (unread.length > 0 && (isStopped || !hasVerified || unread.some(isUnanswered))) return reading;
  const touched = new Set(steps.map(({ instanceId }) => instanceId));
  const left = plans.filter(({ instanceId }) => !touched.has(instanceId));
  const wave = hasVerified ? (groupByNumbers(left)[0] ?? []).slice(0, AT_ONCE) : left.slice(0, 1);
  const isOver = isStopped || (kind === 'apply-one' && hasVerified);
  if (!isOver && wave.length > 0) {
    const instanceIds = wave.map(({ instanceId }) => instanceId);
    return { kind: 'change', change, instanceIds, isFirst: !hasVerified };
  }
  return unread.length > 0 ? reading : { kind: 'done' };
}

/** How an approval ended that nothing more is sent by. */
export interface RolloutEnd {
  /** `open` where the others of the plan wait for a click of their own. */
  readonly state: Extract<IncidentState, 'resolved' | 'partially-applied' | 'failed'> | 'open';
  /** Why it is not what was wanted, or that another node went first; nothing where there is nothing to say. */
  readonly why: string;
  /** Nodes of the plan, and those that wait beside it, that this decision did not change. */
  readonly left: readonly string[];
}

/**
 * @param read nodes that were read since the decision changed them
 * @param refusal why the last order was not carried out, where it was refused as a whole
 */
export function rolloutEnd(
  head: IncidentHead,
  { number, kind }: Pick<Decision, 'number' | 'kind'>,
  read: ReadonlySet<string>,
  refusal = '',
): RolloutEnd {
  const steps = stepsOfDecision(head, number);
  const done = new Set(steps.filter(isVerified).map(({ instanceId }) => instanceId));
  const left = plannedNodes(head).filter((instanceId) => !done.has(instanceId));
  const isMoreToCome = head.planRest !== undefined;
  const stands = head.remediations.some(isVerified);
  const state = stands ? 'partially-applied' : 'failed';
  const bad = steps.find((step) => isBad(step, read));
  const aside = setAsideWords(steps);
  if (bad !== undefined || refusal !== '') {
    const others = left.some((id) => id !== bad?.instanceId);
    const isAlone = steps.length <= 1;
    const untouched = stands || !others ? '' : ` No other node was ${isAlone ? 'touched' : 'changed'}.`;
    return { state, left, why: `${bad === undefined ? refusal : reasonOf(bad)}${untouched}` };
  }
  if (left.length === 0) return { state: 'resolved', why: '', left };
  if (done.size > 0 && (kind === 'apply-one' || isMoreToCome)) return { state: 'open', why: aside, left };
  return { state, why: aside, left };
}

/** The steps that a decision led to, a rollback's aside. */
function stepsOfDecision({ remediations }: IncidentHead, number: number): readonly Remediation[] {
  return remediations.filter((step) => isChange(step) && step.decision === number);
}

/** Whether only a reading tells what stands on the node. */
const isToRead = ({ outcome, verification }: Remediation): boolean =>
  outcome !== 'refused' && verification === undefined;

/** Whether a step stops what would follow: it failed, or was read and is not what was planned. */
function isBad(step: Remediation, read: ReadonlySet<string>): boolean {
  if (isSetAside(step) || isVerified(step)) return false;
  const { outcome, verification, differs, instanceId } = step;
  return (
    verification !== undefined ||
    outcome === 'refused' ||
    outcome === 'failed' ||
    differs === true ||
    read.has(instanceId)
  );
}

/** Which nodes were set aside and why the first of them; where one was to go first, which one did instead. */
function setAsideWords(steps: readonly Remediation[]): string {
  const aside = steps.filter(isSetAside);
  const [first] = aside;
  if (first === undefined) return '';
  const next = steps.find((step) => !isSetAside(step));
  const isReplaced = first === steps[0] && next !== undefined;
  const place = isReplaced ? `; ${next.instanceId} took its place as the first node` : '';
  const more =
    aside.length === 1
      ? ''
      : ` ${counted(aside.length - 1, 'other node')} ${aside.length === 2 ? 'was' : 'were'} set aside too; the list says why.`;
  return `${withoutStop(reasonOf(first))}${place}.${more}`;
}
