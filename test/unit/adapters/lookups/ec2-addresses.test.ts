import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, test } from 'vitest';
import { Ec2Lookups } from '../../../../src/adapters/lookups/ec2-instances.ts';
import { LOCAL, type SeenRequest, startResponder } from '../support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

const item = (content: string) => `<item>${content}</item>`;
const attached = (id: string) => `<attachment><instanceId>${id}</instanceId></attachment>`;
const interfaces = (...items: string[]) =>
  `<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><networkInterfaceSet>${items.map(item).join('')}</networkInterfaceSet></DescribeNetworkInterfacesResponse>`;

const addresses = (...list: string[]) =>
  `<privateIpAddressesSet>${list.map((one) => item(`<privateIpAddress>${one}</privateIpAddress>`)).join('')}</privateIpAddressesSet>`;

/** Values of the filter with this name in a request of EC2's query protocol. */
function filterOf({ body }: SeenRequest, name: string): readonly string[] | undefined {
  const parameters = new URLSearchParams(body);
  const [key] = [...parameters].find(([, value]) => value === name) ?? [];
  if (key === undefined) return undefined;
  const prefix = key.replace('.Name', '.Value.');
  return [...parameters].filter(([one]) => one.startsWith(prefix)).map(([, value]) => value);
}

/** A VPC with a node of each way to give pods addresses. */
const SECONDARY = addresses('10.0.0.5', '10.0.0.6') + attached('i-0000000000000000a');
const PREFIX = `${addresses('10.0.1.5')}<ipv4PrefixSet>${item('<ipv4Prefix>10.0.1.16/28</ipv4Prefix>')}</ipv4PrefixSet>${attached('i-0000000000000000b')}`;
const PREFIX6 = `<ipv6PrefixSet>${item('<ipv6Prefix>2001:db8:0:1:a::/80</ipv6Prefix>')}</ipv6PrefixSet>${attached('i-0000000000000000c')}`;
const BRANCH = `${addresses('10.0.2.7')}<interfaceType>branch</interfaceType><tagSet>${item('<key>vpcresources.k8s.aws/trunk-eni-id</key><value>eni-trunk</value>')}</tagSet>`;
const TRUNK = `<networkInterfaceId>eni-trunk</networkInterfaceId>${addresses('10.0.2.5')}${attached('i-0000000000000000d')}`;
const FARGATE = `${addresses('10.0.3.7')}<attachment><instanceOwnerId>amazon-aws</instanceOwnerId></attachment>`;
const ALL = [SECONDARY, PREFIX, PREFIX6, BRANCH, TRUNK, FARGATE];

async function ownersOf(
  wanted: readonly string[],
  vpc: 'vpc-1' | 'any' = 'vpc-1',
  all: readonly string[] = ALL,
) {
  server = await startResponder((request) => {
    const listed = filterOf(request, 'addresses.private-ip-address');
    const listed6 = filterOf(request, 'ipv6-addresses.ipv6-address');
    const ids = filterOf(request, 'network-interface-id');
    const found = all.filter(
      (one) =>
        (listed === undefined || listed.some((address) => one.includes(`>${address}<`))) &&
        listed6 === undefined &&
        (ids === undefined || ids.some((id) => one.includes(`<networkInterfaceId>${id}<`))),
    );
    return { status: 200, body: interfaces(...found) };
  });
  const lookups = new Ec2Lookups(new EC2Client({ ...LOCAL, endpoint: server.url }));
  return Object.fromEntries(await lookups.ownersOf(wanted, vpc === 'any' ? undefined : vpc));
}

const node = (letter: string) => ({ kind: 'instance', instanceId: `i-0000000000000000${letter}` });

test('a secondary address leads to its node, and the VPC is not read through for it', async () => {
  expect(await ownersOf(['10.0.0.6'])).toEqual({ '10.0.0.6': node('a') });
  expect(server?.seen).toHaveLength(1);
  expect(filterOf(server?.seen[0] as SeenRequest, 'vpc-id')).toEqual(['vpc-1']);
});

test('an address of a delegated prefix leads to the node that has the prefix, IPv6 in any spelling', async () => {
  expect(await ownersOf(['10.0.1.16', '10.0.1.31', '2001:db8:0:1:a:0:0:7', '10.0.1.32'])).toEqual({
    '10.0.1.16': node('b'),
    '10.0.1.31': node('b'),
    '2001:db8:0:1:a:0:0:7': node('c'),
  });
});

const prefixes = (...list: string[]) =>
  `<ipv4PrefixSet>${list.map((one) => item(`<ipv4Prefix>${one}</ipv4Prefix>`)).join('')}</ipv4PrefixSet>`;

test('what is no prefix claims no address and hides no other', async () => {
  const odd = [
    'nonsense/28',
    '10.0.1.16',
    '10.0.1.16/',
    '10.0.1.16/0',
    '10.0.1.16/33',
    '10.0.1.16/28/4',
    '/28',
  ];
  const all = [prefixes(...odd) + attached('i-0000000000000000e'), PREFIX];
  expect(await ownersOf(['10.0.1.17', '10.9.9.9'], 'vpc-1', all)).toEqual({ '10.0.1.17': node('b') });
});

test('a prefix of another length, or written with an address inside it, counts by the bits that it names', async () => {
  const all = [prefixes('10.0.4.19/28', '10.0.6.0/23') + attached('i-0000000000000000e')];
  const wanted = ['10.0.4.16', '10.0.4.32', '10.0.7.255', '10.0.8.0'];
  expect(await ownersOf(wanted, 'vpc-1', all)).toEqual({ '10.0.4.16': node('e'), '10.0.7.255': node('e') });
});

test('of several interfaces with one address the first that was listed says where it is', async () => {
  const all = ['e', 'b'].map((letter) => prefixes('10.0.1.16/28') + attached(`i-0000000000000000${letter}`));
  const single = addresses('10.0.1.17') + attached('i-0000000000000000a');
  expect(await ownersOf(['10.0.1.18'], 'vpc-1', [...all, single])).toEqual({ '10.0.1.18': node('e') });
  await server?.close();
  expect(await ownersOf(['10.0.1.17'], 'vpc-1', [...all, single])).toEqual({ '10.0.1.17': node('a') });
});

test('a pod with security groups of its own is on the node of its trunk', async () => {
  expect(await ownersOf(['10.0.2.7'])).toEqual({ '10.0.2.7': node('d') });
});

test('Fargate has an interface and no instance', async () => {
  expect(await ownersOf(['10.0.3.7'])).toEqual({ '10.0.3.7': { kind: 'no-instance' } });
});

describe('where no VPC is given', () => {
  test('an address of a delegated prefix is found all the same', async () => {
    expect(await ownersOf(['10.0.1.17'], 'any')).toEqual({ '10.0.1.17': node('b') });
    expect(filterOf(server?.seen[0] as SeenRequest, 'vpc-id')).toBeUndefined();
  });

  test('an address that two VPCs use leads to no node', async () => {
    const twice = ['vpc-2', 'vpc-1'].map((vpc) => `<vpcId>${vpc}</vpcId>${SECONDARY}`);
    expect(await ownersOf(['10.0.0.6'], 'any', twice)).toEqual({
      '10.0.0.6': { kind: 'ambiguous', vpcs: ['vpc-1', 'vpc-2'] },
    });
  });

  test('an address within prefixes of two VPCs leads to no node', async () => {
    const twice = ['vpc-2', 'vpc-1'].map((vpc) => `<vpcId>${vpc}</vpcId>${PREFIX}`);
    expect(await ownersOf(['10.0.1.17'], 'any', twice)).toEqual({
      '10.0.1.17': { kind: 'ambiguous', vpcs: ['vpc-1', 'vpc-2'] },
    });
  });
});
