import { isIPv4, isIPv6 } from 'node:net';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { canonicalAddress } from '../../core/parse/address.ts';

/** An address as a number, with the bits of its family: 32 or 128. */
interface Numbered {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/**
 * Finds the interfaces that have an address: as one of their own, IPv6 in any spelling, or within a delegated prefix. Each
 * interface is looked at once, whatever the number of addresses; a prefix that is none gives an interface nothing.
 * @returns for each address that an interface has, all of those that have it, in the order in which they were given
 */
export function holdersOf(
  interfaces: readonly NetworkInterface[],
  addresses: readonly string[],
): ReadonlyMap<string, readonly NetworkInterface[]> {
  const wanted = new Wanted(addresses);
  const holders = new Map<string, Set<NetworkInterface>>();
  for (const one of interfaces) {
    const { PrivateIpAddresses = [], Ipv6Addresses = [], Ipv4Prefixes = [], Ipv6Prefixes = [] } = one;
    const held = [
      ...wanted.at(one.PrivateIpAddress),
      ...PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => wanted.at(PrivateIpAddress)),
      ...Ipv6Addresses.flatMap(({ Ipv6Address }) => wanted.at(Ipv6Address)),
      ...Ipv4Prefixes.flatMap(({ Ipv4Prefix }) => wanted.within(Ipv4Prefix)),
      ...Ipv6Prefixes.flatMap(({ Ipv6Prefix }) => wanted.within(Ipv6Prefix)),
    ];
    for (const address of held) {
      const before = holders.get(address);
      if (before === undefined) holders.set(address, new Set([one]));
      else before.add(one);
    }
  }
  return new Map([...holders].map(([address, found]) => [address, [...found]]));
}

/** The addresses that are asked for, to be found by spelling and by prefix. */
class Wanted {
  private readonly spellings = new Map<string, string[]>();
  private readonly numbered: readonly (Numbered & { readonly address: string })[];
  /** By family and length, then by what the addresses of one prefix have in common: made for lengths that occur. */
  private readonly networks = new Map<string, ReadonlyMap<bigint, readonly string[]>>();

  constructor(addresses: readonly string[]) {
    const distinct = [...new Set(addresses)];
    for (const address of distinct) append(this.spellings, canonicalAddress(address), address);
    this.numbered = distinct.flatMap((address) => {
      const number = numberOf(address);
      return number === undefined ? [] : [{ ...number, address }];
    });
  }

  /** Those that are this address. */
  at(address = ''): readonly string[] {
    return this.spellings.get(canonicalAddress(address)) ?? [];
  }

  /** Those that lie in this prefix, such as `10.0.1.16/28`: EC2 delegates /28 and /80 today. */
  within(prefix = ''): readonly string[] {
    const [, network = '', digits = ''] = /^([^/]+)\/([1-9]\d{0,2})$/.exec(prefix) ?? [];
    const [number, length] = [numberOf(network), Number(digits)];
    if (number === undefined || length > number.bits) return [];
    return this.networksOf(number.bits, length).get(inCommon(number, length)) ?? [];
  }

  private networksOf(bits: number, length: number): ReadonlyMap<bigint, readonly string[]> {
    const key = `${bits}/${length}`;
    const known = this.networks.get(key);
    if (known !== undefined) return known;
    const networks = new Map<bigint, string[]>();
    for (const one of this.numbered)
      if (one.bits === bits) append(networks, inCommon(one, length), one.address);
    this.networks.set(key, networks);
    return networks;
  }
}

function append<K>(lists: Map<K, string[]>, key: K, item: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

const inCommon = ({ value, bits }: Numbered, length: number): bigint => value >> BigInt(bits - length);

function numberOf(address: string): Numbered | undefined {
  if (isIPv4(address)) {
    const value = address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
    return { value: BigInt(value), bits: 32 };
  }
  const text = isIPv6(address) ? canonicalAddress(address) : '';
  if (text === '' || /[.%]/.test(text)) return undefined;
  const [head = [], tail] = text.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const filled =
    tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const value = filled.reduce((number, part) => (number << 16n) | BigInt(`0x${part}`), 0n);
  return { value, bits: 128 };
}
