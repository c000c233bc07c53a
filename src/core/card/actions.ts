import { expectedDigest } from '../incident/decide.ts';
import { keepOffer } from '../keep/keep-on-group.ts';
import type { Incident, IncidentHead } from '../record/incident.ts';
import { LEGAL_MOVES } from '../record/transitions.ts';
import { reversibleNodes } from '../remediation/steps.ts';
import { confirmApply, confirmKeep, confirmRollback, confirmRollbackOne } from './confirm.ts';
import type { CardAction } from './model.ts';

/** Nodes in the menu: Slack takes a hundred options, but all of a message's blocks share about 13,000 characters. */
const MENU_NODES = 20;

/** The decisions that are open in the incident's state, and the runbook button once there is a diagnosis. */
export function cardActions({ head, collections }: Incident): {
  actions: readonly CardAction[];
  runbook?: CardAction;
} {
  const actions = [
    ...applyActions(head),
    ...dismissAction(head),
    ...keepAction(head),
    ...rollbackAction(head),
  ];
  if (collections.length === 0) return { actions };
  return {
    actions,
    runbook: { kind: 'show-runbook', label: 'Show runbook', primary: false, ...digestOf(head) },
  };
}

function keepAction(head: IncidentHead): CardAction[] {
  const offer = keepOffer(head);
  if (typeof offer === 'string') return [];
  return [
    {
      kind: 'keep',
      label: 'Keep it on every node',
      primary: false,
      ...digestOf(head),
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
