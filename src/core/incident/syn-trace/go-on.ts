import type { IncidentHead } from '../../record/incident.ts';
import type { SynTrace } from '../../record/traced/order.ts';
import type { CarryOnPorts } from '../carry-on.ts';
import { execution } from '../execution.ts';
import { failTrace, runningTrace } from './order.ts';

/** What came so much later is no answer to who asked. */
const BEGUN_WITHIN_MS = 5 * 60_000;

/** The name of the execution that makes a trace. */
export const traceExecution = (
  head: Pick<IncidentHead, 'id'>,
  { number }: Pick<SynTrace, 'number'>,
): string => execution(head, { kind: 'trace', number }).name;

/**
 * Makes sure that a trace that was ordered is made, or ends with a sentence: it has an execution of its own, so that whatever
 * else goes on in the incident waits for none. What stopped half-way is not made again, for whoever asked can ask again.
 *
 * @returns what was done; nothing where no trace runs or its execution does
 */
export async function goOnTracing(
  { store, workflows, clock, log }: CarryOnPorts,
  head: IncidentHead,
): Promise<'started' | 'ended' | undefined> {
  const trace = runningTrace(head);
  if (trace === undefined) return undefined;
  const name = traceExecution(head, trace);
  const status = await workflows.statusOf(name);
  if (status === 'running') return undefined;
  log('trace-not-running', { incidentId: head.id, execution: name, status });
  const now = clock.now();
  const isYoung = now - Date.parse(trace.at) < BEGUN_WITHIN_MS;
  if (status === 'absent' && isYoung) {
    await workflows.startNumbered(head, 'trace', trace.number);
    return 'started';
  }
  const why =
    status === 'absent'
      ? 'the trace was not begun within five minutes, and nothing was sent; order it again.'
      : 'the trace stopped half-way, so nothing is known of it; order it again.';
  const at = new Date(now).toISOString();
  await store.update(head.id, (latest) => failTrace(latest, trace.number, at, why));
  return 'ended';
}
