import { wayBackOf, wordsOf } from '../plan/kinds.ts';
import { isLive } from '../record/association.ts';
import type { IncidentHead } from '../record/incident.ts';
import { shortKey } from '../record/settings.ts';
import { type ChangeStep, isChange, nodeStates } from '../remediation/steps.ts';
import { nodeCount, show } from '../words.ts';
import { type CardConfirm, CONFIRM_MAX_CHARS } from './model.ts';

/** What stands between a click and a rollback. */
export function confirmRollback(head: IncidentHead, changed: readonly string[]): CardConfirm {
  const [first = ''] = changed;
  const who = changed.length === 1 ? first : `${nodeCount(changed.length)}, ${first} first`;
  const step = nodeStates(head).get(first)?.changes.at(-1);
  return {
    title: `Roll back ${nodeCount(changed.length)}?`,
    text: firstThatFits([
      `${who}: ${restored(step, WHY_BUCKETS_STAY)}${unkept(head)}`,
      `${who}: ${restored(step, '')}${unkept(head)}`,
      `${who}: ${restored(step, '')}${unkept(head, THE_GROUP)}`,
    ]),
    confirm: 'Roll back',
    deny: 'Cancel',
  };
}

/** The same for a node that is chosen in the menu, which these words cannot name. */
export function confirmRollbackOne(head: IncidentHead): CardConfirm {
  const step = head.remediations.findLast(isChange);
  const wayBack = step && wayBackOf(step.kind);
  const others = 'every other node stays as it is.';
  const rest = wayBack?.keepsBuckets === true ? `buckets stay, and ${others}` : others;
  const bound =
    wayBack?.isBounded === true ? ' It refuses while more than 80 % of its old limit is in use.' : '';
  const text = `Only the chosen node gets back its previous ${valuesOf(step)}files; ${rest}${bound}`;
  return {
    title: 'Roll back the chosen node?',
    text: firstThatFits([`${text}${unkept(head)}`, `${text}${unkept(head, THE_GROUP)}`]),
    confirm: 'Roll back',
    deny: 'Cancel',
  };
}

const THE_GROUP = 'the node group';

/** What a rollback ends for the whole group, whichever nodes it is of: the association would undo it. */
function unkept({ association }: IncidentHead, group = association?.group): string {
  return isLive(association) ? ` The change is then no longer kept on ${group}.` : '';
}

function firstThatFits(texts: readonly string[]): string {
  return texts.find(({ length }) => length <= CONFIRM_MAX_CHARS) ?? texts.at(-1) ?? '';
}

const WHY_BUCKETS_STAY = ', shrinking them would pause traffic again';

function restored(step: ChangeStep | undefined, whyBucketsStay: string): string {
  const wayBack = step && wayBackOf(step.kind);
  const moves =
    step?.max === undefined
      ? (step?.values ?? []).map((value) => `${shortKey(value.key)} ${backwards(value)}`)
      : [backwards(step.max)];
  const numbers = moves.length === 0 ? '' : ` (${moves.join(', ')})`;
  const buckets = wayBack?.keepsBuckets === true ? `; buckets stay${whyBucketsStay}` : '';
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
