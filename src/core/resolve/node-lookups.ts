import type { NodeTags } from '../node-tags.ts';
import type { Bandwidth } from '../record/incident.ts';
import type { Place } from '../record/place.ts';
import type { Dimensions } from './metric-selectors.ts';

/** A metric of CloudWatch beside its dimensions. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  /** `Seconds`, `Milliseconds`; absent where the alarm names none. */
  readonly unit?: string;
}

/** One alarm as CloudWatch describes it. */
export interface DescribedAlarm {
  readonly name: string;
  readonly arn: string;
  readonly isFiring: boolean;
  /** Every metric that goes into it, inputs of metric math included; `account` where it is not the alarm's own. */
  readonly metrics: readonly {
    readonly dimensions: Dimensions;
    readonly account?: string;
    /** What it is called, where CloudWatch says so. */
    readonly metric?: MetricName;
  }[];
  /** Rule of a composite alarm. */
  readonly rule?: string;
  /** Names or ARNs of the log groups that a log alarm queries. */
  readonly logGroups?: readonly string[];
  /** What CloudWatch calls a kind of alarm that is none of these three, such as `TraceAlarms`. */
  readonly unknownKind?: string;
}

/** CloudWatch. */
export interface AlarmLookups {
  /** The alarms of these names that exist, at most 100. */
  describe(names: readonly string[]): Promise<readonly DescribedAlarm[]>;
  /** Value of one tag of an alarm. */
  tag(alarmArn: string, key: string): Promise<string | undefined>;
}

/** One target as the load balancer sees it. */
export interface Target {
  /** Instance id, address or ARN, as the group's kind of target says. */
  readonly id: string;
  readonly isUnhealthy: boolean;
}

/** A target group of a load balancer. */
export interface TargetGroup {
  readonly arn: string;
  readonly kind: 'instance' | 'ip' | 'lambda' | 'alb';
  readonly vpc?: string;
}

/** The values of one statistic, a datapoint each, by their times in milliseconds since the Unix epoch. */
export type Datapoints = ReadonlyMap<number, number>;

/** Metrics of CloudWatch. */
export interface MetricLookups {
  /**
   * Values of statistics over a time, one datapoint a minute, in the order of the statistics; what it does not say in time, or
   * refuses, it throws.
   */
  read(wanted: {
    readonly metric: MetricName;
    readonly dimensions: Dimensions;
    readonly account?: string | undefined;
    readonly statistics: readonly string[];
    /** Milliseconds since the Unix epoch. */
    readonly from: number;
    readonly to: number;
  }): Promise<readonly Datapoints[]>;
}

/** Elastic Load Balancing. */
export interface LoadBalancerLookups {
  /** Target groups behind a load balancer, by the last part of its ARN. */
  behind(loadBalancerId: string): Promise<readonly TargetGroup[]>;
  /** One target group by the last part of its ARN. */
  group(targetGroupId: string): Promise<TargetGroup | undefined>;
  targets(targetGroupArn: string): Promise<readonly Target[]>;
}

/** One EC2 instance. */
export interface Instance {
  readonly instanceId: string;
  /** `running`, `stopped`, … */
  readonly state: string;
  readonly isWindows: boolean;
  /** Service that manages it in the owner's place, such as EKS Auto Mode. */
  readonly operator?: string;
  readonly zone?: string;
  readonly instanceType?: string;
  readonly privateDnsName?: string;
  /** Its own on each network interface, and its public one: none of a pod. */
  readonly addresses?: readonly string[];
  /** When it was started, ISO 8601 in UTC. */
  readonly launchedAt?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What an address belongs to. */
export type AddressOwner =
  | { readonly kind: 'instance'; readonly instanceId: string }
  /** A network interface that is attached to no instance of the account, as Fargate's are. */
  | { readonly kind: 'no-instance' }
  /** Network interfaces of these VPCs, at least two, have it, so it says nothing. */
  | { readonly kind: 'ambiguous'; readonly vpcs: readonly string[] };

/** EC2. */
export interface InstanceLookups {
  byIds(instanceIds: readonly string[]): Promise<readonly Instance[]>;
  /** Instances that run and carry this tag. */
  byTag(key: string, value: string): Promise<readonly Instance[]>;
  /** Instances that run and carry one of the tags. */
  byNodeTags(tags: NodeTags): Promise<readonly Instance[]>;
  /** Instances of a Kubernetes cluster that run. */
  byCluster(name: string): Promise<readonly Instance[]>;
  byPrivateDnsName(name: string): Promise<readonly Instance[]>;
  /** What the networks of these instance types may carry; a type that EC2 does not know, or says nothing of, is absent. */
  bandwidths(instanceTypes: readonly string[]): Promise<ReadonlyMap<string, Omit<Bandwidth, 'from'>>>;
  /**
   * Who has these addresses in the VPC, or in any where none is given; secondary ones and those of delegated prefixes
   * included. Unknown ones are absent.
   */
  ownersOf(addresses: readonly string[], vpc: string | undefined): Promise<ReadonlyMap<string, AddressOwner>>;
}

/** One machine as Systems Manager knows it. */
export interface ManagedNode {
  readonly instanceId: string;
  /** `Online`, `ConnectionLost`, `Inactive`. */
  readonly ping: string;
  readonly isLinux: boolean;
  readonly name?: string;
  /** Operating system, such as `Amazon Linux` or `Bottlerocket`. */
  readonly platform?: string;
}

/** Systems Manager. */
export interface ManagedNodes {
  /** Those of the instances that it manages. */
  byIds(instanceIds: readonly string[]): Promise<readonly ManagedNode[]>;
  byTag(key: string, value: string): Promise<readonly ManagedNode[]>;
  /** Ids of those of the instances that carry one of the tags. */
  carriersOf(tags: NodeTags, instanceIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Everything that can be asked in one account and region. */
export interface NodeLookups {
  readonly managed: ManagedNodes;
  /** Absent where Systems Manager is all there is, as on one machine. */
  readonly aws?: {
    readonly alarms: AlarmLookups;
    readonly metrics: MetricLookups;
    readonly loadBalancers: LoadBalancerLookups;
    readonly instances: InstanceLookups;
    /** Ids of an Auto Scaling group's instances that are in service; nothing when there is no such group. */
    readonly autoScalingGroup: (name: string) => Promise<readonly string[] | undefined>;
  };
}

/**
 * Opens the way to an account and region.
 * @throws SpokeNotConfiguredError with one sentence when the service has no role there
 */
export type LookupsAt = (place: Place) => NodeLookups;
