import { pendingDecision } from '../incident/decide.ts';
import type { Decision, DecisionKind, IncidentHead } from '../record/incident.ts';
import { utcTime } from '../words.ts';
import { personName } from './context.ts';

const DECIDED: Readonly<Record<DecisionKind, string>> = {
  'apply-one': 'Approved',
  'apply-all': 'Approved',
  rollback: 'Rollback ordered',
  dismiss: 'Dismissed',
  keep: 'Keeping it ordered',
  refresh: 'Approved on old evidence',
  'alarm-ok': 'The alarm is OK again',
  timeout: 'Nobody decided in time',
  'new-nodes': 'An alarm that joined brought more nodes',
};

const NEXT: Partial<Record<DecisionKind, string>> = {
  dismiss: 'closing',
  'alarm-ok': 'closing',
  timeout: 'closing',
  refresh: 'collecting again',
  'new-nodes': 'collecting from them, and the buttons come back with a plan that names them',
};

/** What was decided and has not begun yet, so that whoever looks sees the click at once; nothing where nothing was. */
export function startingLead(head: IncidentHead, now: number): string | undefined {
  const decision = pendingDecision(head);
  if (decision === undefined) return undefined;
  const { kind, at } = decision;
  const next = NEXT[kind] ?? 'starting. Nothing was sent for it yet';
  return `${DECIDED[kind]}${byOf(decision)}, ${utcTime(at, now)}: ${next}.`;
}

function byOf({ actor }: Decision): string {
  return actor.kind === 'slack-user' ? ` by ${personName(actor)}` : '';
}
