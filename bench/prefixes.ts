import type { EC2Client, NetworkInterface } from '@aws-sdk/client-ec2';
import { Ec2Lookups } from '../src/adapters/lookups/ec2-instances.ts';
import { measure } from './measure.ts';

/** Interfaces of a node, and prefixes of an interface: what an m6i.large of the VPC CNI has. */
const INTERFACES = 3;
const PREFIXES = 9;
/** Of each page that EC2 gives. */
const PAGE = 1000;

/** The address number `index` of 10.0.0.0/8. */
const addressOf = (index: number): string => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

function interfacesOf(nodes: number): readonly NetworkInterface[] {
  return Array.from({ length: nodes * INTERFACES }, (_, index) => ({
    NetworkInterfaceId: `eni-${index}`,
    PrivateIpAddress: addressOf(0x80_00_00 + index),
    PrivateIpAddresses: [{ PrivateIpAddress: addressOf(0x80_00_00 + index) }],
    Ipv4Prefixes: Array.from({ length: PREFIXES }, (__, prefix) => ({
      Ipv4Prefix: `${addressOf((index * PREFIXES + prefix) * 16)}/28`,
    })),
    Attachment: { InstanceId: `i-${Math.floor(index / INTERFACES)}` },
    VpcId: 'vpc-1',
  }));
}

/** A client that answers with interfaces page by page, as EC2's would; filters by address find none of a prefix. */
function clientOf(interfaces: readonly NetworkInterface[]): EC2Client {
  const send = async ({ input }: { input: { Filters?: unknown[]; NextToken?: string } }) => {
    const from = Number(input.NextToken ?? 0);
    if ((input.Filters ?? []).length > 1) return { NetworkInterfaces: [] };
    const next = from + PAGE;
    return {
      NetworkInterfaces: interfaces.slice(from, next),
      ...(next < interfaces.length ? { NextToken: String(next) } : {}),
    };
  };
  return { send } as unknown as EC2Client;
}

/** Whose the addresses of pods in delegated prefixes are: half as many targets as there are nodes. */
export async function benchPrefixes(): Promise<void> {
  await measure('owners of half as many pod addresses as nodes', [250, 500, 1000, 2000], (nodes) => {
    const lookups = new Ec2Lookups(clientOf(interfacesOf(nodes)));
    const step = Math.floor((nodes * INTERFACES * PREFIXES * 16) / (nodes / 2));
    const wanted = Array.from({ length: nodes / 2 }, (_, index) => addressOf(index * step + 5));
    return async () => {
      const owners = await lookups.ownersOf(wanted, 'vpc-1');
      if (owners.size !== wanted.length) throw new Error(`${wanted.length - owners.size} were not found`);
    };
  });
}
