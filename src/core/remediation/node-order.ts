import type { Catalogue } from '../diagnosis/signature.ts';
import type { Diagnosed } from '../record/collection.ts';
import type { IncidentHead, IncidentState } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { worseFirst } from './readings.ts';

const ARGUING: ReadonlySet<IncidentState> = new Set([
  'diagnosed',
  'awaiting-approval',
  'no-fix-offered',
  'dismissed',
  'expired',
]);

/**
 * Whether the verdict is still what the incident is about. From the first order on it tells what became of the change, and
 * one that ended without any goes on arguing: the fault is still there, whatever ended it.
 */
export const isArguing = ({ state, remediations }: Pick<IncidentHead, 'state' | 'remediations'>): boolean =>
  ARGUING.has(state) || (isClosed(state) && remediations.length === 0);

/** A node with what its verdict rests on; a node that was not read has nothing. */
interface JudgedNode {
  readonly instanceId: string;
  readonly basis: Diagnosed | undefined;
}

/**
 * The order in which card and runbook speak of nodes, as a comparator: those that were changed and those of the plan, then
 * the worse of the others. Where the verdict is what the incident is about, the nodes that are left lead.
 */
export function nodeOrder(
  head: IncidentHead,
  catalogue: Catalogue,
): (a: JudgedNode, b: JudgedNode) => number {
  const changed = head.remediations.map(({ instanceId }) => instanceId);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const first = isArguing(head) ? [...planned, ...changed] : [...changed, ...planned];
  const order = new Map([...new Set(first)].map((id, index) => [id, index]));
  const position = ({ instanceId }: JudgedNode) => order.get(instanceId) ?? order.size;
  const compare = worseFirst(catalogue);
  return (a, b) => position(a) - position(b) || compare(a.basis, b.basis);
}
