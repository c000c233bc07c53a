import { messageOf } from '../errors.ts';
import { deliver } from './duties/deliver.ts';
import { endQuietTime } from './duties/end-quiet.ts';
import { goOn } from './duties/go-on.ts';
import { oweEndWords } from './duties/owe-end-words.ts';
import { sayOwed } from './duties/say-owed.ts';
import { settleAlarms } from './duties/settle-alarms.ts';
import { showOwed } from './duties/show-owed.ts';
import { trace } from './duties/trace.ts';
import type { Duty, ReconcilePorts, Tick } from './duty.ts';

/** What is owed to an incident, in the order in which it is looked at; none of them relies on another one. */
const DUTIES: readonly Duty[] = [
  settleAlarms,
  deliver,
  goOn,
  trace,
  endQuietTime,
  showOwed,
  oweEndWords,
  sayOwed,
];

/** Incidents that are looked at beside each other. */
export const INCIDENTS_AT_ONCE = 8;

/** What one run of the reconciler came to. */
export interface Reconciled {
  /** Incidents of which something was still to be done. */
  readonly unfinished: number;
  /** How much was done for them. */
  readonly done: number;
  /** How much of it failed; it is tried again at the next run. */
  readonly failed: number;
  /** Incidents that there was no time for; the next run begins with others. */
  readonly left: number;
}

/**
 * Looks at every incident of which something is still to be done and does what is owed to it. What fails for one stops no
 * other, and the next run tries it again.
 * @param until when to begin with no further one, in milliseconds since the Unix epoch
 */
export async function reconcile(
  ports: ReconcilePorts,
  until: number,
  duties: readonly Duty[] = DUTIES,
): Promise<Reconciled> {
  const running = await runningOf(ports);
  const tick: Tick = { ...ports, running };
  const ids = rotated(await ports.store.unfinished(), ports.clock.now());
  const counts = { done: 0, failed: 0 };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let id = ids[next]; id !== undefined && ports.clock.now() < until; id = ids[next]) {
      next += 1;
      for (const duty of duties) await perform(tick, duty, id, counts);
    }
  };
  await Promise.all(Array.from({ length: INCIDENTS_AT_ONCE }, work));
  return { unfinished: ids.length, ...counts, left: ids.length - next };
}

/** Without the list each execution is asked for by its name, and what needs none is done all the same. */
async function runningOf({ workflows, log }: ReconcilePorts): Promise<ReadonlySet<string>> {
  try {
    return await workflows.running();
  } catch (error) {
    log('executions-not-listed', { error: messageOf(error) });
    return new Set();
  }
}

/** Each duty reads the record anew: another one, or somebody else, may have changed it. */
async function perform(
  tick: Tick,
  duty: Duty,
  incidentId: string,
  counts: { done: number; failed: number },
): Promise<void> {
  try {
    const head = await tick.store.head(incidentId);
    const done = head === undefined ? undefined : await duty.run(tick, head);
    if (done === undefined) return;
    counts.done += 1;
    tick.log('duty-done', { incidentId, duty: duty.name, done });
  } catch (error) {
    counts.failed += 1;
    tick.log('duty-failed', { incidentId, duty: duty.name, error: messageOf(error) });
  }
}

/** Where there is no time for all, each minute begins with another one. */
function rotated(ids: readonly string[], now: number): readonly string[] {
  const from = ids.length === 0 ? 0 : Math.floor(now / 60_000) % ids.length;
  return [...ids.slice(from), ...ids.slice(0, from)];
}
