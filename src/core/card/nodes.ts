import type { Catalogue } from '../diagnosis/signature.ts';
import { byNode } from '../record/by-node.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { Incident, IncidentHead, IncidentNode, IncidentState } from '../record/incident.ts';
import { isArguing, nodeOrder } from '../remediation/node-order.ts';
import { losesPackets, readingsOf, worseFirst } from '../remediation/readings.ts';
import { nodeStates } from '../remediation/steps.ts';
import { type AfterRollback, judgeAfterRollback } from './after-rollback.ts';

/** One node of an incident with what was read of it. */
export interface RankedNode {
  readonly node: IncidentNode;
  /** The newest reading; absent before the first collection. */
  readonly collection?: NodeCollection;
  /** What that reading gave; absent when it failed or there is none yet. */
  readonly seen?: Diagnosed;
  /** What the node's verdict rests on: the reading before it was changed, the newest where it was not; absent as `seen`. */
  readonly basis?: Diagnosed;
  /** When that was read. */
  readonly basisAt?: string;
  /** Incident that had asked the node for it, where it was another one. */
  readonly basisAskedBy?: string;
  /** What the node showed once everything on it had been taken back; absent where that did not happen or was not read. */
  readonly afterRollback?: AfterRollback;
}

/** States in which what was ordered is over: then the card is about how the nodes fare now. */
const OVER: ReadonlySet<IncidentState> = new Set([
  'applied-one',
  'resolved',
  'partially-applied',
  'failed',
  'rolled-back',
]);

/** Whether the nodes are ranked by what was read of them last. */
export const isByNewest = (head: Pick<IncidentHead, 'state' | 'remediations'>): boolean =>
  OVER.has(head.state) && !isArguing(head);

/**
 * All nodes of the incident in the order of {@link nodeOrder}; once what was ordered is over the worse by what was read of it last
 * leads among those that lose packets or were changed, and before all others one that a rollback left ill.
 */
export function rankNodes(incident: Incident, catalogue: Catalogue): readonly RankedNode[] {
  const { head, collections } = incident;
  const newest = byNode(collections);
  const readings = readingsOf(incident);
  const compare = nodeOrder(head, catalogue);
  const leads = ({ afterRollback }: RankedNode) =>
    afterRollback?.isIll === true && !isArguing(head) ? 0 : 1;
  const judged = ({ node, basis }: RankedNode) => ({ instanceId: node.instanceId, basis });
  const states = nodeStates(head);
  const changed = new Set(head.remediations.map(({ instanceId }) => instanceId));
  // Where no packet is lost any more a card is about the nodes that were changed, not about the fullest of the others.
  const matters = ({ node, seen }: RankedNode) =>
    (seen !== undefined && losesPackets(seen, catalogue)) || changed.has(node.instanceId) ? 0 : 1;
  const [byNewest, worse] = [isByNewest(head), worseFirst(catalogue)];
  return head.nodes
    .map((node): RankedNode => {
      const collection = newest.get(node.instanceId);
      if (collection === undefined) return { node };
      const rests = readings.get(node.instanceId)?.basis;
      const basis = diagnosedBy(rests);
      const seen = diagnosedBy(collection);
      const undone = states.get(node.instanceId)?.undone?.by;
      const isAfter =
        undone !== undefined && collection.collectedAt > (undone.finishedAt ?? undone.claimedAt);
      return {
        node,
        collection,
        ...(seen === undefined ? {} : { seen }),
        ...(rests === undefined || basis === undefined
          ? {}
          : { basis, basisAt: rests.collectedAt, ...askedBy(rests) }),
        ...(isAfter && seen !== undefined
          ? { afterRollback: { ...judgeAfterRollback(seen, basis, catalogue), at: collection.collectedAt } }
          : {}),
      };
    })
    .toSorted(
      (a, b) =>
        leads(a) - leads(b) ||
        (byNewest ? matters(a) - matters(b) || worse(a.seen, b.seen) : 0) ||
        compare(judged(a), judged(b)),
    );
}

const askedBy = ({ askedBy: basisAskedBy }: NodeCollection) =>
  basisAskedBy === undefined ? {} : { basisAskedBy };

function diagnosedBy(collection: NodeCollection | undefined): Diagnosed | undefined {
  return collection?.outcome.kind === 'diagnosed' ? collection.outcome : undefined;
}

/** The verdict that leads the card: the first node's that could be read. */
export function leadingDiagnosis(ranked: readonly RankedNode[]): Diagnosis | undefined {
  return ranked.find(({ basis }) => basis !== undefined)?.basis?.diagnosis;
}

/** Nodes whose verdict is the leading one. */
export function nodesWithVerdict(ranked: readonly RankedNode[], verdict: string): number {
  return ranked.filter(({ basis }) => basis?.diagnosis.verdict === verdict).length;
}

/** `i-0abc · m6i.large · eu-central-1a · workers`, as far as the fleet lookup knew. */
export function nodeLabel({ instanceId, instanceType, zone, name }: IncidentNode): string {
  return [instanceId, instanceType, zone, name]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}
