import { escapeMarkdown } from '../markdown.ts';
import { changeNumbers, settingsOf } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { NodePlan } from '../record/plan.ts';
import { runningValue } from '../record/settings.ts';
import { isApplied, type NodeState } from '../remediation/steps.ts';
import { nodeCount } from '../words.ts';

/** A node with the plan that its verdict led to. */
export interface PlannedNode {
  readonly node: string;
  readonly plan: NodePlan | undefined;
  /** What the card still has for it. */
  readonly buttons: { readonly change: boolean };
  /** As {@link isMade} tells it. */
  readonly isMade: boolean;
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
  const seen = newest?.outcome.kind === 'diagnosed' ? newest.outcome.figures : undefined;
  const reached = settingsOf(plan).map(({ key, from, to }) => {
    const now = seen && runningValue(seen, key);
    return now === undefined ? undefined : to > from ? now >= to : now <= to;
  });
  if (reached.length > 0 && !reached.includes(undefined)) return !reached.includes(false);
  return state?.changes.some((step) => step.kind === plan.kind && isApplied(step)) ?? false;
}

/**
 * What stands before the steps once the change is made: which node has it, and which ones are still to get it.
 *
 * @param all every node of the incident that has evidence
 * @returns Markdown; nothing where the node has no plan or not what its plan would bring
 */
export function madeParagraph(
  { node, plan, isMade: isHere }: PlannedNode,
  all: readonly PlannedNode[],
): string | undefined {
  if (plan === undefined || !isHere) return undefined;
  const made = `The change is made on \`${node}\`: ${escapeMarkdown(changeNumbers(plan))}.`;
  const open = all.filter((other) => other.node !== node && other.plan?.kind === plan.kind && !other.isMade);
  if (open.length === 0) return `${made} Nothing of it is left to be done by hand.`;
  const named = open
    .slice(0, NAMED)
    .map((other) => `\`${other.node}\` (${other.plan && escapeMarkdown(changeNumbers(other.plan))})`);
  const rest = open.length > NAMED ? [`${nodeCount(open.length - NAMED)} more`] : [];
  const how = open.every(({ buttons }) => buttons.change) ? ': the button on the card makes it there' : '';
  return `${made} It is still to be made on ${[...named, ...rest].join(', ')}${how}.`;
}
