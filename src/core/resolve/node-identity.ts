import type { IncidentNode } from '../record/incident.ts';
import type { Instance, ManagedNode } from './node-lookups.ts';

/**
 * Tags that say which cluster an instance belongs to: of managed node groups, eksctl, Auto Mode. Karpenter's and others'
 * instances carry `kubernetes.io/cluster/NAME` alone.
 */
export const CLUSTER_TAGS = ['aws:eks:cluster-name', 'eks:cluster-name', 'eks:eks-cluster-name'] as const;
export const CLUSTER_TAG_PREFIX = 'kubernetes.io/cluster/';
const NODE_POOL_TAGS = ['karpenter.sh/nodepool', 'eks:kubernetes-node-pool-name'] as const;

/** Where a node belongs, as far as EC2's tags and Systems Manager say so. */
export function identityOf(
  instance: Instance | undefined,
  { name, platform }: Pick<ManagedNode, 'name' | 'platform'>,
): Omit<IncidentNode, 'instanceId' | 'account' | 'region'> {
  const tags = instance?.tags ?? {};
  const firstOf = (keys: readonly string[]) => keys.map((key) => tags[key]).find((value) => value);
  const owning = Object.keys(tags).find((key) => key.startsWith(CLUSTER_TAG_PREFIX));
  return withoutGaps({
    zone: instance?.zone,
    instanceType: instance?.instanceType,
    launchedAt: instance?.launchedAt,
    name: name ?? instance?.privateDnsName,
    cluster: firstOf(CLUSTER_TAGS) ?? owning?.slice(CLUSTER_TAG_PREFIX.length),
    nodeGroup: tags['eks:nodegroup-name'],
    nodePool: firstOf(NODE_POOL_TAGS),
    autoScalingGroup: tags['aws:autoscaling:groupName'],
    platform,
  });
}

type Known<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The same without what is unknown or empty. */
function withoutGaps<T extends Record<string, string | undefined>>(fields: T): Known<T> {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(known) as Known<T>;
}
