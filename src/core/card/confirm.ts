import type { KeepOffer } from '../keep/keep-on-group.ts';
import { changeNumbers, settingsOf, wayBackOf, wordsOf } from '../plan/kinds.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { BUCKETS_KEY, shortKey } from '../record/settings.ts';
import { type ChangeStep, isChange, newestChange } from '../remediation/steps.ts';
import { nodeCount, show } from '../words.ts';
import { nodesOfChange } from './change.ts';
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
  const { order, thing, wayBack } = wordsOf(plans[0]?.kind);
  const sentences = (what: string | undefined) => [
    `${nodesOfChange(plans)}: ${what}.`,
    ...(plans.some(resizesBuckets) ? [RESIZE_PAUSE] : []),
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

const resizesBuckets = (plan: NodePlan): boolean => settingsOf(plan).some(({ key }) => key === BUCKETS_KEY);

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
  const step = remediations.findLast(isChange);
  const wayBack = step && wayBackOf(step.kind);
  const others = 'every other node stays as it is.';
  const rest = wayBack?.keepsBuckets === true ? `buckets stay, and ${others}` : others;
  const bound =
    wayBack?.isBounded === true ? ' It refuses while more than 80 % of its old limit is in use.' : '';
  const text = `Only the chosen node gets back its previous ${valuesOf(step)}files; ${rest}${bound}`;
  return { title: 'Roll back the chosen node?', text, confirm: 'Roll back', deny: 'Cancel' };
}

function restored(step: ChangeStep | undefined): string {
  const wayBack = step && wayBackOf(step.kind);
  const moves =
    step?.max === undefined
      ? (step?.values ?? []).map((value) => `${shortKey(value.key)} ${backwards(value)}`)
      : [backwards(step.max)];
  const numbers = moves.length === 0 ? '' : ` (${moves.join(', ')})`;
  const buckets =
    wayBack?.keepsBuckets === true ? '; buckets stay, shrinking them would pause traffic again' : '';
  const bound =
    wayBack?.isBounded === true ? ' A node refuses while more than 80 % of its old limit is in use.' : '';
  return `restores the previous ${valuesOf(step, numbers)}files${buckets}.${bound}`;
}

const backwards = ({ before, after }: { readonly before: number; readonly after: number }): string =>
  `${show(after)} → ${show(before)}`;

/** `nf_conntrack_max and `: the values that go back; nothing where only files do, or where no change is known. */
function valuesOf(step: ChangeStep | undefined, numbers = ''): string {
  if (step === undefined || wayBackOf(step.kind)?.restoresValues !== true) return '';
  return `${wordsOf(step.kind).thing}${numbers} and `;
}
