import type { NodeCollection } from '../record/collection.ts';
import type { Incident, IncidentHead } from '../record/incident.ts';
import { transition } from '../record/transitions.ts';
import { plansWorstFirst } from './order-plans.ts';
import { planIncident } from './plan-incident.ts';

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
    const more = whys.length > 1 ? ` (${whys.length - 1} more nodes failed too)` : '';
    return { kind: 'no-evidence', why: `No node could be read: ${whys[0] ?? 'none was asked'}${more}` };
  }
  if (plansWorstFirst(newest).length > 0) return { kind: 'planned' };
  return { kind: 'nothing-to-offer', why: read[0]?.diagnosis.offer.why ?? '' };
}

/**
 * Puts the plan that follows from the newest collection of the given nodes into the record, in place of an older one, and
 * leaves `collecting`. Without a plan the older one goes too: what is on the card can be clicked.
 */
export function recordPlan(
  head: IncidentHead,
  collections: readonly NodeCollection[],
  instanceIds: readonly string[],
  at: string,
): IncidentHead {
  const newest = newestOf(head, collections, instanceIds);
  const plans = plansWorstFirst(newest);
  const plan = planIncident(head.id, head.collection, plans);
  const { plan: _older, evidenceAt: _age, ...rest } = head;
  const planned =
    plan === undefined
      ? rest
      : {
          ...rest,
          plan,
          evidenceAt: oldest(
            newest.filter(({ instanceId }) => plan.nodes.some((node) => node.instanceId === instanceId)),
          ),
        };
  const next: IncidentHead = planned;
  return next.state === 'collecting' ? transition(next, 'diagnosed', { kind: 'workflow' }, at) : next;
}

function newestOf(
  head: IncidentHead,
  collections: readonly NodeCollection[],
  instanceIds: readonly string[],
): readonly NodeCollection[] {
  return collections.filter(
    ({ instanceId, collection }) => collection === head.collection && instanceIds.includes(instanceId),
  );
}

function oldest(collections: readonly NodeCollection[]): string {
  return collections.map(({ collectedAt }) => collectedAt).toSorted()[0] ?? new Date(0).toISOString();
}
