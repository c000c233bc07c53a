import { wayBackOf, wordsOf } from '../plan/kinds.ts';
import { isLive } from '../record/association.ts';
import type { IncidentHead } from '../record/incident.ts';
import { shortKey } from '../record/settings.ts';
import {
  type ChangeStep,
  changedNodes,
  isChange,
  nodeStates,
  reversibleNodes,
} from '../remediation/steps.ts';
import { firstOf, nodeCount, show } from '../words.ts';
import { type CardConfirm, CONFIRM_MAX_CHARS } from './model.ts';

/** What stands between a click and a rollback. */
export function confirmRollback(head: IncidentHead, changed: readonly string[]): CardConfirm {
  const [first = ''] = changed;
  const who = changed.length === 1 ? first : `${nodeCount(changed.length)}, ${first} first`;
  const steps = stepsTakenBack(head, changed);
  const text = (shown: number, why: string, group?: string) =>
    `${who}: ${restored(steps, shown, why)}${unkept(head, group)}`;
  const bounded = Array.from({ length: MOVES_SHOWN }, (_, index) => MOVES_SHOWN - index);
  return {
    title: `Roll back ${nodeCount(changed.length)}?`,
    text: firstThatFits([
      text(MOVES_SHOWN, WHY_BUCKETS_STAY),
      ...bounded.map((shown) => text(shown, '')),
      ...bounded.map((shown) => text(shown, '', THE_GROUP)),
      text(0, '', THE_GROUP),
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

/** What the newest rollback was ordered on. */
interface OrderedRollback {
  /** On how many nodes; those on which it is done are among them. */
  readonly ordered: number;
  /** The node where it is one, otherwise `Each node`. */
  readonly who: string;
  /** Whether any of them still stands changed. */
  readonly isOpen: boolean;
  /** That other changed nodes stay as they are, or nothing. */
  readonly spares: string;
}

/** Tells the nodes of the newest order from all that stand changed: a rollback of one node leaves the others alone. */
export function orderedRollback(head: IncidentHead): OrderedRollback {
  const decision = head.decisions.findLast(({ kind }) => kind === 'rollback');
  const chosen = decision?.instanceIds;
  const open = reversibleNodes(head).filter((id) => chosen?.includes(id) ?? true);
  const sent = head.remediations
    .filter((step) => step.kind === 'rollback' && step.decision === decision?.number)
    .map(({ instanceId }) => instanceId);
  const ordered = new Set([...(chosen ?? []), ...open, ...sent]);
  const isSparing = chosen !== undefined && changedNodes(head).some((id) => !ordered.has(id));
  return {
    ordered: ordered.size,
    who: ordered.size === 1 ? [...ordered].join('') : 'Each node',
    isOpen: open.length > 0,
    spares: isSparing ? 'Every other node stays as it is.' : '',
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

/** Most numbers of one kind of change in a dialog; as many of them as fit. */
const MOVES_SHOWN = 6;

/** The newest change of each kind on each node, the first node's first: a rollback takes back everything that stands. */
function stepsTakenBack(head: IncidentHead, changed: readonly string[]): readonly ChangeStep[] {
  const states = nodeStates(head);
  return changed.flatMap((instanceId) => {
    const changes = states.get(instanceId)?.changes ?? [];
    return [...new Map(changes.map((step) => [step.kind, step])).values()];
  });
}

function restored(steps: readonly ChangeStep[], shown: number, whyBucketsStay: string): string {
  const waysBack = steps.map(({ kind }) => wayBackOf(kind));
  const isAny = (of: 'keepsBuckets' | 'isBounded') => waysBack.some((wayBack) => wayBack?.[of] === true);
  const values = [...new Set(steps.map(({ kind }) => kind))].map((kind) => {
    const same = steps.filter((step) => step.kind === kind);
    return valuesOf(same[0], numbersOf(same, shown));
  });
  const buckets = isAny('keepsBuckets') ? `; buckets stay${whyBucketsStay}` : '';
  const bound = isAny('isBounded') ? ' A node refuses while more than 80 % of its old limit is in use.' : '';
  return `restores the previous ${values.join('')}files${buckets}.${bound}`;
}

/** ` (131,072 → 32,768; 196,608 → 49,152)`: every change of a kind in numbers, once where nodes have the same. */
function numbersOf(steps: readonly ChangeStep[], shown: number): string {
  const moves = [...new Set(steps.map(movesOf))].filter((move) => move !== '');
  if (moves.length === 0 || shown === 0) return '';
  return ` (${firstOf(moves, shown).join('; ')})`;
}

const movesOf = ({ max, values = [] }: ChangeStep): string =>
  max === undefined
    ? values.map((value) => `${shortKey(value.key)} ${backwards(value)}`).join(', ')
    : backwards(max);

const backwards = ({ before, after }: { readonly before: number; readonly after: number }): string =>
  `${show(after)} → ${show(before)}`;

/** `nf_conntrack_max and `: the values that go back; nothing where only files do, or where no change is known. */
function valuesOf(step: ChangeStep | undefined, numbers = ''): string {
  if (step === undefined || wayBackOf(step.kind)?.restoresValues !== true) return '';
  return `${wordsOf(step.kind).thing}${numbers} and `;
}
