import type { Catalogue } from '../diagnosis/signature.ts';
import { byNode } from '../record/by-node.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { Incident, IncidentHead, IncidentNode, IncidentState } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { readingsOf, worseFirst } from '../remediation/readings.ts';
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
  /** What the node showed once everything on it had been taken back; absent where that did not happen or was not read. */
  readonly afterRollback?: AfterRollback;
}

const ARGUING: ReadonlySet<IncidentState> = new Set([
  'diagnosed',
  'awaiting-approval',
  'no-fix-offered',
  'dismissed',
  'expired',
]);

/**
 * Whether the verdict is still what the card is about. From the first order on it tells what became of the change, and a
 * card that ended without one goes on arguing: the fault is still there, whatever ended it.
 */
export const isArguing = ({ state, remediations }: IncidentHead): boolean =>
  ARGUING.has(state) || (isClosed(state) && remediations.length === 0);

/**
 * All nodes of the incident, canary first: those that were changed and those of the plan, then the worst of the others. Where the card argues,
 * the nodes that are left lead; after a rollback those that it left ill do.
 */
export function rankNodes(incident: Incident, catalogue: Catalogue): readonly RankedNode[] {
  const { head, collections } = incident;
  const changed = head.remediations.map(({ instanceId }) => instanceId);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const first = isArguing(head) ? [...planned, ...changed] : [...changed, ...planned];
  const order = new Map([...new Set(first)].map((id, index) => [id, index]));
  const position = ({ node, afterRollback }: RankedNode) =>
    afterRollback?.isIll === true && !isArguing(head) ? -1 : (order.get(node.instanceId) ?? order.size);
  const newest = byNode(collections);
  const readings = readingsOf(incident);
  const compare = worseFirst(catalogue);
  const states = nodeStates(head);
  return head.nodes
    .map((node): RankedNode => {
      const collection = newest.get(node.instanceId);
      if (collection === undefined) return { node };
      const judged = readings.get(node.instanceId)?.basis;
      const basis = diagnosedBy(judged);
      const seen = diagnosedBy(collection);
      const undone = states.get(node.instanceId)?.undone?.by;
      const isAfter =
        undone !== undefined && collection.collectedAt > (undone.finishedAt ?? undone.claimedAt);
      return {
        node,
        collection,
        ...(seen === undefined ? {} : { seen }),
        ...(judged === undefined || basis === undefined ? {} : { basis, basisAt: judged.collectedAt }),
        ...(isAfter && seen !== undefined
          ? { afterRollback: { ...judgeAfterRollback(seen, basis, catalogue), at: collection.collectedAt } }
          : {}),
      };
    })
    .toSorted((a, b) => position(a) - position(b) || compare(a.basis, b.basis));
}

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
