import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { Incident, IncidentNode } from '../record/incident.ts';

/** One node of an incident with what its newest collection gave. */
export interface RankedNode {
  readonly node: IncidentNode;
  /** Absent before the first collection. */
  readonly collection?: NodeCollection;
  /** Absent when the collection failed or there is none yet. */
  readonly seen?: Diagnosed;
}

/** All nodes of the incident, canary first: those of the plan in its order, then the worst of the others. */
export function rankNodes({ head, collections }: Incident): readonly RankedNode[] {
  const changed = head.remediations.map(({ instanceId }) => instanceId);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const order = new Map([...new Set([...changed, ...planned])].map((id, index) => [id, index]));
  const position = ({ node }: RankedNode) => order.get(node.instanceId) ?? order.size;
  // The first of a node counts, so it is set last.
  const byNode = new Map(collections.toReversed().map((one) => [one.instanceId, one]));
  return head.nodes
    .map((node): RankedNode => {
      const collection = byNode.get(node.instanceId);
      if (collection === undefined) return { node };
      return collection.outcome.kind === 'diagnosed'
        ? { node, collection, seen: collection.outcome }
        : { node, collection };
    })
    .toSorted((a, b) => position(a) - position(b) || badness(b) - badness(a));
}

/** Packets being dropped outweigh any use, and a node that was read outweighs one that was not. */
function badness({ seen }: RankedNode): number {
  if (seen === undefined) return -1;
  const { count = 0, max = 0, fullDrops = 0 } = seen.figures;
  return fullDrops > 0 ? 1 + fullDrops : Math.min(1, max > 0 ? count / max : 0);
}

/** The verdict that leads the card: the first node's that could be read. */
export function leadingDiagnosis(ranked: readonly RankedNode[]): Diagnosis | undefined {
  return ranked.find(({ seen }) => seen !== undefined)?.seen?.diagnosis;
}

/** Nodes whose verdict is the leading one. */
export function nodesWithVerdict(ranked: readonly RankedNode[], verdict: string): number {
  return ranked.filter(({ seen }) => seen?.diagnosis.verdict === verdict).length;
}

/** `i-0abc · m6i.large · eu-central-1a · workers`, as far as the fleet lookup knew. */
export function nodeLabel({ instanceId, instanceType, zone, name }: IncidentNode): string {
  return [instanceId, instanceType, zone, name]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}
