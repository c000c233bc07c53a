import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Incident, IncidentHead, IncidentHistory } from '../record/incident.ts';

/** The record as the card is drawn from it, out of everything that was stored. */
export function incidentOf({ head, collections }: IncidentHistory): Incident {
  const newest = new Map(collections.map((one) => [one.instanceId, one]));
  return {
    head,
    collections: [...newest.values()],
    earlier: collections.filter((one) => newest.get(one.instanceId) !== one),
  };
}

/** What a collection gave, where the node could be read. */
export const diagnosedIn = ({ outcome }: NodeCollection): Diagnosed | undefined =>
  outcome.kind === 'diagnosed' ? outcome : undefined;

/** The newest time that the record tells of something: what a page is as of. ISO 8601. */
export function newestTime({ head, collections }: IncidentHistory): string {
  const { openedAt, transitions, decisions, remediations, drift = [], seen, alarmOkAt } = head;
  return [
    openedAt,
    seen.lastAt,
    ...(alarmOkAt === undefined ? [] : [alarmOkAt]),
    ...transitions.map(({ at }) => at),
    ...decisions.map(({ at }) => at),
    ...remediations.map(({ claimedAt, finishedAt = claimedAt }) => finishedAt),
    ...drift.map(({ at }) => at),
    ...collections.map(({ collectedAt }) => collectedAt),
  ].reduce((newest, at) => (at > newest ? at : newest));
}

/** A moment that every chart over time marks. */
export interface Mark {
  readonly kind: 'alarm' | 'click' | 'change' | 'rollback';
  /** ISO 8601. */
  readonly at: string;
  readonly label: string;
}

/** When the alarm fired, when people clicked and when nodes were changed or put back, in the order of time. */
export function marksOf({ alarm, decisions, remediations }: IncidentHead): readonly Mark[] {
  const clicks = decisions.flatMap(({ actor, at }): Mark[] =>
    actor.kind === 'slack-user' ? [{ kind: 'click', at, label: 'click' }] : [],
  );
  // One mark for all nodes of a decision: the first that was changed.
  const changes = new Map<string, Mark>();
  for (const { kind, decision, outcome, finishedAt } of remediations) {
    if (finishedAt === undefined || outcome === undefined || !CHANGED.has(outcome)) continue;
    const isBack = kind === 'rollback';
    const key = `${decision} ${isBack}`;
    if ((changes.get(key)?.at ?? finishedAt) >= finishedAt)
      changes.set(key, {
        kind: isBack ? 'rollback' : 'change',
        at: finishedAt,
        label: isBack ? 'rolled back' : 'changed',
      });
  }
  const alarmed: Mark = { kind: 'alarm', at: alarm.changedAt, label: 'alarm' };
  return [alarmed, ...clicks, ...changes.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

const CHANGED: ReadonlySet<string> = new Set(['raised', 'changed', 'rolled-back']);
