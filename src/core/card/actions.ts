import type { Catalogue } from '../diagnosis/signature.ts';
import { canCollectAgain, hasOthers } from '../incident/collect-again.ts';
import { expectedDigest, pendingDecision } from '../incident/decide.ts';
import { offersTrace, TRACE_SECONDS } from '../incident/syn-trace/order.ts';
import { type KeepOffer, keepDigest, keepOffer } from '../keep/keep-on-group.ts';
import { asRaise, changeNumbers, settingsOf, wordsOf } from '../plan/kinds.ts';
import type { Incident, IncidentHead, IncidentState } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { BUCKETS_KEY } from '../record/settings.ts';
import { LEGAL_MOVES } from '../record/transitions.ts';
import { reversibleNodes } from '../remediation/steps.ts';
import { takenAway } from '../remediation/taken-away.ts';
import { counted, firstOf, nodeCount, show } from '../words.ts';
import { andMore, groupsOf, nodesOfChange } from './change.ts';
import { type CardAction, type CardConfirm, CONFIRM_MAX_CHARS } from './model.ts';
import { confirmRollback, confirmRollbackOne } from './rollback-words.ts';

/** States in which a click on the plan is waited for. */
const WAITING: ReadonlySet<IncidentState> = new Set(['awaiting-approval', 'applied-one']);

/** Nodes in the menu: Slack takes a hundred options, but all of a message's blocks share about 13,000 characters. */
const MENU_NODES = 20;

/** Resizing the bucket array of a table with a million entries was measured to stall packets for 0.4 to 0.6 s. */
const RESIZE_PAUSE =
  'Resizing buckets was measured to pause traffic for about half a second at a million entries.';

/** The same where there is little room. */
const RESIZE_PAUSE_SHORT = 'Resizing buckets pauses traffic for about half a second.';

/** The decisions that are open in the incident's state, and the runbook button once there is a diagnosis. */
export function cardActions(
  incident: Incident,
  catalogue: Catalogue,
): {
  actions: readonly CardAction[];
  trace?: CardAction;
  runbook?: CardAction;
  more?: CardAction;
  page?: CardAction;
  others: readonly CardAction[];
} {
  const { head, collections } = incident;
  // What is decided is about to begin: another click would only be refused.
  const isDecided = pendingDecision(head) !== undefined;
  const actions = isDecided
    ? []
    : [
        ...applyActions(head),
        ...dismissAction(head),
        ...keepAction(head),
        ...rollbackAction(head),
        ...collectAgainAction(incident),
      ];
  if (collections.length === 0) return { actions, others: [] };
  return {
    actions,
    ...(isDecided || !offersTrace(incident, catalogue)
      ? {}
      : { trace: { kind: 'trace' as const, label: `Trace SYNs (${TRACE_SECONDS} s)`, primary: false } }),
    runbook: { kind: 'show-runbook', label: 'Show runbook', primary: false, ...digestOf(head) },
    // These two show what is true when they are clicked, whatever the plan was.
    more: { kind: 'show-more', label: 'More', primary: false },
    page: { kind: 'show-page', label: 'Page', primary: false },
    others: [
      ...(head.state === 'awaiting-approval' && !isDecided
        ? [{ kind: 'snooze' as const, label: 'Snooze for 1 h', primary: false, ...digestOf(head) }]
        : []),
      { kind: 'not-this', label: 'Not this: the verdict is wrong', primary: false },
      { kind: 'raw-evidence', label: 'Raw output of the nodes', primary: false },
      { kind: 'show-fleet', label: 'All nodes: the fleet page', primary: false },
    ],
  };
}

/** A card that has ended without mending everything leads on: the same alarm, read anew, on a card of its own. */
function collectAgainAction(incident: Incident): CardAction[] {
  if (!canCollectAgain(incident)) return [];
  const label = hasOthers(incident) ? 'Try the others again' : 'Collect again';
  return [{ kind: 'collect-again', label, primary: false }];
}

function keepAction(head: IncidentHead): CardAction[] {
  const offer = keepOffer(head);
  if (typeof offer === 'string') return [];
  return [
    {
      kind: 'keep',
      label: 'Keep it on every node',
      primary: false,
      planDigest: keepDigest(offer),
      confirm: confirmKeep(offer),
    },
  ];
}

function digestOf(head: IncidentHead): { planDigest?: string } {
  const digest = expectedDigest(head);
  return digest === undefined ? {} : { planDigest: digest };
}

function applyActions(head: IncidentHead): CardAction[] {
  const plans = head.plan?.nodes ?? [];
  const [canary] = plans;
  if (canary === undefined) return [];
  const digest = digestOf(head);
  if (WAITING.has(head.state) && takenAway(head) !== undefined)
    return [{ kind: 'refresh', label: 'Read the nodes again', primary: false, ...digest }];
  const waiting = head.planRest?.length ?? 0;
  if (head.state === 'applied-one') {
    const all = plans.length === 1 ? 'the last node' : `the other ${plans.length}`;
    const label = `Apply to ${waiting > 0 ? nextOf(plans, waiting) : all}`;
    return [
      { kind: 'apply-all', label, primary: true, ...digest, confirm: confirmApply(plans, { waiting }) },
    ];
  }
  if (head.state !== 'awaiting-approval') return [];
  const one: CardAction = {
    kind: 'apply-one',
    label: 'Apply to 1 node',
    primary: true,
    ...digest,
    confirm: confirmApply([canary], { isReplaced: plans.length > 1 }),
  };
  if (plans.length === 1) return [one];
  return [
    one,
    {
      kind: 'apply-all',
      label: `Apply to ${waiting > 0 ? nextOf(plans, waiting) : `all ${plans.length}`}`,
      primary: false,
      ...digest,
      confirm: confirmApply(plans, { waiting }),
    },
  ];
}

/** What a click is for that cannot be for all of them: `50 of 80`. */
const nextOf = (plans: readonly NodePlan[], waiting: number): string =>
  `${plans.length} of ${plans.length + waiting}`;

function dismissAction(head: IncidentHead): CardAction[] {
  const leavesRest = head.state === 'applied-one';
  if (!leavesRest && head.state !== 'awaiting-approval') return [];
  const label = leavesRest ? 'Leave the rest' : 'Dismiss';
  const left = leavesRest
    ? 'What was changed stays changed; no other node is touched.'
    : 'No node is changed.';
  return [
    {
      kind: 'dismiss',
      label,
      primary: false,
      ...digestOf(head),
      confirm: { title: `${label}?`, text: `Closes this incident. ${left}`, confirm: label, deny: 'Cancel' },
    },
  ];
}

function rollbackAction(head: IncidentHead): CardAction[] {
  const changed = reversibleNodes(head);
  if (changed.length === 0 || !LEGAL_MOVES[head.state].includes('rolling-back')) return [];
  return [
    {
      kind: 'rollback',
      label: 'Roll back',
      primary: false,
      ...digestOf(head),
      confirm: confirmRollback(head, changed),
    },
    ...(changed.length < 2 ? [] : [rollbackOneAction(head, changed)]),
  ];
}

/** The words cannot name the node: Slack shows one dialog whatever was chosen. */
function rollbackOneAction(head: IncidentHead, changed: readonly string[]): CardAction {
  return {
    kind: 'rollback-one',
    label: 'Roll back one node',
    primary: false,
    ...digestOf(head),
    instanceIds: changed.slice(0, MENU_NODES),
    confirm: confirmRollbackOne(head),
  };
}

/**
 * What stands between a click and a change: which nodes, which numbers, what is felt, how it is undone. Where nodes get different
 * numbers, each set is told with its nodes, as many as there is room for.
 * @param how.isReplaced whether another node of the plan takes the place of one that is gone or refuses
 * @param how.waiting nodes that need the same and wait for a click after this one
 */
function confirmApply(
  plans: readonly NodePlan[],
  { isReplaced = false, waiting = 0 }: { readonly isReplaced?: boolean; readonly waiting?: number } = {},
): CardConfirm {
  const { order, thing, wayBack } = wordsOf(plans[0]?.kind);
  const isResized = plans.some(resizesBuckets);
  const text = (what: string, pause: string) =>
    [
      `${nodesOfChange(plans)}: ${what}.`,
      ...(isResized ? [pause] : []),
      ...(isReplaced ? ['If it refuses, the next of the plan goes instead.'] : []),
      ...(plans.length > 1 ? ['The first failure stops the rest.'] : []),
      ...(waiting > 0 ? [`${nodeCount(waiting)} more: next click.`] : []),
      wayBack,
    ].join(' ');
  const told = [...setsOf(plans, changeNumbers).slice(0, 1), ...setsOf(plans, limitOf)];
  const texts = told.flatMap((what) => [text(what, RESIZE_PAUSE), text(what, RESIZE_PAUSE_SHORT)]);
  const cut = text('to the numbers behind "More"', RESIZE_PAUSE_SHORT);
  return {
    title: `${order} ${thing} on ${nodeCount(plans.length)}?`,
    text: texts.find(({ length }) => length <= CONFIRM_MAX_CHARS) ?? cut,
    confirm: `Apply to ${nodeCount(plans.length)}`,
    deny: 'Cancel',
  };
}

/** The numbers of a plan, once where all nodes have the same; otherwise each set with its nodes, and fewer and fewer sets. */
function setsOf(plans: readonly NodePlan[], numbers: (plan: NodePlan) => string): readonly string[] {
  const sets = groupsOf(plans, numbers);
  if (sets.length === 1) return sets.map(({ plan }) => numbers(plan));
  const told = sets.map(({ plan, others }) => `${plan.instanceId}${andMore(others)} ${numbers(plan)}`);
  return told.map((_, index) => firstOf(told, told.length - index).join('; '));
}

/** The new limit alone, whose name is in the title of the dialog. */
const limitOf = (plan: NodePlan): string => {
  const raise = asRaise(plan);
  return raise === undefined ? changeNumbers(plan) : `${show(raise.max.from)} → ${show(raise.max.to)}`;
};

const resizesBuckets = (plan: NodePlan): boolean => settingsOf(plan).some(({ key }) => key === BUCKETS_KEY);

/** What stands between a click and an association for the whole group: group, numbers and the way back are never cut off. */
function confirmKeep({ name, max, buckets }: KeepOffer): CardConfirm {
  const [what, wayBack] = [
    `${name}: at least nf_conntrack_max ${show(max)} and ${counted(buckets, 'bucket')} on every node`,
    'Roll back ends it first.',
  ];
  const whole = `${what}, now and on those that join; every 30 minutes, 10 % at a time, the first failure stops. A node refuses what its memory does not bear and more than 4 times what it had. ${wayBack}`;
  return {
    title: 'Keep it on every node of the group?',
    text: whole.length <= CONFIRM_MAX_CHARS ? whole : `${what}. ${wayBack}`,
    confirm: 'Keep it',
    deny: 'Cancel',
  };
}
