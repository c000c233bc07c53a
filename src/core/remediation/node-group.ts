import type { GroupTag } from '../record/association.ts';
import type { IncidentNode } from '../record/incident.ts';
import type { RaisePlan } from '../record/plan.ts';

/** Nodes that are replaced and added by the same means, and the tags that tell them. */
export interface NodeGroup {
  /** `node group checkout of cluster shop`. */
  readonly name: string;
  readonly tags: readonly GroupTag[];
}

/**
 * The group that a node belongs to; nothing where its tags do not tell.
 * Tags: EKS managed node groups set `eks:cluster-name` and `eks:nodegroup-name` (EKS user guide, "Tagging your resources"),
 * Karpenter `karpenter.sh/nodepool` (karpenter.sh, NodePools), EC2 Auto Scaling `aws:autoscaling:groupName`.
 */
export function groupOfNode({
  cluster,
  nodeGroup,
  nodePool,
  autoScalingGroup,
}: IncidentNode): NodeGroup | undefined {
  const ofCluster = cluster === undefined ? '' : ` of cluster ${cluster}`;
  if (nodeGroup !== undefined && cluster !== undefined) {
    const tags = [
      { key: 'eks:cluster-name', value: cluster },
      { key: 'eks:nodegroup-name', value: nodeGroup },
    ];
    return { name: `node group ${nodeGroup}${ofCluster}`, tags };
  }
  if (nodePool !== undefined && cluster !== undefined) {
    const tags = [
      { key: 'eks:eks-cluster-name', value: cluster },
      { key: 'karpenter.sh/nodepool', value: nodePool },
    ];
    return { name: `node pool ${nodePool}${ofCluster}`, tags };
  }
  if (autoScalingGroup !== undefined) {
    const tags = [{ key: 'aws:autoscaling:groupName', value: autoScalingGroup }];
    return { name: `Auto Scaling group ${autoScalingGroup}`, tags };
  }
  return undefined;
}

/**
 * The raise that a whole group is given: the largest of those of its nodes, for one template makes all of them and each has
 * to bear what the busiest does. Of two with the same limit the one with more buckets.
 */
export function targetOf(raises: readonly RaisePlan[]): RaisePlan | undefined {
  return raises.toSorted((a, b) => b.max.to - a.max.to || b.buckets.to - a.buckets.to)[0];
}
