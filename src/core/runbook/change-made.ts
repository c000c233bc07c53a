import { escapeMarkdown } from '../markdown.ts';
import { changeNumbers, settingsOf } from '../plan/kinds.ts';
import type { NodeCollection } from '../record/collection.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { runningValue } from '../record/settings.ts';
import { isApplied, nodeStates } from '../remediation/steps.ts';
import { nodeCount } from '../words.ts';

/** A node with the plan that its verdict led to and what was read of it since. */
export interface PlannedNode {
  readonly node: string;
  readonly plan: NodePlan | undefined;
  readonly since: readonly NodeCollection[];
  /** What the card still has for it. */
  readonly buttons: { readonly change: boolean };
}

/** Most nodes that are named with their numbers. */
const NAMED = 5;

/**
 * Whether a node has what its plan would bring, whoever made the change: by its newest reading, where that is of a time
 * after the last rollback, and by the steps where no reading tells. A change that the card still offers is not made.
 */
function isMade({ node, plan, since, buttons }: PlannedNode, head: IncidentHead): boolean {
  if (plan === undefined || buttons.change) return false;
  const state = nodeStates(head).get(node);
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
  one: PlannedNode,
  all: readonly PlannedNode[],
  head: IncidentHead,
): string | undefined {
  const { node, plan } = one;
  if (plan === undefined || !isMade(one, head)) return undefined;
  const made = `The change is made on \`${node}\`: ${escapeMarkdown(changeNumbers(plan))}.`;
  const open = all.filter(
    (other) => other.node !== node && other.plan?.kind === plan.kind && !isMade(other, head),
  );
  if (open.length === 0) return `${made} Nothing of it is left to be done by hand.`;
  const named = open
    .slice(0, NAMED)
    .map((other) => `\`${other.node}\` (${other.plan && escapeMarkdown(changeNumbers(other.plan))})`);
  const rest = open.length > NAMED ? [`${nodeCount(open.length - NAMED)} more`] : [];
  const how = open.every(({ buttons }) => buttons.change) ? ': the button on the card makes it there' : '';
  return `${made} It is still to be made on ${[...named, ...rest].join(', ')}${how}.`;
}
