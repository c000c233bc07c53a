import type { Figures, NodeCollection } from '../record/collection.ts';
import type { NodePlan } from '../record/plan.ts';

/**
 * The plans that collections led to, worst node first: more drops for a full table, then
 * for another one, then the fuller table. The first is the canary, and its
 * kind is the incident's: a node that needs another change is not part of it.
 */
export function plansWorstFirst(collections: readonly NodeCollection[]): readonly NodePlan[] {
  const plans = collections
    .flatMap(({ outcome }) =>
      outcome.kind === 'diagnosed' && outcome.plan !== undefined
        ? [{ plan: outcome.plan, figures: outcome.figures }]
        : [],
    )
    .toSorted((a, b) => drops(b) - drops(a) || otherLosses(b) - otherLosses(a) || use(b) - use(a))
    .map(({ plan }) => plan);
  return plans.filter(({ kind }) => kind === plans[0]?.kind);
}

type Seen = { figures: Figures };

const drops = ({ figures }: Seen): number => figures.fullDrops ?? 0;

/** Packets lost for long chains and for a full neighbour table. */
const otherLosses = ({ figures: { chainTooLong = 0, neighbourFulls = 0 } }: Seen): number =>
  chainTooLong + neighbourFulls;

function use({ figures: { count, max } }: Seen): number {
  return count === undefined || max === undefined || max === 0 ? 0 : count / max;
}
