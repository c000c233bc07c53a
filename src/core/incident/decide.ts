import { keepDigest, keepOffer, orderAssociation, refuseWhileCreating } from '../keep/keep-on-group.ts';
import {
  type Actor,
  type Decision,
  type DecisionKind,
  type IncidentHead,
  WORKFLOW,
} from '../record/incident.ts';
import { isClosed, transition } from '../record/transitions.ts';
import { changedNodes, reversibleNodes } from '../remediation/steps.ts';
import { takenAway } from '../remediation/taken-away.ts';
import { refuseStranger } from './approvers.ts';
import { isHeldByFlaps } from './joining/flaps.ts';

/** What only the alarm or the clock decides; anything else is a person's. */
type UnattendedKind = Extract<DecisionKind, 'alarm-ok' | 'timeout' | 'new-nodes'>;

/** A decision as a person asks for it: its number and its time are given when it is stored. */
export interface DecisionRequest extends Omit<Decision, 'number' | 'at' | 'kind' | 'actor'> {
  readonly kind: Exclude<DecisionKind, UnattendedKind>;
  readonly actor: SlackUser;
}

type SlackUser = Extract<Actor, { kind: 'slack-user' }>;

/** What a person's decision is held against. */
export interface DecisionRules {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Slack user ids that may decide; nobody when empty. */
  readonly approvers: readonly string[];
  /** Evidence older than this is collected again instead of acted on. */
  readonly evidenceMaxAgeSeconds: number;
}

/**
 * Takes a person's decision into the record, or refuses it with one sentence for whoever clicked. Each callback gets at most one
 * decision. An approval on evidence that is too old, or that a trace has contradicted since, is stored as `refresh`; a rollback after the end moves the incident to
 * `rolling-back` at once, because no callback is there to keep a second click out.
 */
export function decide(
  head: IncidentHead,
  request: DecisionRequest,
  rules: DecisionRules,
): IncidentHead | string {
  const refusal =
    refuseStranger(request.actor.id, rules.approvers, 'nothing was changed') ??
    refuseMoment(head, request.kind, rules.now) ??
    refuseNodes(head, request) ??
    (request.kind === 'rollback' ? refuseWhileCreating(head, rules.now) : undefined) ??
    refusePlan(head, request);
  if (refusal !== undefined) return refusal;
  const at = new Date(rules.now).toISOString();
  const isStale = !isFresh(head, rules) || takenAway(head) !== undefined;
  const kind = isApproval(request.kind) && isStale ? 'refresh' : request.kind;
  const decided = append(head, { ...request, kind, at });
  if (kind === 'keep') return orderAssociation(decided, newestNumber(decided), at);
  return isClosed(head.state) ? transition(decided, 'rolling-back', request.actor, at) : decided;
}

/**
 * Takes into the record that the alarm went back to OK, that nobody decided in time, or that another alarm has brought nodes.
 * None of them changes a node, so none needs an approver, a plan or fresh evidence; each counts only while the incident waits
 * and nobody has decided.
 * @param now milliseconds since the Unix epoch
 * @returns one sentence on why it does not count, instead
 */
export function decideUnattended(
  head: IncidentHead,
  kind: UnattendedKind,
  now: number,
): IncidentHead | string {
  return (
    refuseMoment(head, kind, now) ??
    append(head, { kind, actor: UNATTENDED[kind], at: new Date(now).toISOString() })
  );
}

const UNATTENDED: Readonly<Record<UnattendedKind, Actor>> = {
  'alarm-ok': { kind: 'alarm' },
  timeout: WORKFLOW,
  'new-nodes': { kind: 'alarm' },
};

const append = (head: IncidentHead, decision: Omit<Decision, 'number'>): IncidentHead => ({
  ...head,
  decisions: [...head.decisions, { ...decision, number: newestNumber(head) + 1 }],
});

/**
 * Puts the incident into the state that waits for a click: `applied-one` once a change stands, `awaiting-approval`
 * before. An alarm that is already back to OK decides at once, as it would a moment later, and so do nodes that joined meanwhile.
 * @param why shown on the card, for a wait that follows a refusal
 */
export function awaitDecision(
  head: IncidentHead,
  callback: { readonly id: string; readonly expiresAt: string },
  at: string,
  why?: string,
): IncidentHead {
  // Where all that was ordered was set aside nothing stands, and the next click is for a first node again.
  const to = changedNodes(head).length > 0 ? 'applied-one' : 'awaiting-approval';
  if (head.callback?.id === callback.id) return head;
  // A workflow that was woken without a decision waits again where it is.
  const moved = head.state === to ? head : transition(head, to, WORKFLOW, at, why);
  // A decision that another callback was to bring and nobody has acted on is not lost with that one.
  const number = pendingDecision(moved)?.number ?? newestNumber(head) + 1;
  const waiting = { ...moved, callback: { ...callback, number } };
  if (number <= newestNumber(head)) return waiting;
  if (to === 'applied-one') return waiting;
  const isOk = head.alarmOkAt !== undefined && !isHeldByFlaps(head, Date.parse(at));
  const kind = head.unread !== undefined ? 'new-nodes' : isOk ? 'alarm-ok' : undefined;
  return kind === undefined ? waiting : append(waiting, { kind, actor: UNATTENDED[kind], at });
}

/** Number of the newest decision, 0 before the first: not all are in the head of an incident that has had many. */
const newestNumber = ({ decisions }: Pick<IncidentHead, 'decisions'>): number =>
  decisions.at(-1)?.number ?? 0;

/** The decision that answers the open callback and was not acted on yet. */
export function pendingDecision({ callback, decisions }: IncidentHead): Decision | undefined {
  return decisions.find(({ number }) => number === callback?.number);
}

/** The plan that a click must name: the one on the card, or after the end the one that was approved last. */
export function expectedDigest({ plan, decisions }: IncidentHead): string | undefined {
  return (
    plan?.digest ??
    decisions.findLast(({ kind, planDigest }) => kind !== 'keep' && planDigest !== undefined)?.planDigest
  );
}

const isApproval = (kind: DecisionKind): boolean => kind === 'apply-one' || kind === 'apply-all';

function isFresh({ evidenceAt }: IncidentHead, { now, evidenceMaxAgeSeconds }: DecisionRules): boolean {
  return evidenceAt !== undefined && now - Date.parse(evidenceAt) <= evidenceMaxAgeSeconds * 1000;
}

const WAITING: Partial<Record<IncidentHead['state'], readonly DecisionKind[]>> = {
  'awaiting-approval': ['apply-one', 'apply-all', 'dismiss', 'refresh', 'alarm-ok', 'timeout', 'new-nodes'],
  'applied-one': ['apply-all', 'dismiss', 'refresh', 'rollback', 'timeout'],
};

function refuseMoment(head: IncidentHead, kind: DecisionKind, now: number): string | undefined {
  const offered = WAITING[head.state];
  if (offered === undefined) return refuseAfterwards(head, kind);
  const { callback } = head;
  const earlier = pendingDecision(head);
  if (earlier !== undefined) {
    return `Decided already by ${whoDecided(earlier)} (${earlier.kind}, ${clock(earlier.at)}), so this click did nothing. Watch the card.`;
  }
  if (callback === undefined) return 'The card is not ready for a decision yet; try again in some seconds.';
  if (kind !== 'timeout' && now >= Date.parse(callback.expiresAt)) {
    return `The buttons expired at ${clock(callback.expiresAt)}, so nothing was changed. The next alarm brings a fresh card.`;
  }
  if (!offered.includes(kind)) {
    return `${kind} is not offered while the incident is ${head.state}, so nothing was changed. Use the newest card.`;
  }
  return undefined;
}

function refuseAfterwards(head: IncidentHead, kind: DecisionKind): string | undefined {
  if (!isClosed(head.state)) {
    const { decisions, state } = head;
    const last = decisions.at(-1);
    const by =
      last === undefined ? '' : ` since ${whoDecided(last)} decided (${last.kind}, ${clock(last.at)})`;
    return `The incident is ${state}${by} and waits for no decision, so this click did nothing. Watch the card.`;
  }
  if (kind === 'keep') return undefined;
  if (kind !== 'rollback') {
    return `The incident has ended (${head.state}), so this click did nothing. The next alarm brings a fresh card.`;
  }
  return refuseRollback(head);
}

function refuseRollback(head: IncidentHead): string | undefined {
  if (changedNodes(head).length === 0)
    return 'No node stands changed by this incident, so there is nothing to roll back.';
  if (reversibleNodes(head).length === 0)
    return 'A deletion can not be rolled back, so nothing was changed: the next packet of each flow makes a new entry.';
  return undefined;
}

function refuseNodes(head: IncidentHead, { instanceIds = [] }: DecisionRequest): string | undefined {
  const changed = new Set(changedNodes(head));
  const stranger = instanceIds.find((id) => !changed.has(id));
  return stranger === undefined
    ? undefined
    : `${stranger} does not stand changed by this incident, so there is nothing to roll back on it.`;
}

function refusePlan(head: IncidentHead, { kind, planDigest }: DecisionRequest): string | undefined {
  if (kind === 'keep') return refuseOffer(head, planDigest);
  if (planDigest !== undefined && planDigest === expectedDigest(head)) return undefined;
  return 'The plan is not the one on this card any more, so nothing was changed. Look at the newest card and click there.';
}

/** Where nothing is offered the order itself says why not. */
function refuseOffer(head: IncidentHead, digest: string | undefined): string | undefined {
  const offer = keepOffer(head);
  if (typeof offer === 'string' || keepDigest(offer) === digest) return undefined;
  return 'What would be kept is not what this card offered, so nothing was changed. Look at the newest card and click there.';
}

function whoDecided({ actor, kind }: Decision): string {
  if (actor.kind === 'slack-user') return actor.name === '' ? actor.id : `@${actor.name}`;
  if (actor.kind !== 'alarm') return 'the timeout';
  return kind === 'new-nodes' ? 'an alarm that brought more nodes' : 'the alarm going back to OK';
}

const clock = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')}Z`;
