import { changeNumbers, costOf } from '../plan/kinds.ts';
import type { Incident, IncidentState } from '../record/incident.ts';
import type { NodePlan, PersistenceLayer } from '../record/plan.ts';
import { firstOf, nodeCount } from '../words.ts';
import type { CardChange, CardLayer } from './model.ts';

const LAYER_NAMES: Readonly<Record<PersistenceLayer['layer'], string>> = {
  'running-kernel': 'running kernel',
  'sysctl.d': 'reboot',
  'module-load-order': 'module load order',
  hashsize: 'hash size',
  'kube-proxy': 'kube-proxy restart',
  'node-replacement': 'node replacement',
  tuned: 'TuneD',
  bpftune: 'bpftune',
};

const TITLES: Partial<Record<IncidentState, string>> = {
  diagnosed: 'Proposed change',
  'awaiting-approval': 'Proposed change',
  'applied-one': 'Proposed for the rest',
  'applying-canary': 'Change',
  'applying-rest': 'Change',
  verifying: 'Change',
};
const GROUPS_SHOWN = 5;

/** The change that is proposed or under way; none in states where nothing is. */
export function changeOf({ head }: Incident): CardChange | undefined {
  const title = TITLES[head.state];
  const [first] = head.plan?.nodes ?? [];
  if (title === undefined || head.plan === undefined || first === undefined) return undefined;
  return {
    title,
    lines: firstOf(groupLines(head.plan.nodes), GROUPS_SHOWN),
    layers: first.layers.filter(({ state }) => state !== 'not-applicable').map(layerOf),
    warnings: [...new Set(head.plan.nodes.flatMap(({ warnings }) => warnings))],
  };
}

function layerOf({ layer, state, how }: PersistenceLayer): CardLayer {
  const survives = state === 'covered' ? 'yes' : state === 'unknown' ? 'unknown' : 'no';
  return { name: LAYER_NAMES[layer], survives, how };
}

/** Nodes with the same numbers share a line; the numbers are what a reader compares. */
function groupLines(plans: readonly NodePlan[]): string[] {
  const groups = new Map<string, { plan: NodePlan; others: number }>();
  for (const plan of plans) {
    const group = groups.get(changeNumbers(plan));
    groups.set(
      changeNumbers(plan),
      group === undefined ? { plan, others: 0 } : { ...group, others: group.others + 1 },
    );
  }
  return [...groups].map(([numbers, { plan, others }]) => {
    const cost = costOf(plan);
    const more = others > 0 ? ` and ${others} more` : '';
    return `${plans.length > 1 ? `${plan.instanceId}${more}: ` : ''}${numbers}${cost === undefined ? '' : ` · ${cost}`}`;
  });
}

/** Whom a change concerns, short: `i-0abc`, or `3 nodes, i-0abc first`. */
export function nodesOfChange(plans: readonly NodePlan[]): string {
  const [first] = plans;
  if (first === undefined) return nodeCount(0);
  return plans.length === 1 ? first.instanceId : `${nodeCount(plans.length)}, ${first.instanceId} first`;
}
