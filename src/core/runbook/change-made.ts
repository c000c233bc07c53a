import { escapeMarkdown } from '../markdown.ts';
import { changeNumbers, commandsOf, settingsOf } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { FailureModeId } from '../record/diagnosis.ts';
import type { DriftCheck } from '../record/drift-check.ts';
import type { NodePlan } from '../record/plan.ts';
import { runningValue } from '../record/settings.ts';
import { isApplied, type NodeState } from '../remediation/steps.ts';
import { nodeCount, withoutNode, withoutStop } from '../words.ts';

/** A node with the plan that its verdict led to. */
export interface PlannedNode {
  readonly node: string;
  readonly plan: NodePlan | undefined;
  /** What the card still has for it. */
  readonly buttons: { readonly change: boolean };
  /** As {@link isMade} tells it. */
  readonly isMade: boolean;
  /** What its steps come to; absent where none was ordered on it. */
  readonly state?: NodeState | undefined;
  /** As {@link disproofOf} tells it. */
  readonly disproof?: string | undefined;
}

/** Most nodes that are named with their numbers. */
const NAMED = 5;

/**
 * Whether a node has what its plan would bring, whoever made the change: by its newest reading, where that is of a time
 * after the last rollback, and by the steps where no reading tells. A change that the card still offers is not made.
 *
 * @param since what was read of it after its verdict
 * @param state what its steps come to
 */
export function isMade(
  { plan, buttons }: Pick<PlannedNode, 'plan' | 'buttons'>,
  since: readonly NodeCollection[],
  state: NodeState | undefined,
): boolean {
  if (plan === undefined || buttons.change) return false;
  const undoneAt = state?.undone?.by.claimedAt ?? '';
  const newest = since.findLast(
    ({ outcome, collectedAt }) => outcome.kind === 'diagnosed' && collectedAt > undoneAt,
  );
  const reached = reachedIn(plan, newest);
  if (reached.length > 0 && !reached.includes(undefined)) return !reached.includes(false);
  return state?.changes.some((step) => step.kind === plan.kind && isApplied(step)) ?? false;
}

/** Of each value of a plan whether a reading shows it in force; `undefined` where it does not tell. */
function reachedIn(plan: NodePlan, reading: NodeCollection | undefined): readonly (boolean | undefined)[] {
  const seen = reading?.outcome.kind === 'diagnosed' ? reading.outcome.figures : undefined;
  return settingsOf(plan).map(({ key, from, to }) => {
    const now = seen && runningValue(seen, key);
    return now === undefined ? undefined : to > from ? now >= to : now <= to;
  });
}

/**
 * What showed that a node's plan does not help it: its change was in force and what it is against was seen all the same, or
 * the table that it raised filled up again. That stays true of a change that was taken back. A value that somebody had moved
 * back by then, a node that could not be read or one that had booted shows nothing of the kind.
 *
 * @param against the modes that this kind of change is made against
 * @param since what was read of the node after its verdict
 * @param drift the looks after the end, oldest first
 * @returns the words of that finding, without the node; nothing where the change was not made, or holds
 */
export function disproofOf(
  plan: NodePlan | undefined,
  state: NodeState | undefined,
  against: readonly FailureModeId[],
  since: readonly NodeCollection[],
  drift: readonly DriftCheck[],
): string | undefined {
  if (plan === undefined || state === undefined) return undefined;
  const step = [...(state.undone?.changes ?? []), ...state.changes].findLast(
    (one) => one.kind === plan.kind && isApplied(one),
  );
  if (step === undefined) return undefined;
  const { verification, claimedAt, instanceId } = step;
  const found = drift
    .findLast(({ at }) => at > claimedAt)
    ?.nodes.find((node) => node.instanceId === instanceId && node.state === 'refilled');
  const reading = since.find(({ collection }) => collection === verification?.collection);
  const isShown = verification?.passed === false && isIllWithChange(plan, reading, against);
  const why = found?.why ?? (isShown ? verification.why : undefined);
  return why === undefined ? undefined : withoutStop(withoutNode(instanceId, why));
}

/** Whether a reading shows everything that a plan writes in force, and one of the modes that it is against beside it. */
function isIllWithChange(
  plan: NodePlan,
  reading: NodeCollection | undefined,
  against: readonly FailureModeId[],
): boolean {
  if (reading?.outcome.kind !== 'diagnosed') return false;
  const { findings } = reading.outcome.diagnosis;
  const isIll = findings.some(({ mode, state }) => state === 'present' && against.includes(mode));
  return isIll && !reachedIn(plan, reading).some((value) => value !== true);
}

/** What stands before the steps where the change was made once and did not help; Markdown, or nothing. */
function disproofParagraph({ node, plan, disproof }: PlannedNode): string | undefined {
  if (plan === undefined || disproof === undefined) return undefined;
  return `Do not make this change again: it was made on \`${node}\` (${escapeMarkdown(changeNumbers(plan))}), and after it: ${escapeMarkdown(disproof)}. Find out why first; "Lasting fixes" has what is left.`;
}

/**
 * What stands before the steps once the change is made: which node has it, which ones are still to get it, and that it
 * is not to be made again where it did not help.
 *
 * @param all every node of the incident that has evidence
 * @returns Markdown; nothing where the node has no plan, or its change was never made
 */
export function madeParagraph(self: PlannedNode, all: readonly PlannedNode[]): string | undefined {
  const { node, plan, isMade: isHere } = self;
  const disproved = disproofParagraph(self);
  if (plan === undefined || !isHere) return disproved;
  const made = `The change is made on \`${node}\`: ${escapeMarkdown(changeNumbers(plan))}.`;
  const others = all.filter(
    (other) => other.node !== node && other.plan?.kind === plan.kind && !other.isMade,
  );
  if (disproved !== undefined) {
    const spared = others.length === 0 ? [] : [`Leave ${named(others)} without it until then.`];
    return [made, disproved, ...spared].join(' ');
  }
  if (others.length === 0) return `${made} Nothing of it is left to be done by hand.`;
  const failed = others.filter(({ state }) => state?.futile !== undefined);
  const unsure = others.filter(
    (other) => !failed.includes(other) && other.state?.changes.some((step) => !isApplied(step)) === true,
  );
  const open = others.filter((other) => !failed.includes(other) && !unsure.includes(other));
  const how = open.every(({ buttons }) => buttons.change) ? ': the button on the card makes it there' : '';
  const still = open.length === 0 ? [] : [`It is still to be made on ${named(open)}${how}.`];
  const look = 'see "Since then", and look at the node before it is tried again';
  const tried = failed.length === 0 ? [] : [`It did not go through on ${named(failed)}: ${look}.`];
  const lost =
    unsure.length === 0 ? [] : [`Whether it went through on ${named(unsure)} is not known: ${look}.`];
  return [made, ...still, ...tried, ...lost, ...byHand(others)].join(' ');
}

/** Which nodes, with the numbers of each. */
function named(nodes: readonly PlannedNode[]): string {
  const shown = nodes
    .slice(0, NAMED)
    .map(({ node, plan }) => `\`${node}\` (${plan && escapeMarkdown(changeNumbers(plan))})`);
  const rest = nodes.length > NAMED ? [`${nodeCount(nodes.length - NAMED)} more`] : [];
  return [...shown, ...rest].join(', ');
}

/** The commands for the first node that the card has no button for. */
function byHand(nodes: readonly PlannedNode[]): string[] {
  const first = nodes.find(({ buttons, plan }) => !buttons.change && plan !== undefined);
  const commands = first?.plan && commandsOf(first.plan);
  if (first === undefined || commands === undefined) return [];
  return [`By hand on \`${first.node}\`, as root:\n\n\`\`\`sh\n${commands}\n\`\`\``];
}
