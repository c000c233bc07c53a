import { forecastClause } from '../plan/forecast.ts';
import { asRaise, changeNumbers, costOf, wordsOf } from '../plan/kinds.ts';
import { PLAN_NODES_MOST } from '../record/bounds.ts';
import type { Incident, IncidentState } from '../record/incident.ts';
import type { NodePlan, PersistenceLayer } from '../record/plan.ts';
import { firstOf, memoryIfFull, nodeCount, show } from '../words.ts';
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
/** States in which a change is proposed and none is under way. */
const OPEN: ReadonlySet<IncidentState> = new Set(['diagnosed', 'awaiting-approval', 'applied-one']);
const GROUPS_SHOWN = 40;
/** Groups of nodes that the message itself has room for. */
const GROUPS_IN_BRIEF = 2;

/** The change that is proposed or under way; none in states where nothing is. */
export function changeOf({ head }: Incident): CardChange | undefined {
  const title = TITLES[head.state];
  const [first] = head.plan?.nodes ?? [];
  if (title === undefined || head.plan === undefined || first === undefined) return undefined;
  const isOpen = OPEN.has(head.state);
  const rest = restLine(head.planRest?.length ?? 0, isOpen);
  return {
    title,
    lines: [...firstOf(groupLines(head.plan.nodes, inFull), GROUPS_SHOWN), ...rest],
    brief: [...firstOf(groupLines(head.plan.nodes, inBrief), GROUPS_IN_BRIEF), ...rest],
    isOpen,
    layers: first.layers.filter(({ state }) => state !== 'not-applicable').map(layerOf),
    warnings: [...new Set(head.plan.nodes.flatMap(({ warnings }) => warnings))],
  };
}

/** What of those nodes that are too many for one click, and what comes next. */
function restLine(waiting: number, isOpen: boolean): readonly string[] {
  if (waiting === 0) return [];
  const most = isOpen ? `One click changes at most ${nodeCount(PLAN_NODES_MOST)}. ` : '';
  const need = waiting === 1 ? 'needs' : 'need';
  return [`${most}${show(waiting)} more ${need} the same: read again and offered once these are verified`];
}

function layerOf({ layer, state, how }: PersistenceLayer): CardLayer {
  const survives = state === 'covered' ? 'yes' : state === 'unknown' ? 'unknown' : 'no';
  return { name: LAYER_NAMES[layer], survives, how };
}

/** Nodes with the same numbers share a line; the numbers are what a reader compares. */
function groupLines(plans: readonly NodePlan[], wordsFor: (plan: NodePlan) => string): string[] {
  return groupsOf(plans, changeNumbers).map(
    ({ plan, others }) =>
      `${plans.length > 1 ? `${plan.instanceId}${andMore(others)}: ` : ''}${wordsFor(plan)}`,
  );
}

/** The first node of each set of numbers, and how many others have the same. */
export function groupsOf(
  plans: readonly NodePlan[],
  numbersOf: (plan: NodePlan) => string,
): readonly { readonly plan: NodePlan; readonly others: number }[] {
  const groups = new Map<string, { plan: NodePlan; others: number }>();
  for (const plan of plans) {
    const numbers = numbersOf(plan);
    const { plan: first, others } = groups.get(numbers) ?? { plan, others: -1 };
    groups.set(numbers, { plan: first, others: others + 1 });
  }
  return [...groups.values()];
}

/** ` and 3 more`, or nothing. */
export const andMore = (others: number): string => (others > 0 ? ` and ${others} more` : '');

function inFull(plan: NodePlan): string {
  const cost = costOf(plan);
  return cost === undefined ? changeNumbers(plan) : `${changeNumbers(plan)} · ${cost}`;
}

/** The new limit, its memory and where it ends up; the buckets, and what this rests on, are told elsewhere. */
function inBrief(plan: NodePlan): string {
  const raise = asRaise(plan);
  if (raise === undefined) return inFull(plan);
  const { memoryBytes, memoryTotalBytes, forecast, max } = raise;
  const ends = forecast === undefined ? [] : [forecastClause(forecast, max.to).replace(/ \([^()]*\)$/, '')];
  const cost = [memoryIfFull(memoryBytes, memoryTotalBytes), ...ends].join('; ');
  return `${wordsOf(plan.kind).thing} ${show(max.from)} → ${show(max.to)} · ${cost}`;
}

/** Whom a change concerns, short: `i-0abc`, or `3 nodes, i-0abc first`. */
export function nodesOfChange(plans: readonly NodePlan[]): string {
  const [first] = plans;
  if (first === undefined) return nodeCount(0);
  return plans.length === 1 ? first.instanceId : `${nodeCount(plans.length)}, ${first.instanceId} first`;
}
