import { endFlapping, settleOk } from '../../incident/joining/words.ts';
import type { Duty } from '../duty.ts';

/**
 * An incident that other alarms have joined ends once all are OK, also where whoever noted the last OK died before it looked; one
 * whose alarm flaps ends once that has stayed OK for a while.
 */
export const settleAlarms: Duty = {
  name: 'settle-alarms',
  run: async (tick, head) => {
    const settled = head.joined === undefined ? 'nothing' : await settleOk(tick, head);
    if (settled !== 'nothing') return settled;
    return head.flaps !== undefined && (await endFlapping(tick, head)) ? 'closing' : undefined;
  },
};
