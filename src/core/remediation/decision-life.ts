import type { DecisionKind, IncidentHead } from '../record/incident.ts';
import { counted, utcTime } from '../words.ts';
import { isChange } from './steps.ts';

/** With what the life of a decision is measured. */
export interface LifeRules {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** For how long after a click its first command may be sent. */
  readonly lifeSeconds: number;
}

/** Why nothing may be sent on a decision any more. */
export interface LifeOver {
  readonly kind: 'expired' | 'alarm-ok';
  /** One sentence. */
  readonly why: string;
}

const WHAT: Partial<Record<DecisionKind, string>> = {
  'apply-one': 'approval',
  'apply-all': 'approval',
  rollback: 'rollback that was ordered',
  keep: 'order to keep it',
};

/**
 * Whether a decision is too old for its first command, or its alarm went back to OK before that. What has begun may finish: with
 * the first claimed step the decision's own life is over. An alarm that was OK already when somebody clicked for the rest of
 * the nodes was on the card.
 * @returns nothing while something may be sent
 */
export function decisionLifeOver(
  head: Pick<IncidentHead, 'decisions' | 'remediations' | 'alarmOkAt'>,
  number: number,
  { now, lifeSeconds }: LifeRules,
): LifeOver | undefined {
  const { decisions, remediations, alarmOkAt } = head;
  const decision = decisions.find((one) => one.number === number);
  const what = decision && WHAT[decision.kind];
  if (decision === undefined || what === undefined) return undefined;
  if (remediations.some((step) => step.decision === number)) return undefined;
  const isFirst = !remediations.some(isChange);
  const isApproval = decision.kind === 'apply-one' || decision.kind === 'apply-all';
  if (isApproval && alarmOkAt !== undefined && (isFirst || alarmOkAt > decision.at)) {
    const why = `The alarm went back to OK at ${utcTime(alarmOkAt, now)}, before anything was sent, so nothing was.`;
    return { kind: 'alarm-ok', why };
  }
  if (now - Date.parse(decision.at) <= lifeSeconds * 1000) return undefined;
  const minutes = Math.round(lifeSeconds / 6) / 10;
  const within =
    lifeSeconds < 60 ? `${lifeSeconds} s` : minutes === 1 ? 'a minute' : counted(String(minutes), 'minute');
  const why = `The ${what} at ${utcTime(decision.at, now)} was not begun within ${within}, so nothing was sent.`;
  return { kind: 'expired', why };
}
