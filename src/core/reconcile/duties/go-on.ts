import { carryOn } from '../../incident/carry-on.ts';
import { executionOf } from '../../incident/execution.ts';
import { showIncident } from '../../incident/shown/show-incident.ts';
import type { Duty } from '../duty.ts';

/** Whatever is open has an execution that goes on with it, or an end. */
export const goOn: Duty = {
  name: 'go-on',
  run: async (tick, head) => {
    const expected = executionOf(head);
    if (expected === undefined || tick.running.has(expected.name)) return undefined;
    const done = await carryOn(tick, head);
    if (done === 'ended') await showIncident(tick.store, tick.notifier, head.id);
    return done === 'nothing' ? undefined : done;
  },
};
