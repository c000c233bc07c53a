import { TARGET_TAG } from '../../../src/core/resolve/alarm-target.ts';
import { CLUSTER, type Cloud } from './cloud.ts';

/** How an alarm is made. */
export interface AlarmParts {
  readonly namespace?: string;
  readonly metric?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** Inputs of metric math. */
  readonly inputs?: readonly Readonly<Record<string, string>>[];
  readonly tag?: string;
  readonly rule?: string;
  /** Log groups that a log alarm queries. */
  readonly logGroups?: readonly string[];
  readonly isFiring?: boolean;
}

/** One kind of alarm with the nodes that it must lead to. */
export interface AlarmKind {
  /** The first column of docs/alarm-to-nodes.md. */
  readonly kind: string;
  /** What in the alarm says it. */
  readonly says: string;
  /** How the nodes are found. */
  readonly way: string;
  readonly alarm: AlarmParts;
  /** Other alarms that it needs, by name. */
  readonly others?: Readonly<Record<string, AlarmParts>>;
  /** Names of the nodes in the cloud, worst first. */
  readonly nodes: readonly string[];
  /** What must be said beside them. */
  readonly gaps: readonly (string | RegExp)[];
}

/** Every kind of alarm, in a cloud. */
export function alarmKinds(cloud: Cloud): readonly AlarmKind[] {
  const { ids, balancer, nodePorts, pods, privateDnsName, podAddress, autoScalingGroup } = cloud;
  const id = (name: string): string => ids[name] ?? '';
  const latency = { namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime' };
  const insights = { namespace: 'ContainerInsights', metric: 'node_network_total_bytes' };
  const signals = { namespace: 'ApplicationSignals', metric: 'Latency' };
  const outside =
    /Targets of targetgroup\/checkout-ip\/\w+ belong to no network interface of its VPC \(10\.250\.0\.9\)/;
  return [
    {
      kind: 'ALB or NLB, target group of instances',
      says: '`TargetGroup`, `LoadBalancer`',
      way: 'target health → instances; unhealthy targets first',
      alarm: { ...latency, dimensions: { LoadBalancer: balancer, TargetGroup: nodePorts } },
      nodes: ['a', 'b'],
      gaps: [],
    },
    {
      kind: 'ALB or NLB, target group of addresses (pods)',
      says: '`TargetGroup`, `LoadBalancer`',
      way: 'target health → address → network interface → instance, delegated prefixes and trunks included; the node with most targets first',
      alarm: { ...latency, dimensions: { LoadBalancer: balancer, TargetGroup: pods } },
      nodes: ['a', 'b'],
      gaps: [outside],
    },
    {
      kind: 'ALB or NLB as a whole',
      says: '`LoadBalancer`',
      way: 'all target groups behind it; an ALB behind an NLB is followed',
      alarm: { ...latency, dimensions: { LoadBalancer: balancer } },
      nodes: ['a', 'b'],
      gaps: [outside],
    },
    {
      kind: 'EC2 and the CloudWatch agent',
      says: '`InstanceId`',
      way: 'the instance',
      alarm: { namespace: 'CWAgent', metric: 'net_drop_in', dimensions: { InstanceId: id('edge') } },
      nodes: ['edge'],
      gaps: [],
    },
    {
      kind: 'Auto Scaling group',
      says: '`AutoScalingGroupName`',
      way: 'instances of the group that are in service',
      alarm: {
        namespace: 'AWS/EC2',
        metric: 'NetworkOut',
        dimensions: { AutoScalingGroupName: autoScalingGroup },
      },
      nodes: ['group-1', 'group-2'],
      gaps: [],
    },
    {
      kind: 'Container Insights, a node',
      says: '`NodeName` (and `InstanceId`, `ClusterName`)',
      way: 'private DNS name of the instance, or its id in the name',
      alarm: { ...insights, dimensions: { ClusterName: CLUSTER, NodeName: privateDnsName } },
      nodes: ['b'],
      gaps: [],
    },
    {
      kind: 'An address: alerts by webhook, or metrics of your own',
      says: '`host_ip`, `pod_ip` or `instance` of the alert; `PrivateIpAddress` of the metric',
      way: 'address → network interface → instance, delegated prefixes and trunks included; an address that several VPCs use is named as a gap',
      alarm: { inputs: [{ PrivateIpAddress: podAddress }, { PrivateIpAddress: '10.250.0.9' }] },
      nodes: ['b'],
      gaps: [/^The address 10\.250\.0\.9 belongs to no network interface of this account; /],
    },
    {
      kind: 'Container Insights, a cluster, namespace, service or pod',
      says: '`ClusterName`',
      way: 'running instances with the tag of the cluster, the zones in turn; which pod is on which node only Kubernetes knows',
      alarm: {
        ...insights,
        metric: 'pod_network_rx_errors',
        dimensions: { ClusterName: CLUSTER, Namespace: 'web' },
      },
      nodes: ['a', 'b', 'c'],
      gaps: [],
    },
    {
      kind: 'Application Signals on EKS or Kubernetes',
      says: '`Environment` = `eks:CLUSTER/NAMESPACE`, `k8s:CLUSTER/NAMESPACE`',
      way: 'like a cluster',
      alarm: { ...signals, dimensions: { Environment: `eks:${CLUSTER}/web`, Service: 'checkout' } },
      nodes: ['a', 'b', 'c'],
      gaps: [],
    },
    {
      kind: 'Application Signals on EC2',
      says: '`Environment` = `ec2:AUTO-SCALING-GROUP`',
      way: 'like an Auto Scaling group',
      alarm: { ...signals, dimensions: { Environment: `ec2:${autoScalingGroup}`, Service: 'checkout' } },
      nodes: ['group-1', 'group-2'],
      gaps: [],
    },
    {
      kind: 'Metric math',
      says: 'dimensions of all its inputs',
      way: 'each input as above',
      alarm: { inputs: [{ InstanceId: id('c') }, { InstanceId: id('edge') }] },
      nodes: ['c', 'edge'],
      gaps: [],
    },
    {
      kind: 'Composite alarm',
      says: 'the alarms in its rule that fire; all of them when none does',
      way: 'each child as above, five levels deep; a cycle ends where it closes',
      alarm: { rule: 'ALARM("child one") AND NOT ALARM(quiet) OR ALARM(inner)' },
      others: {
        'child one': { namespace: 'AWS/EC2', metric: 'NetworkOut', dimensions: { InstanceId: id('a') } },
        quiet: {
          namespace: 'AWS/EC2',
          metric: 'NetworkOut',
          dimensions: { InstanceId: id('edge') },
          isFiring: false,
        },
        inner: { rule: 'ALARM(inner) OR ALARM(deepest)' },
        deepest: { namespace: 'AWS/EC2', metric: 'NetworkOut', dimensions: { InstanceId: id('c') } },
      },
      nodes: ['a', 'c'],
      gaps: [],
    },
    {
      kind: 'Log alarm',
      says: 'its log groups `/aws/containerinsights/CLUSTER/…` and `/aws/eks/CLUSTER/…`; a query over others names nothing, which is said',
      way: 'like a cluster',
      alarm: { logGroups: ['/var/log/shop', `/aws/containerinsights/${CLUSTER}/dataplane`] },
      nodes: ['a', 'b', 'c'],
      gaps: [],
    },
    {
      kind: 'Any alarm with a tag',
      says: `\`${TARGET_TAG}\` = instance ids, \`asg:NAME\`, \`cluster:NAME\`, \`tag:KEY=VALUE\`, \`targetgroup/NAME/ID\`, \`app/NAME/ID\`, \`net/NAME/ID\`, separated by spaces`,
      way: 'what the tag says, whatever the metric says',
      alarm: {
        namespace: 'Shop',
        metric: 'CheckoutLatency',
        dimensions: { InstanceId: id('a') },
        tag: 'tag:role=edge',
      },
      nodes: ['edge'],
      gaps: [],
    },
    {
      kind: 'Any alarm with an entry in `alarmTargets`',
      says: 'name or ARN of the alarm in the configuration',
      way: 'what the entry says, whatever tag and metric say',
      alarm: {
        namespace: 'Shop',
        metric: 'CheckoutLatency',
        dimensions: { InstanceId: id('a') },
        tag: 'asg:none',
      },
      nodes: ['b'],
      gaps: [],
    },
    {
      kind: 'Nodes that cannot be asked',
      says: 'any of the above',
      way: 'named with the reason and what to do: not running, not managed, offline, Fargate, Auto Mode, Windows, gone',
      alarm: {
        namespace: 'Shop',
        metric: 'CheckoutLatency',
        tag: `${id('c')} ${id('stopped')} ${id('unmanaged')} i-0fffffffffffffff0`,
      },
      nodes: ['c'],
      gaps: [/AmazonSSMManagedInstanceCore/, /is not running/, /no such instance any more/],
    },
  ];
}
