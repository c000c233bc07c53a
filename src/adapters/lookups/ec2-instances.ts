import {
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  type EC2Client,
  type Instance as Ec2Instance,
  type Filter,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import type { NodeTags } from '../../core/node-tags.ts';
import type { Bandwidth } from '../../core/record/incident.ts';
import { CLUSTER_TAG_PREFIX, CLUSTER_TAGS } from '../../core/resolve/node-identity.ts';
import type { AddressOwner, Instance, InstanceLookups } from '../../core/resolve/node-lookups.ts';
import { ownersOfAddresses } from './ec2-addresses.ts';
import { nodeTagFilter } from './node-tag-filter.ts';
import { allPages, inBatches } from './pages.ts';

/** Values that one filter takes (EC2 API reference, "Filter"). */
const FILTER_MAX_VALUES = 200;
const RUNNING: Filter = { Name: 'instance-state-name', Values: ['running'] };

/** Instances and network interfaces of one account and region. */
export class Ec2Lookups implements InstanceLookups {
  private readonly client: EC2Client;
  /** By instance type; what a type may carry does not change, so it is asked for once. */
  private readonly known = new Map<string, Carries | undefined>();

  constructor(client: EC2Client) {
    this.client = client;
  }

  async byIds(instanceIds: readonly string[]): Promise<readonly Instance[]> {
    const found: Instance[] = [];
    // One id that is gone would make the service refuse InstanceIds as a whole; a filter just does not find it.
    for (const Values of inBatches(instanceIds, FILTER_MAX_VALUES))
      found.push(...(await this.describe([{ Name: 'instance-id', Values: [...Values] }])));
    return found;
  }

  async byTag(key: string, value: string): Promise<readonly Instance[]> {
    return await this.describe([{ Name: `tag:${key}`, Values: [value] }, RUNNING]);
  }

  async byNodeTags(tags: NodeTags): Promise<readonly Instance[]> {
    return await this.describeAny(
      tags.map((tag) => {
        const { Key: Name, Values } = nodeTagFilter(tag);
        return { Name, Values };
      }),
    );
  }

  async byCluster(name: string): Promise<readonly Instance[]> {
    // No tag is on the instances of every kind of node group.
    const filters: Filter[] = [
      ...CLUSTER_TAGS.map((key) => ({ Name: `tag:${key}`, Values: [name] })),
      { Name: `tag:${CLUSTER_TAG_PREFIX}${name}`, Values: ['owned', 'shared'] },
    ];
    return await this.describeAny(filters);
  }

  async byPrivateDnsName(name: string): Promise<readonly Instance[]> {
    return await this.describe([{ Name: 'private-dns-name', Values: [name] }]);
  }

  async bandwidths(instanceTypes: readonly string[]): Promise<ReadonlyMap<string, Carries>> {
    const asked = instanceTypes.filter((type) => !this.known.has(type));
    // A filter, because one type that this region does not have would make EC2 refuse InstanceTypes as a whole.
    for (const Values of inBatches(asked, FILTER_MAX_VALUES)) {
      const pages = await allPages((NextToken) =>
        this.client.send(
          new DescribeInstanceTypesCommand({
            Filters: [{ Name: 'instance-type', Values: [...Values] }],
            MaxResults: 100,
            NextToken,
          }),
        ),
      );
      for (const type of Values) this.known.set(type, undefined);
      for (const one of pages.flatMap(({ InstanceTypes = [] }) => InstanceTypes))
        this.known.set(one.InstanceType ?? '', bandwidthOf(one));
    }
    return new Map(
      instanceTypes.flatMap((type) => {
        const carries = this.known.get(type);
        return carries === undefined ? [] : [[type, carries] as const];
      }),
    );
  }

  async ownersOf(
    addresses: readonly string[],
    vpc: string | undefined,
  ): Promise<ReadonlyMap<string, AddressOwner>> {
    return await ownersOfAddresses(this.client, addresses, vpc);
  }

  /** Instances that run and that one of the filters finds: filters of one call are a conjunction. */
  private async describeAny(filters: readonly Filter[]): Promise<readonly Instance[]> {
    const found = await Promise.all(filters.map((filter) => this.describe([filter, RUNNING])));
    return [...new Map(found.flat().map((instance) => [instance.instanceId, instance])).values()];
  }

  private async describe(Filters: Filter[]): Promise<readonly Instance[]> {
    const pages = await allPages((NextToken) =>
      // Auto Mode's instances can be hidden, and are to be named as a gap.
      this.client.send(
        new DescribeInstancesCommand({ Filters, MaxResults: 1000, NextToken, IncludeManagedResources: true }),
      ),
    );
    return pages.flatMap(({ Reservations = [] }) =>
      Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(instanceOf)),
    );
  }
}

type Carries = Omit<Bandwidth, 'from'>;

/**
 * Bandwidth of the network card that an instance's first interface is on: an instance with several cards has it once a card
 * (EC2 API reference, "NetworkCardInfo").
 */
function bandwidthOf({ NetworkInfo }: InstanceTypeInfo): Carries | undefined {
  const { NetworkCards = [], DefaultNetworkCardIndex = 0 } = NetworkInfo ?? {};
  const card = NetworkCards.find(({ NetworkCardIndex = 0 }) => NetworkCardIndex === DefaultNetworkCardIndex);
  const { BaselineBandwidthInGbps: baselineGbps = 0, PeakBandwidthInGbps: burstGbps = 0 } = card ?? {};
  if (!(baselineGbps > 0)) return undefined;
  return burstGbps > baselineGbps ? { baselineGbps, burstGbps } : { baselineGbps };
}

function instanceOf(instance: Ec2Instance): Instance[] {
  const { InstanceId, State, Placement, InstanceType, PrivateDnsName, Operator, LaunchTime } = instance;
  if (InstanceId === undefined) return [];
  const addresses = ownAddresses(instance);
  const operator = Operator?.Managed === true ? (Operator.Principal ?? 'another service') : undefined;
  return [
    {
      instanceId: InstanceId,
      state: State?.Name ?? 'unknown',
      isWindows: instance.Platform?.toLowerCase() === 'windows',
      tags: Object.fromEntries((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      ...(operator === undefined ? {} : { operator }),
      ...(Placement?.AvailabilityZone === undefined ? {} : { zone: Placement.AvailabilityZone }),
      ...(InstanceType === undefined ? {} : { instanceType: InstanceType }),
      ...(PrivateDnsName === undefined ? {} : { privateDnsName: PrivateDnsName }),
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(LaunchTime === undefined ? {} : { launchedAt: LaunchTime.toISOString() }),
    },
  ];
}

/** Pods of the VPC CNI have the secondary addresses of an interface, those of its prefixes, or an interface of their own. */
function ownAddresses({
  PrivateIpAddress,
  PublicIpAddress,
  NetworkInterfaces = [],
}: Ec2Instance): readonly string[] {
  const all = [
    PrivateIpAddress,
    PublicIpAddress,
    ...NetworkInterfaces.flatMap((one) => [
      one.PrivateIpAddress,
      ...(one.Ipv6Addresses ?? []).map(({ Ipv6Address }) => Ipv6Address),
    ]),
  ];
  return [...new Set(all.flatMap((address) => (address === undefined || address === '' ? [] : [address])))];
}
