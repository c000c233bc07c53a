import { isIPv6 } from 'node:net';
import {
  DescribeNetworkInterfacesCommand,
  type EC2Client,
  type Filter,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import type { AddressOwner } from '../../core/resolve/node-lookups.ts';
import { holdersOf } from './address-holders.ts';
import { allPages, inBatches } from './pages.ts';

const FILTER_MAX_VALUES = 200;
/** The VPC resource controller's tag on the interface of a pod with security groups of its own: the node's trunk. */
const TRUNK_TAG = 'vpcresources.k8s.aws/trunk-eni-id';

/**
 * Who has which address. Pods of the VPC CNI have secondary addresses of the node's interfaces; with prefix delegation the
 * interface lists only the prefix (/28, for IPv6 /80) and no filter finds an address in it, so the VPC's interfaces are
 * read through; a pod with security groups of its own has a branch interface that is attached to nothing but a trunk.
 * @param vpc without it, every VPC of the account and region is looked at; two of them may use one address
 * @returns no entry for an address that no interface has
 */
export async function ownersOfAddresses(
  client: EC2Client,
  addresses: readonly string[],
  vpc: string | undefined,
): Promise<ReadonlyMap<string, AddressOwner>> {
  const within = vpc === undefined ? [] : [{ Name: 'vpc-id', Values: [vpc] }];
  const interfaces: NetworkInterface[] = [];
  for (const Values of inBatches(addresses, FILTER_MAX_VALUES)) {
    const [ipv6, ipv4] = [Values.filter(isIPv6), Values.filter((address) => !isIPv6(address))];
    if (ipv4.length > 0)
      interfaces.push(
        ...(await describe(client, [...within, { Name: 'addresses.private-ip-address', Values: ipv4 }])),
      );
    if (ipv6.length > 0)
      interfaces.push(
        ...(await describe(client, [...within, { Name: 'ipv6-addresses.ipv6-address', Values: ipv6 }])),
      );
  }
  let holders = holdersOf(interfaces, addresses);
  if (addresses.some((address) => !holders.has(address)))
    holders = holdersOf(interfaces.concat(await describe(client, within)), addresses);

  const trunks = await trunksOf(client, [...holders.values()].flat());
  const owners = new Map<string, AddressOwner>();
  for (const [address, found] of holders) {
    const [holder] = found;
    if (holder === undefined) continue;
    const vpcs = new Set(found.map(({ VpcId = '' }) => VpcId));
    if (vpcs.size > 1) {
      owners.set(address, { kind: 'ambiguous', vpcs: [...vpcs].toSorted() });
      continue;
    }
    const instanceId = instanceOf(holder) ?? instanceOf(trunks.get(trunkOf(holder) ?? ''));
    owners.set(
      address,
      instanceId === undefined ? { kind: 'no-instance' } : { kind: 'instance', instanceId },
    );
  }
  return owners;
}

async function trunksOf(
  client: EC2Client,
  holders: readonly NetworkInterface[],
): Promise<ReadonlyMap<string, NetworkInterface>> {
  const ids = [...new Set(holders.flatMap((holder) => trunkOf(holder) ?? []))];
  const found = await Promise.all(
    inBatches(ids, FILTER_MAX_VALUES).map((Values) =>
      describe(client, [{ Name: 'network-interface-id', Values: [...Values] }]),
    ),
  );
  return new Map(found.flat().map((one) => [one.NetworkInterfaceId ?? '', one]));
}

const trunkOf = ({ TagSet = [] }: NetworkInterface): string | undefined =>
  TagSet.find(({ Key }) => Key === TRUNK_TAG)?.Value;

/** Fargate's interfaces are attached too, to machines of AWS whose id is not told. */
const instanceOf = (one: NetworkInterface | undefined): string | undefined =>
  one?.Attachment?.InstanceId === '' ? undefined : one?.Attachment?.InstanceId;

async function describe(client: EC2Client, Filters: Filter[]): Promise<readonly NetworkInterface[]> {
  const pages = await allPages((NextToken) =>
    client.send(
      new DescribeNetworkInterfacesCommand({
        Filters,
        MaxResults: 1000,
        NextToken,
        IncludeManagedResources: true,
      }),
    ),
  );
  return pages.flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
}
