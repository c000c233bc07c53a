import type { KeepOffer } from '../keep/keep-on-group.ts';
import { REMEDIATION_WORDS } from '../plan/kinds.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import type { NodePlan, RemediationKind } from '../record/plan.ts';
import { BUCKETS_KEY, shortKey } from '../record/settings.ts';
import { newestChange } from '../remediation/steps.ts';
import { nodeCount, show } from '../words.ts';
import { changeNumbers, nodesOfChange } from './change.ts';
import type { CardConfirm } from './model.ts';

/** Resizing the bucket array of a table with a million entries was measured to stall packets for 0.4 to 0.6 s. */
const RESIZE_PAUSE =
  'Resizing buckets was measured to pause traffic for about half a second at a million entries.';

/** Longest text of a confirmation dialog (Slack, composition objects); how it is undone must not be cut off. */
const TEXT_MAX_CHARS = 300;

/** What stands between a click and a change: which nodes, which numbers, what is felt, how it is undone. */
export function confirmApply(plans: readonly NodePlan[]): CardConfirm {
  const numbers = [...new Set(plans.map((plan) => changeNumbers(plan)))];
  const change = numbers.length === 1 ? numbers[0] : 'to the numbers that the card lists for each';
  const kind = plans[0]?.kind ?? 'raise-max';
  const { order, thing, wayBack } = REMEDIATION_WORDS[kind];
  const sentences = (what: string | undefined) => [
    `${nodesOfChange(plans)}: ${what}.`,
    ...(plans.some(resizes) ? [RESIZE_PAUSE] : []),
    ...(plans.length > 1 ? ['The first failure stops the rest.'] : []),
    wayBack,
  ];
  const text = sentences(change).join(' ');
  return {
    title: `${order} ${thing} on ${nodeCount(plans.length)}?`,
    text: text.length <= TEXT_MAX_CHARS ? text : sentences('to the numbers that the card lists').join(' '),
    confirm: `Apply to ${nodeCount(plans.length)}`,
    deny: 'Cancel',
  };
}

function resizes(plan: NodePlan): boolean {
  if (plan.kind === 'raise-max') return plan.buckets.from !== plan.buckets.to;
  return plan.kind !== 'delete-udp-entries' && plan.changes.some(({ key }) => key === BUCKETS_KEY);
}

/** What stands between a click and an association for the whole group. */
export function confirmKeep({ name, max }: KeepOffer): CardConfirm {
  return {
    title: 'Keep it on every node of the group?',
    text: `${name}: at least nf_conntrack_max ${show(max)} on every node, now and on those that join; checked every 30 minutes, 10 % at a time, the first failure stops. A node without the memory refuses. Roll back ends it first.`,
    confirm: 'Keep it',
    deny: 'Cancel',
  };
}

/** What stands between a click and a rollback. */
export function confirmRollback(head: IncidentHead, changed: readonly string[]): CardConfirm {
  const [first = ''] = changed;
  const who = changed.length === 1 ? first : `${nodeCount(changed.length)}, ${first} first`;
  const step = newestChange(head, first);
  return {
    title: `Roll back ${nodeCount(changed.length)}?`,
    text: `${who}: ${restored(step)}`,
    confirm: 'Roll back',
    deny: 'Cancel',
  };
}

/** The same for a node that is chosen in the menu, which these words cannot name. */
export function confirmRollbackOne({ remediations }: IncidentHead): CardConfirm {
  const step = remediations.findLast(({ kind }) => kind !== 'rollback');
  const kind = kindOf(step);
  const { thing } = REMEDIATION_WORDS[kind];
  const others = 'every other node stays as it is.';
  const text =
    kind === 'raise-max'
      ? `Only the chosen node gets back its previous ${thing} and files; buckets stay, and ${others} It refuses while more than 80 % of its old limit is in use.`
      : `Only the chosen node gets back its previous ${thing} and files; ${others}`;
  return { title: 'Roll back the chosen node?', text, confirm: 'Roll back', deny: 'Cancel' };
}

function kindOf(step: Remediation | undefined): RemediationKind {
  return step === undefined || step.kind === 'rollback' ? 'raise-max' : step.kind;
}

function restored(step: Remediation | undefined): string {
  const kind = kindOf(step);
  if (kind === 'raise-max') {
    const max = step?.max;
    const numbers = max === undefined ? '' : ` (${show(max.after)} → ${show(max.before)})`;
    return `restores the previous nf_conntrack_max${numbers} and files; buckets stay, shrinking them would pause traffic again. A node refuses while more than 80 % of its old limit is in use.`;
  }
  if (kind === 'raise-buckets')
    return `restores the previous files; buckets stay, shrinking them would pause traffic again.`;
  const values = (step?.values ?? []).map(
    ({ key, before, after }) => `${shortKey(key)} ${show(after)} → ${show(before)}`,
  );
  const numbers = values.length === 0 ? '' : ` (${values.join(', ')})`;
  const bound =
    kind === 'raise-neighbour-thresholds'
      ? ' A node refuses while more than 80 % of its old limit is in use.'
      : '';
  return `restores the previous ${REMEDIATION_WORDS[kind].thing}${numbers} and files.${bound}`;
}
