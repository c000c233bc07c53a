import { changeNumbers, nodesOfChange } from './card-change.ts';
import type { CardAction, CardConfirm } from './card-model.ts';
import { changedNodes } from './card-results.ts';
import { nodeCount } from './card-words.ts';
import { expectedDigest } from './decide.ts';
import type { Incident, IncidentHead } from './incident.ts';
import { LEGAL_MOVES } from './incident-transitions.ts';
import type { NodePlan } from './plan.ts';

/** Resizing the bucket array of a table with a million entries was measured to stall packets for 0.4 to 0.6 s. */
const RESIZE_PAUSE =
  'Resizing buckets was measured to pause traffic for about half a second at a million entries.';

/** Nodes in the menu: Slack takes a hundred options, but all of a message's blocks share about 13,000 characters. */
const MENU_NODES = 20;

/** The decisions that are open in the incident's state, and the runbook button once there is a diagnosis. */
export function cardActions({ head, collections }: Incident): {
  actions: readonly CardAction[];
  runbook?: CardAction;
} {
  const actions = [...applyActions(head), ...dismissAction(head), ...rollbackAction(head)];
  if (collections.length === 0) return { actions };
  return {
    actions,
    runbook: { kind: 'show-runbook', label: 'Show runbook', primary: false, ...digestOf(head) },
  };
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
  const all = plans.length === 1 ? 'the last node' : `the other ${plans.length}`;
  if (head.state === 'applied-one') {
    return [
      { kind: 'apply-all', label: `Apply to ${all}`, primary: true, ...digest, confirm: confirmApply(plans) },
    ];
  }
  if (head.state !== 'awaiting-approval') return [];
  const one: CardAction = {
    kind: 'apply-one',
    label: 'Apply to 1 node',
    primary: true,
    ...digest,
    confirm: confirmApply([canary]),
  };
  if (plans.length === 1) return [one];
  return [
    one,
    {
      kind: 'apply-all',
      label: `Apply to all ${plans.length}`,
      primary: false,
      ...digest,
      confirm: confirmApply(plans),
    },
  ];
}

function confirmApply(plans: readonly NodePlan[]): CardConfirm {
  const numbers = [...new Set(plans.map((plan) => changeNumbers(plan)))];
  const change = numbers.length === 1 ? numbers[0] : 'to the numbers that the card lists for each';
  const resizes = plans.some(({ buckets }) => buckets.from !== buckets.to);
  const stop = plans.length > 1 ? 'The first failure stops the rest. ' : '';
  return {
    title: `Raise nf_conntrack_max on ${nodeCount(plans.length)}?`,
    text: `${nodesOfChange(plans)}: ${change}. ${resizes ? `${RESIZE_PAUSE} ` : ''}${stop}Roll back restores the old limit and files.`,
    confirm: `Apply to ${nodeCount(plans.length)}`,
    deny: 'Cancel',
  };
}

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
  const changed = changedNodes(head);
  if (changed.length === 0 || !LEGAL_MOVES[head.state].includes('rolling-back')) return [];
  const [first = ''] = changed;
  const who = changed.length === 1 ? first : `${nodeCount(changed.length)}, ${first} first`;
  return [
    {
      kind: 'rollback',
      label: 'Roll back',
      primary: false,
      ...digestOf(head),
      confirm: {
        title: `Roll back ${nodeCount(changed.length)}?`,
        text: `${who}: restores the previous nf_conntrack_max${previousMax(head, first)} and files; buckets stay, shrinking them would pause traffic again. A node refuses while more than 80 % of its old limit is in use.`,
        confirm: 'Roll back',
        deny: 'Cancel',
      },
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
    confirm: {
      title: 'Roll back the chosen node?',
      text: 'Only the chosen node gets back its previous nf_conntrack_max and files; buckets stay, and every other node stays as it is. It refuses while more than 80 % of its old limit is in use.',
      confirm: 'Roll back',
      deny: 'Cancel',
    },
  };
}

function previousMax({ remediations }: IncidentHead, instanceId: string): string {
  const raise = remediations.findLast((step) => step.kind === 'raise' && step.instanceId === instanceId);
  if (raise?.max === undefined) return '';
  return ` (${raise.max.after.toLocaleString('en-US')} → ${raise.max.before.toLocaleString('en-US')})`;
}
