import { pendingDecision } from '../../incident/decide.ts';
import { deliverDecision } from '../../incident/deliver-decision.ts';
import { showIncident } from '../../incident/shown/show-incident.ts';
import type { Duty } from '../duty.ts';

/** A decision that is stored reaches the workflow, also when who stored it died before that. */
export const deliver: Duty = {
  name: 'deliver-decision',
  run: async ({ store, notifier, workflows }, head) => {
    if (head.callback === undefined || pendingDecision(head) === undefined) return undefined;
    await deliverDecision(head, workflows);
    await showIncident(store, notifier, head.id);
    return 'delivered';
  },
};
