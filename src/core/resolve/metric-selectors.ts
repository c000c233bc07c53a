import type { Alarm } from '../record/alarm.ts';
import { INSTANCE_ID, LOAD_BALANCER, type NodeSelector, TARGET_GROUP } from './node-selector.ts';

/** Dimensions of one metric by name. */
export type Dimensions = Readonly<Record<string, string>>;

/** Our own dimension for alerts that name a machine or a pod by its private address, as CloudWatch's metrics never do. */
export const ADDRESS_DIMENSION = 'PrivateIpAddress';

const EXACT: ReadonlySet<string> = new Set(['InstanceId', 'NodeName', ADDRESS_DIMENSION]);

/**
 * What one metric is about: the most exact of its dimensions. Application Signals' `Environment` is `eks:CLUSTER/NAMESPACE`,
 * `k8s:CLUSTER/NAMESPACE` or `ec2:AUTO-SCALING-GROUP` (Amazon CloudWatch User Guide, Application Signals).
 * @returns nothing when no dimension stands for nodes
 */
export function selectorOfMetric(dimensions: Dimensions): NodeSelector | undefined {
  const { InstanceId, NodeName, TargetGroup, LoadBalancer } = dimensions;
  if (InstanceId !== undefined && INSTANCE_ID.test(InstanceId))
    return { kind: 'instance', instanceId: InstanceId };
  if (NodeName !== undefined && NodeName !== '') return { kind: 'node-name', name: NodeName };
  const { [ADDRESS_DIMENSION]: address } = dimensions;
  if (address !== undefined && address !== '') return { kind: 'address', address };
  if (TargetGroup !== undefined && TARGET_GROUP.test(TargetGroup))
    return { kind: 'target-group', id: TargetGroup };
  if (LoadBalancer !== undefined && LOAD_BALANCER.test(LoadBalancer))
    return { kind: 'load-balancer', id: LoadBalancer };
  const { AutoScalingGroupName, Environment = '', ClusterName } = dimensions;
  if (AutoScalingGroupName !== undefined && AutoScalingGroupName !== '')
    return { kind: 'auto-scaling-group', name: AutoScalingGroupName };
  const [, platform, name = ''] = /^(eks|k8s|ec2):([^/]+)/.exec(Environment) ?? [];
  if (platform === 'ec2' && name !== 'default') return { kind: 'auto-scaling-group', name };
  if (platform === 'eks' || platform === 'k8s') return { kind: 'cluster', name };
  return ClusterName === undefined || ClusterName === '' ? undefined : { kind: 'cluster', name: ClusterName };
}

/**
 * What a log group is about: Container Insights and the control plane have the cluster's name in theirs
 * (`/aws/containerinsights/CLUSTER/…`, `/aws/eks/CLUSTER/cluster`; Amazon CloudWatch User Guide, Amazon EKS User Guide).
 *
 * @param logGroup name or ARN
 */
export function selectorOfLogGroup(logGroup: string): NodeSelector | undefined {
  const [, name] = /(?:^|:log-group:)\/aws\/(?:containerinsights|eks)\/([^/:*]+)\//.exec(logGroup) ?? [];
  return name === undefined ? undefined : { kind: 'cluster', name };
}

/**
 * What the dimensions in an alarm's event are about. The event's normal form has lost which dimension belongs to which
 * metric, so every target group stands for itself, and load balancers count only where no target group is named.
 */
export function selectorsOfEvent({ dimensions }: Pick<Alarm, 'dimensions'>): readonly NodeSelector[] {
  const hasGroup = dimensions.some(({ name }) => name === 'TargetGroup');
  const isExact = dimensions.some(({ name }) => EXACT.has(name));
  return dimensions.flatMap(({ name, value }) => {
    if (hasGroup && name === 'LoadBalancer') return [];
    if (isExact && (name === 'ClusterName' || name === 'AutoScalingGroupName')) return [];
    return selectorOfMetric({ [name]: value }) ?? [];
  });
}
