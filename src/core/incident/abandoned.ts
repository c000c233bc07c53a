import type { IncidentHead } from '../record/incident.ts';
import { isClosed, transition } from '../record/transitions.ts';

/** The workflow answers its callback's timeout at once; later than this after it, nobody is there any more. */
const LATE_CALLBACK_MS = 15 * 60_000;
/** Far above the longest step: a command has its answer, or counts as lost, within minutes (lambdas/incident-parts.ts). */
const SILENT_MS = 60 * 60_000;

/**
 * Whether the workflow of an open incident has died without ending it: its callback expired long ago, or nothing has been
 * done for far longer than any step takes. Such an incident holds its alarm, and firings would only be counted on it.
 * @param now milliseconds since the Unix epoch
 */
export function isAbandoned(head: IncidentHead, now: number): boolean {
  if (isClosed(head.state)) return false;
  if (head.callback !== undefined) return now - Date.parse(head.callback.expiresAt) > LATE_CALLBACK_MS;
  const done = [
    head.openedAt,
    ...head.transitions.map(({ at }) => at),
    ...head.decisions.map(({ at }) => at),
    ...head.remediations.flatMap(({ claimedAt, finishedAt }) => [claimedAt, finishedAt ?? claimedAt]),
  ];
  return now - Math.max(...done.map((at) => Date.parse(at))) > SILENT_MS;
}

/** Ends an abandoned incident as failed; any other is returned as it is. */
export function endAbandoned(head: IncidentHead, now: number): IncidentHead {
  if (!isAbandoned(head, now)) return head;
  const why = `The workflow stopped while the incident was ${head.state} and did not come back; the alarm fired again and has a new incident.`;
  return transition(head, 'failed', { kind: 'workflow' }, new Date(now).toISOString(), why);
}
