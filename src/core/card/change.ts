import { raiseCost } from '../plan/raise-cost.ts';
import type { Incident, IncidentState } from '../record/incident.ts';
import type { NodePlan, PersistenceLayer } from '../record/plan.ts';
import { shortKey } from '../record/settings.ts';
import { firstOf, nodeCount, show } from '../words.ts';
import type { CardChange, CardLayer } from './model.ts';

const LAYER_NAMES: Readonly<Record<PersistenceLayer['layer'], string>> = {
  'running-kernel': 'running kernel',
  'sysctl.d': 'reboot (sysctl.d)',
  'module-load-order': 'module load order',
  hashsize: 'hash size',
  'kube-proxy': 'kube-proxy restart',
  'node-replacement': 'node replacement',
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

/** `nf_conntrack_max 131,072 → 262,144, buckets 32,768 → 65,536`: what is done to one node, in numbers. */
export function changeNumbers(plan: NodePlan): string {
  switch (plan.kind) {
    case 'raise-max': {
      const { max, buckets } = plan;
      const raised = `nf_conntrack_max ${show(max.from)} → ${show(max.to)}`;
      return buckets.from === buckets.to
        ? raised
        : `${raised}, buckets ${show(buckets.from)} → ${show(buckets.to)}`;
    }
    case 'delete-udp-entries':
      return `UDP entries to ${plan.destination} port ${plan.port} that go to ${plan.target}`;
    case 'raise-buckets':
    case 'shorten-timeouts':
    case 'raise-neighbour-thresholds':
      return plan.changes
        .map(({ key, from, to }) => `${shortKey(key)} ${show(from)} → ${show(to)}`)
        .join(', ');
  }
}

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
  return { name: LAYER_NAMES[layer], survives: state === 'covered', how };
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
    const more = others > 0 ? ` and ${others} more` : '';
    return `${plans.length > 1 ? `${plan.instanceId}${more}: ` : ''}${numbers}${costOf(plan)}`;
  });
}

function costOf(plan: NodePlan): string {
  return plan.kind === 'raise-max' ? ` · ${raiseCost(plan)}` : '';
}

/** Whom a change concerns, short: `i-0abc`, or `3 nodes, i-0abc first`. */
export function nodesOfChange(plans: readonly NodePlan[]): string {
  const [first] = plans;
  if (first === undefined) return nodeCount(0);
  return plans.length === 1 ? first.instanceId : `${nodeCount(plans.length)}, ${first.instanceId} first`;
}
