import { showIncident } from '../../incident/shown/show-incident.ts';
import { goOnTracing, traceExecution } from '../../incident/syn-trace/go-on.ts';
import { runningTrace } from '../../incident/syn-trace/order.ts';
import type { Duty } from '../duty.ts';

/** A trace that was ordered is made, or says why it was not. */
export const trace: Duty = {
  name: 'trace',
  run: async (tick, head) => {
    const running = runningTrace(head);
    if (running === undefined || tick.running.has(traceExecution(head, running))) return undefined;
    const done = await goOnTracing(tick, head);
    if (done === 'ended') await showIncident(tick.store, tick.notifier, head.id);
    return done;
  },
};
