import { isReversible } from '../plan/kinds.ts';
import { byNode } from '../record/by-node.ts';
import type { IncidentHead } from '../record/incident.ts';
import { LEGAL_MOVES } from '../record/transitions.ts';
import { reversibleNodes } from '../remediation/steps.ts';
import { takenAway } from '../remediation/taken-away.ts';

/** Which of the card's buttons a runbook may speak of. */
export interface Buttons {
  /** One that changes the node of the runbook. */
  readonly change: boolean;
  /** `Roll back`, now or once the change is made. */
  readonly rollback: boolean;
}

/** States in which the card has a button for the change, or gets it with the next step. */
const OFFERING: readonly string[] = ['diagnosed', 'awaiting-approval', 'applied-one'];

/** The buttons that the card of an incident has, by node. */
export function buttonsOf(head: IncidentHead): (instanceId: string | undefined) => Buttons {
  const isOffered = OFFERING.includes(head.state) && takenAway(head) === undefined;
  const offered = isOffered ? (head.plan?.nodes ?? []) : [];
  const plans = byNode(offered);
  const isReversing = LEGAL_MOVES[head.state].includes('rolling-back') && reversibleNodes(head).length > 0;
  return (instanceId = '') => {
    const kind = plans.get(instanceId)?.kind;
    return {
      change: kind !== undefined,
      rollback: isReversing || (kind !== undefined && isReversible(kind)),
    };
  };
}
