import type { HeadChange } from '../ports.ts';
import type { Actor, Incident, IncidentHead } from '../record/incident.ts';
import type { Doubt } from '../record/said/doubt.ts';
import { refuseStranger } from './approvers.ts';

/** How many times an incident's verdicts may be called wrong; what is said more often is no news. */
const DOUBTS_MOST = 10;

/** What a person's doubt is held against. */
interface DoubtRules {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Slack user ids that may. */
  readonly approvers: readonly string[];
}

/**
 * Takes into the record that a person calls the verdicts wrong that the incident shows, with the readings that they rest on: what was
 * read there is a case that the rules get wrong. It changes no node and no decision.
 *
 * @returns the change for a head; it returns one sentence instead where it does not count
 */
export function doubtVerdicts(
  { collections }: Incident,
  actor: Extract<Actor, { kind: 'slack-user' }>,
  { now, approvers }: DoubtRules,
): HeadChange {
  const readings = collections.flatMap(({ instanceId, collection, outcome }) =>
    outcome.kind === 'failed' ? [] : [{ instanceId, collection, verdict: outcome.diagnosis.verdict }],
  );
  return (head) => {
    const refusal = refuseStranger(actor.id, approvers, 'nothing was noted');
    if (refusal !== undefined) return refusal;
    const { doubts = [] } = head;
    if (readings.length === 0) return 'No node was read, so there is no verdict that could be wrong.';
    if (doubts.some((one) => one.actor.id === actor.id && isSame(one, readings)))
      return 'You have said so of this verdict already; it is on record.';
    if (doubts.length >= DOUBTS_MOST)
      return `This was said ${DOUBTS_MOST} times of this incident already; npx medic audit ${head.id} lists them.`;
    return { ...head, doubts: [...doubts, { at: new Date(now).toISOString(), actor, readings }] };
  };
}

const isSame = (one: Doubt, readings: Doubt['readings']): boolean =>
  JSON.stringify(one.readings) === JSON.stringify(readings);

/** What the person who said it gets to read. */
export const doubtNote = ({ id }: Pick<IncidentHead, 'id'>): string =>
  `Noted on the card, with the readings that it rests on. npx medic audit ${id} prints where their raw output lies, so that it can become a test case. Nothing else was changed.`;
