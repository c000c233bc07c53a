import { RecordRefusedError } from '../errors.ts';
import type { Clock, IncidentStore, Log, Workflows } from '../ports.ts';
import { type IncidentHead, WORKFLOW } from '../record/incident.ts';
import { isClosed, transition } from '../record/transitions.ts';
import { unlockNodes } from '../remediation/locks.ts';
import { isChange } from '../remediation/steps.ts';
import { pendingDecision } from './decide.ts';
import { type Execution, executionOf, firstExecution } from './execution.ts';
import { endLook } from './quiet.ts';
import { missed } from './shown/owed-words.ts';

/** What going on with an incident needs. */
export interface CarryOnPorts {
  readonly store: IncidentStore;
  readonly workflows: Workflows;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often in a row the place of a workflow that stopped is taken, before its incident is ended. */
const TRIES_MOST = 3;
/**
 * An execution that lived for so long, in ms, had gone on well: one that stops then is the first of a row anew. Far longer than any step
 * takes, so a step that stops every execution is no such life; at most one an hour is begun by this. Our choice.
 */
const LIVED_WELL_MS = 60 * 60_000;

/** What was found and done. */
export type CarriedOn =
  /** Nothing is open, or its execution runs. */
  | 'nothing'
  /** The execution was never started: it is now. */
  | 'started'
  /** The execution had stopped: another one goes on in its place. */
  | 'taken-up'
  /** Executions stopped again and again: the incident was ended with what is known of it. */
  | 'ended';

/**
 * Makes sure that somebody goes on with an incident: starts the execution that was never started, and puts another one in the
 * place of one that has stopped without ending the record. Any number of calls, at once or one after the other, do it once.
 */
export async function carryOn(ports: CarryOnPorts, head: IncidentHead): Promise<CarriedOn> {
  const { store, workflows, clock, log } = ports;
  const expected = executionOf(head);
  if (expected === undefined) return 'nothing';
  const status = await workflows.statusOf(expected.name);
  if (status === 'running') return 'nothing';
  const details = { incidentId: head.id, execution: expected.name };
  if (status === 'absent') {
    log('workflow-not-started', details);
    await start(workflows, head, expected);
    return 'started';
  }
  const at = new Date(clock.now()).toISOString();
  const updated = await store.update(head.id, (now) =>
    // Who ended it, or took it up, in between was there first.
    executionOf(now)?.name === expected.name ? takeUp(now, at) : now,
  );
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  const next = executionOf(updated.head);
  log('workflow-stopped', { ...details, next: next?.name ?? 'none' });
  if (next === undefined) {
    await release(ports, updated.head);
    return 'ended';
  }
  await start(workflows, updated.head, next);
  return 'taken-up';
}

async function start(workflows: Workflows, head: IncidentHead, execution: Execution): Promise<void> {
  switch (execution.kind) {
    case 'incident':
      return await workflows.startIncident(head);
    case 'rollback':
      return await workflows.startRollback(head, { number: execution.decision });
    case 'keep':
      return await workflows.startKeep(head, { number: execution.decision });
    case 'look':
    case 'trace':
    case 'take-up':
      return await workflows.startNumbered(head, execution.kind, execution.number);
  }
}

/** Gives what stopped to the next execution, or ends it with what is known. */
function takeUp(head: IncidentHead, at: string): IncidentHead {
  const of = firstExecution(head);
  if (of === undefined) return head;
  if (of.kind === 'look')
    return endLook(head, of.number, at, {
      worse: 'The look at its nodes stopped half-way, so nobody knows whether it is worse.',
    });
  const { takenUp } = head;
  const tries = triesBefore(takenUp, of.name, at) + 1;
  if (of.kind === 'keep' && tries > TRIES_MOST) return endKeep(head, at);
  if (tries > TRIES_MOST && isClosed(head.state)) return endAftermath(head, at);
  if (tries > TRIES_MOST) return transition(head, 'failed', WORKFLOW, at, whyEnded(head));
  // Nobody waits on this callback any more; without it a click says so until there is another one.
  const { callback, ...rest } = head;
  const kept = callback !== undefined && pendingDecision(head) !== undefined ? { callback } : {};
  return { ...rest, ...kept, takenUp: { of: of.name, number: (takenUp?.number ?? 0) + 1, tries, at } };
}

/** How often in a row before it was taken up; none where what stopped now had gone on well, or is another one. */
function triesBefore(before: IncidentHead['takenUp'], of: string, at: string): number {
  const isOfRow = before?.of === of && Date.parse(at) - Date.parse(before.at) < LIVED_WELL_MS;
  return isOfRow ? before.tries : 0;
}

function whyEnded(head: IncidentHead): string {
  const steps = head.remediations.filter(isChange);
  const unverified = steps.filter(
    ({ outcome, verification }) => verification === undefined && outcome !== 'refused',
  );
  const nodes = [...new Set(unverified.map(({ instanceId }) => instanceId))].join(', ');
  const stopped = `The workflow stopped again and again while the incident was ${head.state}, so it was ended.`;
  if (nodes !== '')
    return `${stopped} ${nodes}: a change was sent and not verified; look at it before anything else.`;
  return steps.length === 0
    ? `${stopped} Nothing was changed.`
    : `${stopped} What was verified stays as it is.`;
}

/** What was to follow the end stopped again and again: the card says that nobody has looked, or that a note is missing. */
function endAftermath({ undone, ...head }: IncidentHead, at: string): IncidentHead {
  const why = 'The workflow stopped again and again after the end.';
  if (undone !== undefined) return missed(head, { what: 'note', why }, Date.parse(at));
  const { aftermath: _owed, ...rest } = head;
  return missed(rest, { what: 'look', why }, Date.parse(at));
}

/** Executions of an association stopped again and again: what was sent can not be told from here. */
function endKeep(head: IncidentHead, changedAt: string): IncidentHead {
  const { association } = head;
  if (association === undefined) return head;
  const isSent = association.state === 'sent';
  const detail = isSent
    ? 'The workflow stopped after it was sent; look into State Manager before anything else.'
    : 'The workflow stopped before anything was sent; order it again.';
  return {
    ...head,
    association: { ...association, state: isSent ? 'unknown' : 'refused', detail, changedAt },
  };
}

/** Frees the alarm, and the nodes on which nothing runs any more; the locks of others run out by themselves. */
async function release(ports: CarryOnPorts, head: IncidentHead): Promise<void> {
  const { store } = ports;
  if (isClosed(head.state)) await store.close(head);
  for (const { instanceId, decision, finishedAt } of head.remediations)
    if (finishedAt !== undefined) await unlockNodes(ports, head.id, decision, [instanceId]);
}
