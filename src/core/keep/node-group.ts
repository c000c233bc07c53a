import type { GroupTag } from '../record/association.ts';
import type { IncidentNode } from '../record/incident.ts';

/** Nodes that are replaced and added by the same means, and the tags that tell them. */
export interface NodeGroup {
  /** `node group checkout of cluster shop`. */
  readonly name: string;
  readonly tags: readonly GroupTag[];
}

/**
 * The one group that all the given nodes belong to.
 * Tags: EKS managed node groups set `eks:cluster-name` and `eks:nodegroup-name` (EKS user guide, "Tagging your resources"),
 * Karpenter `karpenter.sh/nodepool` (karpenter.sh, NodePools), EC2 Auto Scaling `aws:autoscaling:groupName`.
 * @returns nothing when it is not known or the nodes are of several
 */
export function groupOf(nodes: readonly IncidentNode[]): NodeGroup | undefined {
  const groups = nodes.map(groupOfNode);
  const [first] = groups;
  return groups.every((group) => group?.name === first?.name) ? first : undefined;
}

function groupOfNode({
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
