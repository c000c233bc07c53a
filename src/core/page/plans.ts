import { changeNumbers, costOf, numbersOf } from '../plan/kinds.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { NodePlan, PersistenceLayer, Plan } from '../record/plan.ts';
import { groupedBy } from './grouped-by.ts';

/** Nodes whose plan is the same in everything that is shown of it. */
export interface PlannedGroup {
  readonly instanceIds: readonly string[];
  readonly numbers: string;
  readonly cost?: string;
  readonly arithmetic: readonly string[];
  readonly layers: readonly PersistenceLayer[];
  readonly warnings: readonly string[];
}

/** A plan that was on the card. */
export interface ShownPlan {
  readonly digest: string;
  readonly collection: number;
  readonly groups: readonly PlannedGroup[];
  /** Whether somebody approved exactly this plan. */
  readonly isApproved: boolean;
  /** Whether it is the one on the card now. */
  readonly isCurrent: boolean;
}

/** The plans of an incident, the newest first; of each node the same words are said once. */
export function plansOf(plans: readonly Plan[], { plan, decisions }: IncidentHead): readonly ShownPlan[] {
  const isKept = plan === undefined || plans.some(({ digest }) => digest === plan.digest);
  const all = isKept ? plans : [...plans, plan];
  const approved = new Set(
    decisions.flatMap(({ kind, planDigest }) =>
      planDigest !== undefined && (kind === 'apply-one' || kind === 'apply-all') ? [planDigest] : [],
    ),
  );
  return all.toReversed().map(({ digest, collection, nodes }) => ({
    digest,
    collection,
    groups: groupsOf(nodes),
    isApproved: approved.has(digest),
    isCurrent: digest === plan?.digest,
  }));
}

function groupsOf(nodes: readonly NodePlan[]): readonly PlannedGroup[] {
  const same = (node: NodePlan) =>
    JSON.stringify([numbersOf(node), costOf(node), node.arithmetic, node.layers, node.warnings]);
  return [...groupedBy(nodes, same).values()].map((group) => {
    const [first] = group;
    const cost = costOf(first);
    return {
      instanceIds: group.map(({ instanceId }) => instanceId),
      numbers: changeNumbers(first),
      ...(cost === undefined ? {} : { cost }),
      arithmetic: first.arithmetic,
      layers: first.layers,
      warnings: first.warnings,
    };
  });
}
