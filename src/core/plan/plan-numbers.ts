import type { NodePlan } from '../record/plan.ts';

/**
 * What a plan does to its node, and nothing else of it: nodes with the same numbers can share one command. The first is
 * the kind, so plans of two kinds never share.
 */
export function numbersOf(plan: NodePlan): readonly (string | number)[] {
  switch (plan.kind) {
    case 'raise-max':
      return [plan.kind, plan.max.from, plan.max.to, plan.buckets.from, plan.buckets.to];
    case 'delete-udp-entries':
      return [plan.kind, plan.destination, plan.port, plan.target];
    case 'raise-buckets':
    case 'shorten-timeouts':
    case 'raise-neighbour-thresholds':
      return [plan.kind, ...plan.changes.flatMap(({ key, from, to }) => [key, from, to])];
  }
}
