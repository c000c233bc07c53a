import { isReversible } from '../plan/kinds.ts';
import type { IncidentHead } from '../record/incident.ts';
import { LEGAL_MOVES } from '../record/transitions.ts';
import { reversibleNodes } from '../remediation/steps.ts';

/** Which of the card's buttons a runbook may speak of. */
export interface Buttons {
  /** One that changes the node of the runbook. */
  readonly change: boolean;
  /** `Roll back`, now or once the change is made. */
  readonly rollback: boolean;
}

/** States in which the card has a button for the change, or gets it with the next step. */
const OFFERING: readonly string[] = ['diagnosed', 'awaiting-approval', 'applied-one'];

/** The buttons that the card of an incident has for one node. */
export function buttonsFor(head: IncidentHead, instanceId: string | undefined): Buttons {
  const plan = OFFERING.includes(head.state)
    ? head.plan?.nodes.find((one) => one.instanceId === instanceId)
    : undefined;
  const isReversing = LEGAL_MOVES[head.state].includes('rolling-back') && reversibleNodes(head).length > 0;
  return {
    change: plan !== undefined,
    rollback: isReversing || (plan !== undefined && isReversible(plan.kind)),
  };
}
