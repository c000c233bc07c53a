import { pendingDecision } from '../incident/decide.ts';
import { isHeldByFlaps } from '../incident/joining/flaps.ts';
import { trulyMissing } from '../incident/shown/owed-words.ts';
import { isWarning } from '../incident/warning-alarm.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { Actor, Decision, DecisionKind, Incident, IncidentHead } from '../record/incident.ts';
import { placePhrase } from '../record/place.ts';
import type { SideRecord } from '../record/said/missing.ts';
import type { QuietLook } from '../record/said/quiet.ts';
import { changedNodes } from '../remediation/steps.ts';
import { ago, counted, nodeCount, utcTime, withoutStop } from '../words.ts';
import type { Card } from './model.ts';
import { withTime } from './timed.ts';

const CHOICES: Readonly<Record<DecisionKind, string>> = {
  'apply-one': 'approved 1 node',
  'apply-all': 'approved the nodes of the plan',
  dismiss: 'dismissed',
  rollback: 'ordered the rollback',
  keep: 'had it kept on the whole node group',
  refresh: 'had the nodes read again, as the evidence was old or a trace spoke against it',
  'alarm-ok': 'alarm went back to OK',
  timeout: 'nobody decided in time',
  'new-nodes': 'an alarm that joined brought more nodes',
};

/** Who decided what and when, oldest first. */
export function historyOf({ head }: Incident, now: number): readonly string[] {
  return head.decisions.map((decision: Decision) => {
    const { kind, actor, at, instanceIds } = decision;
    const who = actor.kind === 'slack-user' ? `${personName(actor)} ` : '';
    const where = instanceIds === undefined ? '' : ` of ${instanceIds.join(', ')}`;
    const what =
      snoozedWords(decision) ?? (kind === 'apply-all' ? approvedBy(head, decision) : CHOICES[kind]);
    return `${who}${what}${where}, ${utcTime(at, now)}`;
  });
}

const snoozedWords = ({ snoozeSeconds }: Decision): string | undefined =>
  snoozeSeconds === undefined ? undefined : `snoozed it for ${ago(snoozeSeconds)}`;

/** How many nodes an approval was for: those of its plan while that is on record, then those that it was carried out on. */
function approvedBy(
  { plan, planRest = [], remediations, decisions }: IncidentHead,
  { number, planDigest }: Decision,
): string {
  const isOnRecord = plan?.digest === planDigest;
  const planned = isOnRecord ? (plan?.nodes.length ?? 0) : 0;
  const ordered = remediations.filter((step) => step.decision === number && step.kind !== 'rollback').length;
  const count = Math.max(planned, ordered);
  const isRest = decisions.some((one) => one.kind === 'apply-one' && one.number < number);
  if (count === 0) return CHOICES['apply-all'];
  const isPart = decisions.some((one) => one.kind === 'apply-all' && one.number !== number);
  if (isPart || (isOnRecord && planRest.length > 0)) return `approved ${nodeCount(count)}`;
  if (isRest) return count === 1 ? 'approved the last node' : `approved the other ${nodeCount(count)}`;
  return count === 1 ? 'approved 1 node' : `approved all ${nodeCount(count)}`;
}

/** `@ana`, or the id when Slack sent no name. */
export function personName({ name, id }: Extract<Actor, { kind: 'slack-user' }>): string {
  return `@${name === '' ? id : name}`;
}

/** The small print: which incident, how fresh the evidence is, and whether anything was changed at all. */
export function contextOf({ head, collections }: Incident, now: number): Pick<Card, 'context' | 'footer'> {
  const times = collections.map(({ collectedAt }) => collectedAt).toSorted((a, b) => a.localeCompare(b));
  const [oldest, newest] = [times[0], times.at(-1)];
  const duration = secondsToDiagnosis(head);
  const from = oldest === undefined || oldest === newest ? '' : `${utcTime(oldest, now)} to `;
  const collected = newest === undefined ? [] : [`evidence of ${from}${utcTime(newest, now)}`];
  const state = [
    ...doubtLine(head, now),
    trustLine(head),
    ...missingLine(head, collections),
    ...keptLine(head),
    ...(head.seen.count > 1 ? [`seen ${head.seen.count}×, last ${utcTime(head.seen.lastAt, now)}`] : []),
    ...okLine(head, now),
    ...quietLine(head, now),
    ...(head.callback === undefined || pendingDecision(head) !== undefined
      ? []
      : [`buttons work until ${utcTime(head.callback.expiresAt, now)}`]),
  ];
  return {
    context: [
      head.id,
      ...placesOf(head),
      ...collected,
      ...(duration === undefined ? [] : [`collected in ${duration} s`]),
      ...state,
    ],
    footer: [...state, head.id],
  };
}

/** Since when the alarm is OK, and why that has not ended the incident yet. */
function okLine(head: IncidentHead, now: number): readonly string[] {
  const { alarmOkAt, callback } = head;
  if (alarmOkAt === undefined) return [];
  const isHeld = callback !== undefined && isHeldByFlaps(head, now);
  return [
    `alarm OK since ${utcTime(alarmOkAt, now)}${isHeld ? ', and closed once that has lasted, because it flaps' : ''}`,
  ];
}

/** Account and region of nodes that are not in the service's own. */
function placesOf({ nodes }: IncidentHead): readonly string[] {
  const places = nodes.flatMap(({ account, region }) =>
    account === undefined || region === undefined ? [] : [placePhrase({ account, region })],
  );
  return [...new Set(places)];
}

function secondsToDiagnosis({ transitions, openedAt }: IncidentHead): number | undefined {
  const diagnosed = transitions.find(({ to }) => to === 'diagnosed');
  if (diagnosed === undefined) return undefined;
  return Math.max(0, Math.round((Date.parse(diagnosed.at) - Date.parse(openedAt)) / 1000));
}

const SIDE_RECORDS: Readonly<Record<SideRecord, string>> = {
  audit: 'the stored audit',
  plan: 'the stored plan',
  runbook: 'the runbook in the thread',
  lasting: 'how to make it last, in the thread',
  note: 'a note in the thread',
  look: 'the later look',
  'read-back': 'a reading after the rollback',
};

/** What could not be stored or said beside the card; the incident went on without it. */
function missingLine(head: IncidentHead, collections: readonly NodeCollection[]): string[] {
  const unkept = collections.filter(
    ({ evidence, evidenceHash }) => evidence === undefined && evidenceHash !== undefined,
  ).length;
  const raw = unkept === 0 ? [] : [`the raw output of ${nodeCount(unkept)}`];
  const all = [...new Set(trulyMissing(head).map(({ what }) => SIDE_RECORDS[what])), ...raw];
  return all.length === 0 ? [] : [`missing: ${all.join(', ')}`];
}

/** Whoever approves should know that somebody holds the verdict to be wrong. */
function doubtLine({ doubts = [] }: IncidentHead, now: number): string[] {
  const newest = doubts.at(-1);
  return newest === undefined
    ? []
    : [`⚠ the verdict is wrong, says ${personName(newest.actor)}, ${utcTime(newest.at, now)}`];
}

function quietLine({ state, quiet }: IncidentHead, now: number): string[] {
  const isDismissed = state === 'dismissed';
  if (quiet === undefined || (!isDismissed && quiet.firedAt === undefined && quiet.look === undefined))
    return [];
  const { until, look, snoozed } = quiet;
  if (look?.worse !== undefined) return [`no longer quiet: ${withoutStop(look.worse)}`];
  if (Date.parse(until) <= now) return [];
  const again = snoozed === true ? ', and speaks again then if it still fires' : '';
  return [
    isDismissed
      ? `stays quiet until ${utcTime(until, now)} unless it gets worse, firings are counted here${again}`
      : `fires again, which is counted here until ${utcTime(until, now)} unless it gets worse`,
    ...(look === undefined ? [] : [lookWords(look, now)]),
  ];
}

function lookWords({ endedAt, asked = 0, read = 0 }: QuietLook, now: number): string {
  if (endedAt === undefined) return 'fired again, looking at its nodes';
  const where = read === asked ? '' : ` on ${read} of ${nodeCount(asked)}`;
  return `looked again ${utcTime(endedAt, now)}${where}, no worse`;
}

function keptLine({ association }: IncidentHead): string[] {
  if (association === undefined) return [];
  const { state, group, detail = '' } = association;
  switch (state) {
    case 'ordered':
    case 'sent':
      return [`being kept on ${group}`];
    case 'in-force':
      return [`kept on ${group}`];
    case 'deleted':
      return [`no longer kept on ${group}`];
    case 'refused':
      return [`not kept on ${group}: ${detail}`];
    case 'unknown':
      return [`may be kept on ${group}: ${detail}`];
  }
}

function trustLine(head: IncidentHead): string {
  const changed = changedNodes(head).length;
  const isSent = head.remediations.some(({ outcome }) => outcome === undefined);
  if (changed > 0)
    return isSent ? `a change was sent to ${nodeCount(changed)}` : `${nodeCount(changed)} changed`;
  if (head.remediations.length === 0) return 'read-only so far';
  return head.remediations.some(({ outcome }) => outcome === 'rolled-back')
    ? 'changes rolled back'
    : 'nothing was changed';
}

/** Words of the newest verification with the time at which it was read; nothing where none was made. */
export function verifiedWords({ remediations }: IncidentHead, now: number): string {
  const newest = remediations.findLast(({ verification }) => verification !== undefined)?.verification;
  if (newest?.at === undefined) return newest?.why ?? '';
  return withTime(newest.why, `read ${utcTime(newest.at, now)}`);
}

/** The nodes of earlier commands have answered; those of the running one as far as the command has ended on them. */
export function progressOf({ progress, remediations, state }: IncidentHead, concerned: number): string {
  if (progress === undefined) return '';
  const isRollback = state === 'rolling-back';
  const answered = new Set(
    remediations.flatMap(({ kind, decision, instanceId, finishedAt }) =>
      finishedAt !== undefined &&
      (isRollback ? kind === 'rollback' && decision === progress.decision : kind !== 'rollback')
        ? [instanceId]
        : [],
    ),
  ).size;
  const all = isRollback ? answered + progress.total : concerned;
  return `${answered + progress.finished} of ${nodeCount(all)} have answered`;
}

/** `i-0abc: nf_conntrack_max is 32,768 again, …; the same on 2 more nodes (seen 15:06:11Z)`, of what does not hold. */
export function driftWords({ drift = [] }: IncidentHead, changed: readonly string[], now: number): string {
  const newest = drift.at(-1);
  const isChanged = new Set(changed);
  const [first, ...others] = (newest?.nodes ?? []).filter(
    ({ instanceId, state }) => (state === 'moved' || state === 'refilled') && isChanged.has(instanceId),
  );
  if (first === undefined || newest === undefined) return '';
  const more =
    others.length === 0 ? '' : `; it does not hold on ${counted(others.length, 'more node')} either`;
  return `${withoutStop(first.why)}${more} (seen ${utcTime(newest.at, now)})`;
}

/** On how many of the changed nodes the newest look after the end found that. */
export function countDrift(
  { drift = [] }: IncidentHead,
  changed: readonly string[],
  wanted: 'moved' | 'refilled',
): number {
  const nodes = drift.at(-1)?.nodes ?? [];
  const isChanged = new Set(changed);
  return nodes.filter(({ instanceId, state }) => state === wanted && isChanged.has(instanceId)).length;
}

/** What became of an incident whose alarm, or whose early warning, another one has. */
export const joinedHeader = ({ alarm, joinedTo = '' }: Pick<IncidentHead, 'alarm' | 'joinedTo'>): string =>
  isWarning(alarm) ? `Became incident ${joinedTo}` : `Followed on another card: ${alarm.name}`;
