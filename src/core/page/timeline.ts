import { personName } from '../card/context.ts';
import { stepName } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Decision, IncidentHead, IncidentHistory, Remediation } from '../record/incident.ts';
import { isFiring, type JoinedAlarm } from '../record/joined/alarm.ts';
import { isApplied } from '../remediation/steps.ts';
import { counted, firstOf, nodeCount, show, withoutNode } from '../words.ts';
import { groupedBy } from './grouped-by.ts';
import { diagnosedIn } from './readings.ts';

/** What kind of thing happened; who draws the page has a sign for each. */
export type EventKind = 'alarm' | 'sample' | 'verdict' | 'click' | 'change' | 'verified' | 'failed' | 'state';

/** One line of the story of an incident. */
export interface TimelineEvent {
  readonly kind: EventKind;
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
  /** More about it, a line each. */
  readonly details: readonly string[];
}

/** Nodes that an event names one by one; of more it tells how many. */
const NODES_NAMED = 6;

/** Everything that happened, oldest first: alarm, samples, verdicts, clicks, changes, verification and later looks. */
export function timelineOf({
  head,
  collections,
  alarms = [],
}: Pick<IncidentHistory, 'head' | 'collections' | 'alarms'>): readonly TimelineEvent[] {
  const events = [
    ...warningEvents(head),
    ...alarmEvents(head),
    ...joinedEvents(alarms.filter(({ arn }) => arn !== head.alarm.arn)),
    ...collectionEvents(collections),
    ...head.decisions.map((one) => decisionEvent(one)),
    ...changeEvents(head.remediations),
    ...verificationEvents(head.remediations, collections),
    ...stateEvents(head),
    ...driftEvents(head),
  ];
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function alarmEvents({ alarm, seen, alarmOkAt }: IncidentHead): TimelineEvent[] {
  const { name, metric, reason, changedAt } = alarm;
  const event = (at: string, what: string, details: readonly string[] = []): TimelineEvent => ({
    kind: 'alarm',
    at,
    what,
    details,
  });
  return [
    event(changedAt, `${name} fired${metric === '' ? '' : `: ${metric}`}`, reason === '' ? [] : [reason]),
    ...(seen.count > 1 ? [event(seen.lastAt, `It fired again, ${counted(seen.count, 'time')} in all`)] : []),
    ...(alarmOkAt === undefined ? [] : [event(alarmOkAt, `${name} went back to OK`)]),
  ];
}

/** Joined alarms that have lines of their own; of more it is told how many. */
const JOINED_NAMED = 12;

/** When each alarm joined, and when it was OK again. */
function joinedEvents(joined: readonly JoinedAlarm[]): TimelineEvent[] {
  const inOrder = joined.toSorted((a, b) => (a.joinedAt < b.joinedAt ? -1 : a.joinedAt > b.joinedAt ? 1 : 0));
  const event = (at: string, what: string): TimelineEvent => ({ kind: 'alarm', at, what, details: [] });
  const named = inOrder
    .slice(0, JOINED_NAMED)
    .flatMap((one) => [
      event(one.joinedAt, `${one.name} joined`),
      ...(isFiring(one) || one.okAt === undefined ? [] : [event(one.okAt, `${one.name} went back to OK`)]),
    ]);
  const more = inOrder.slice(JOINED_NAMED);
  const [first] = more;
  if (first === undefined) return named;
  const ok = more.filter((one) => !isFiring(one)).length;
  return [
    ...named,
    event(
      first.joinedAt,
      `${counted(more.length, 'more alarm')} joined from here on, ${show(ok)} of them OK again since`,
    ),
  ];
}

/** The early warning of its nodes, where one stood before. */
function warningEvents({ warned }: IncidentHead): TimelineEvent[] {
  if (warned === undefined) return [];
  const { since, incidentId, becameThis } = warned;
  const what = `Early warning of nodes of this incident: ${incidentId}`;
  return [
    {
      kind: 'alarm',
      at: since,
      what,
      details: becameThis === true ? ['Its card became the one of this incident.'] : [],
    },
  ];
}

/** A line for all nodes of which the same is said, with their names in front. */
function byWords(
  said: readonly { readonly instanceId: string; readonly words: string }[],
): readonly string[] {
  const groups = groupedBy(said, ({ instanceId, words }) => withoutNode(instanceId, words));
  return [...groups].map(([words, all]) => {
    const names = firstOf(
      all.map(({ instanceId }) => instanceId),
      NODES_NAMED,
    );
    return `${names.join(', ')}: ${words}`;
  });
}

/** One event a collection: how many nodes were read, and what they showed. */
function collectionEvents(collections: readonly NodeCollection[]): TimelineEvent[] {
  const byNumber = groupedBy(collections, ({ collection }) => collection);
  return [...byNumber].map(([number, all]): TimelineEvent => {
    const read = all.filter(({ outcome }) => outcome.kind === 'diagnosed').length;
    const at = all.map(({ collectedAt }) => collectedAt).reduce((first, one) => (one < first ? one : first));
    const seconds = all.flatMap((one) => diagnosedIn(one)?.figures.windowSeconds ?? []);
    const apart = seconds.length === 0 ? '' : `, two samples ${Math.round(Math.max(...seconds))} s apart`;
    const said = byWords(
      all.map(({ instanceId, outcome }) => ({
        instanceId,
        words: outcome.kind === 'failed' ? outcome.why : outcome.diagnosis.headline,
      })),
    );
    return {
      kind: 'sample',
      at,
      what: `Collection ${number}: ${read === all.length ? nodeCount(read) : `${read} of ${nodeCount(all.length)}`} read${apart}`,
      details: firstOf(said, NODES_NAMED),
    };
  });
}

const CHOICES: Readonly<Record<Decision['kind'], string>> = {
  'apply-one': 'approved the change on one node',
  'apply-all': 'approved the change on the nodes of the plan',
  dismiss: 'dismissed the incident',
  rollback: 'ordered the rollback',
  keep: 'had the raise kept on the whole node group',
  refresh: 'approved on evidence that was too old; it is collected again',
  'alarm-ok': 'The alarm went back to OK before a click',
  timeout: 'Nobody decided in time',
  'new-nodes': 'An alarm that joined brought more nodes; all are looked at again',
};

function decisionEvent({ kind, actor, at, planDigest, instanceIds, number }: Decision): TimelineEvent {
  const who = actor.kind === 'slack-user' ? `${personName(actor)} ` : '';
  const details = [
    ...(instanceIds === undefined ? [] : [`For ${firstOf(instanceIds, NODES_NAMED).join(', ')}`]),
    ...(planDigest === undefined ? [] : [`Decision ${number}, on plan ${planDigest}`]),
  ];
  return {
    kind: actor.kind === 'slack-user' ? 'click' : 'state',
    at,
    what: `${who}${CHOICES[kind]}`,
    details,
  };
}

/** One event for the nodes that a decision's command ended on at about the same time, with the same result. */
function changeEvents(remediations: readonly Remediation[]): TimelineEvent[] {
  const groups = groupedBy(remediations, ({ kind, decision, outcome }) => `${decision} ${kind} ${outcome}`);
  return [...groups.values()].map((steps): TimelineEvent => {
    const [first] = steps;
    const at = steps
      .map(({ claimedAt, finishedAt = claimedAt }) => finishedAt)
      .reduce((newest, one) => (one > newest ? one : newest));
    const isDone = first !== undefined && (isApplied(first) || first.outcome === 'rolled-back');
    const where =
      steps.length === 1
        ? (first?.instanceId ?? '')
        : nodeCount(new Set(steps.map(({ instanceId }) => instanceId)).size);
    const outcome = first?.outcome === undefined ? 'sent, no answer yet' : OUTCOMES[first.outcome];
    return {
      kind: isDone ? 'change' : first?.outcome === undefined ? 'state' : 'failed',
      at,
      what: `The ${stepName(first?.kind ?? 'rollback')} on ${where}: ${outcome}`,
      details: firstOf(
        byWords(
          steps.flatMap(({ instanceId, detail }) =>
            detail === undefined ? [] : [{ instanceId, words: detail }],
          ),
        ),
        NODES_NAMED,
      ),
    };
  });
}

const OUTCOMES: Readonly<Record<NonNullable<Remediation['outcome']>, string>> = {
  raised: 'raised',
  changed: 'changed',
  unchanged: 'nothing to change',
  'rolled-back': 'taken back',
  refused: 'refused, nothing was changed',
  failed: 'failed',
  unknown: 'no answer came back',
};

function verificationEvents(
  remediations: readonly Remediation[],
  collections: readonly NodeCollection[],
): TimelineEvent[] {
  const judged = remediations.flatMap((step) =>
    step.verification === undefined ? [] : [{ step, verification: step.verification }],
  );
  const groups = groupedBy(judged, ({ verification: { collection, passed } }) => `${collection} ${passed}`);
  return [...groups.values()].flatMap((all): TimelineEvent[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { passed, collection, at } = first.verification;
    const readAt =
      at ?? collections.find((one) => one.collection === collection)?.collectedAt ?? first.step.claimedAt;
    return [
      {
        kind: passed ? 'verified' : 'failed',
        at: readAt,
        what: `${passed ? 'Verified' : 'Verification failed'} on ${all.length === 1 ? first.step.instanceId : nodeCount(all.length)}, by collection ${collection}`,
        details: firstOf(
          byWords(all.map(({ step: { instanceId }, verification: { why } }) => ({ instanceId, words: why }))),
          NODES_NAMED,
        ),
      },
    ];
  });
}

/** States of which no other event tells. */
const TOLD_STATES: Readonly<Partial<Record<IncidentHead['state'], string>>> = {
  'awaiting-approval': 'A plan waits for a click',
  'applied-one': 'The rest waits for a click of its own',
  resolved: 'Resolved',
  'partially-applied': 'Stopped with some nodes changed',
  'rolled-back': 'Rolled back',
  'no-fix-offered': 'No fix is offered',
  dismissed: 'Dismissed',
  expired: 'Expired',
  failed: 'Stopped',
};

function stateEvents({ transitions }: IncidentHead): TimelineEvent[] {
  return transitions.flatMap(({ at, to, why }): TimelineEvent[] => {
    const what = TOLD_STATES[to];
    if (what === undefined) return [];
    return [
      { kind: to === 'failed' ? 'failed' : 'state', at, what, details: why === undefined ? [] : [why] },
    ];
  });
}

function driftEvents({ drift = [] }: IncidentHead): TimelineEvent[] {
  return drift.map(({ at, collection, nodes }): TimelineEvent => {
    const held = nodes.filter(({ state }) => state === 'held').length;
    return {
      kind: held === nodes.length ? 'verified' : 'failed',
      at,
      what: `A later look, collection ${collection}: the change holds on ${held} of ${nodeCount(nodes.length)}`,
      details: firstOf(
        byWords(nodes.map(({ instanceId, why }) => ({ instanceId, words: why }))),
        NODES_NAMED,
      ),
    };
  });
}
