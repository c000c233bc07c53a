import { PLAN_NODES_MOST } from '../record/bounds.ts';
import type { Figures, NodeCollection } from '../record/collection.ts';
import type { Incident, IncidentHead } from '../record/incident.ts';
import type { NodePlan, Plan } from '../record/plan.ts';
import { transition } from '../record/transitions.ts';
import { sha256 } from '../sha256.ts';
import { counted } from '../words.ts';
import { asRaise, numbersOf } from './kinds.ts';

/** What the evidence of a collection leads to. */
export type Outlook =
  | { readonly kind: 'planned' }
  /** No raise is offered; `why` is the leading node's own reason. */
  | { readonly kind: 'nothing-to-offer'; readonly why: string }
  /** No node of the collection could be read. */
  | { readonly kind: 'no-evidence'; readonly why: string };

/** What the newest collection of the given nodes leads to. */
export function outlookOf({ head, collections }: Incident, instanceIds: readonly string[]): Outlook {
  const newest = newestOf(head, collections, instanceIds);
  const read = newest.flatMap(({ outcome }) => (outcome.kind === 'diagnosed' ? [outcome] : []));
  if (read.length === 0) {
    const whys = newest.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.why] : []));
    const more = whys.length > 1 ? ` (${counted(whys.length - 1, 'more node')} failed too)` : '';
    return { kind: 'no-evidence', why: `No node could be read: ${whys[0] ?? 'none was asked'}${more}` };
  }
  if (plansWorstFirst(newest).length > 0) return { kind: 'planned' };
  return { kind: 'nothing-to-offer', why: read[0]?.diagnosis.offer.why ?? '' };
}

/**
 * Puts the plan that follows from the newest collection of the given nodes into the record, in place of an older one, and
 * leaves `collecting`. Without a plan the older one goes too: what is on the card can be clicked. It holds as many nodes as one
 * click may change; the others that need the same wait beside it.
 */
export function recordPlan(
  head: IncidentHead,
  collections: readonly NodeCollection[],
  instanceIds: readonly string[],
  at: string,
): IncidentHead {
  const newest = newestOf(head, collections, instanceIds);
  const plans = plansWorstFirst(newest);
  const plan = planIncident(head.id, head.collection, plans.slice(0, PLAN_NODES_MOST));
  const waiting = plans.slice(PLAN_NODES_MOST).map(({ instanceId }) => instanceId);
  const { plan: _older, planRest: _waited, evidenceAt: _age, ...rest } = head;
  const inPlan = new Set(plan?.nodes.map(({ instanceId }) => instanceId));
  const planned =
    plan === undefined
      ? rest
      : {
          ...rest,
          plan,
          ...(waiting.length === 0 ? {} : { planRest: waiting }),
          evidenceAt: oldest(newest.filter(({ instanceId }) => inPlan.has(instanceId))),
        };
  const next: IncidentHead = planned;
  return next.state === 'collecting' ? transition(next, 'diagnosed', { kind: 'workflow' }, at) : next;
}

function newestOf(
  head: IncidentHead,
  collections: readonly NodeCollection[],
  instanceIds: readonly string[],
): readonly NodeCollection[] {
  const wanted = new Set(instanceIds);
  return collections.filter(
    ({ instanceId, collection }) => collection === head.collection && wanted.has(instanceId),
  );
}

function oldest(collections: readonly NodeCollection[]): string {
  return collections.map(({ collectedAt }) => collectedAt).toSorted()[0] ?? new Date(0).toISOString();
}

/**
 * The plans that collections led to, worst node first: more drops for a full table, then
 * for another one, then the fuller table. The first is the canary, and its
 * kind is the incident's: a node that needs another change is not part of it.
 */
function plansWorstFirst(collections: readonly NodeCollection[]): readonly NodePlan[] {
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

/**
 * Joins the nodes' plans into the plan that a click approves. The digest covers incident, collection and every number,
 * so that a click on an older card can't approve other numbers.
 *
 * @param nodes canary first
 * @returns `undefined` when no node has a plan
 */
export function planIncident(
  incidentId: string,
  collection: number,
  nodes: readonly NodePlan[],
): Plan | undefined {
  if (nodes.length === 0) return undefined;
  const digest = sha256(JSON.stringify([incidentId, collection, nodes.map(canonical)])).slice(0, 32);
  return { schema: 'medic.plan/1', digest, collection, nodes: [...nodes] };
}

function canonical(node: NodePlan): unknown {
  const states = node.layers.map(({ layer, state, how }) => [layer, state, how]);
  const raise = asRaise(node);
  const memory = raise === undefined ? [] : [raise.memoryBytes];
  return [node.instanceId, numbersOf(node), memory, states];
}
