import { linesOf } from '../lines.ts';
import { canonicalAddress } from './address.ts';

/** What the node's iptables rules say about translation and invalid packets. */
export interface NatRules {
  /** Where UDP is sent: the port a rule matches (if it does) and the backend's address and port (if it sets one). */
  readonly udpTargets: readonly UdpTarget[];
  /** Rules that send UDP somewhere that is not told by one address: a range, this node itself, a whole network. */
  readonly opaqueUdpRules: number;
  /** Sizes of explicit port ranges of MASQUERADE and SNAT rules; empty when no rule narrows them. */
  readonly portRanges: readonly PortRange[];
  /** Rules that translate sources at all. */
  readonly sourceRules: number;
  /** Whether a rule drops packets that tracking calls invalid. */
  readonly dropsInvalid: boolean;
  /** Packets that such rules dropped, where the counters were printed (`iptables-save -c`). */
  readonly invalidDropped: bigint | undefined;
  /** Whether there are more rules than were looked at: then what none of them says is not known. */
  readonly isCut: boolean;
}

export interface UdpTarget {
  /** Whether the rule is one of kube-proxy's for an endpoint, which another rule picks by service. */
  readonly isEndpoint: boolean;
  readonly servicePort: number | undefined;
  readonly address: string;
  readonly port: number | undefined;
}

export interface PortRange {
  /** `undefined`: for all protocols. */
  readonly protocol: string | undefined;
  readonly first: number;
  readonly last: number;
}

/** Lines of rules that are read, at most. */
const MOST_LINES = 20_000;

/** Reads `iptables-save` output, with counters or without; `undefined` when it holds no table. */
export function parseNatRules(text: string): NatRules | undefined {
  if (!/^\*(?:nat|filter|mangle|raw|security)$/m.test(text)) return undefined;
  const all = linesOf(text);
  const lines = all.slice(0, MOST_LINES);
  const rules = lines.flatMap((line) => {
    const [, packets, rule] = /^(?:\[(\d{1,19}):\d{1,19}\]\s+)?(-A\s.{1,1000})$/.exec(line) ?? [];
    return rule === undefined ? [] : [{ rule, packets: packets === undefined ? undefined : BigInt(packets) }];
  });
  const invalid = rules.filter(
    ({ rule }) => /--(?:ct)?state\s+\S*INVALID/.test(rule) && /-j (?:DROP|REJECT)\b/.test(rule),
  );
  return {
    udpTargets: rules.flatMap(({ rule }) => udpTarget(rule)),
    opaqueUdpRules: rules.filter(({ rule }) => isUdpRedirection(rule) && udpTarget(rule).length === 0).length,
    portRanges: rules.flatMap(({ rule }) => portRange(rule)),
    sourceRules: rules.filter(({ rule }) => /-j (?:MASQUERADE|SNAT)\b/.test(rule)).length,
    dropsInvalid: invalid.length > 0,
    invalidDropped: invalid.some(({ packets }) => packets !== undefined)
      ? invalid.reduce((sum, { packets }) => sum + (packets ?? 0n), 0n)
      : undefined,
    isCut: all.length > MOST_LINES,
  };
}

function isUdpRedirection(rule: string): boolean {
  const protocol = /-p (\w+)/.exec(rule)?.[1];
  return /-j (?:DNAT|REDIRECT|NETMAP)\b/.test(rule) && (protocol === undefined || protocol === 'udp');
}

function udpTarget(rule: string): UdpTarget[] {
  const [, address, port] =
    /-j DNAT\s.*--to-destination\s+\[?([0-9a-fA-F.:]{2,45}?)\]?(?::(\d{1,5}))?(?:\s|$)/.exec(rule) ?? [];
  const protocol = /-p (\w+)/.exec(rule)?.[1];
  if (address === undefined || (protocol !== undefined && protocol !== 'udp')) return [];
  const servicePort = /--dport (\d{1,5})(?:\s|$)/.exec(rule)?.[1];
  return [
    {
      isEndpoint: rule.startsWith('-A KUBE-SEP-'),
      servicePort: servicePort === undefined ? undefined : Number(servicePort),
      address: canonicalAddress(address),
      port: port === undefined ? undefined : Number(port),
    },
  ];
}

function portRange(rule: string): PortRange[] {
  const [, first, last] =
    /-j MASQUERADE\s.*--to-ports\s+(\d{1,5})(?:-(\d{1,5}))?/.exec(rule) ??
    /-j SNAT\s.*--to-source\s+\S+:(\d{1,5})(?:-(\d{1,5}))?/.exec(rule) ??
    [];
  if (first === undefined) return [];
  const range = { first: Number(first), last: Number(last ?? first) };
  return range.last < range.first ? [] : [{ protocol: /-p (\w+)/.exec(rule)?.[1], ...range }];
}

/** Reads the `udp-rules` section: `udp_targets=<n> unread=<n> complete=<yes|no>`, then `udp <port|-> <address> <port|->` lines (docs/collector.md). */
export function parseUdpTargets(text: string): UdpTargets | undefined {
  const [head = '', ...lines] = linesOf(text);
  const [, total, unread, complete] =
    /^udp_targets=(\d{1,6}) unread=(\d{1,6}) complete=(yes|no)$/.exec(head) ?? [];
  if (total === undefined) return undefined;
  const portOf = (word: string | undefined) =>
    word === undefined || word === '-' ? undefined : Number(word);
  const targets = lines.flatMap((line) => {
    const [, service, address, port] =
      /^udp (\d{1,5}|-) (\d{1,3}(?:\.\d{1,3}){3}) (\d{1,5}|-)$/.exec(line) ?? [];
    if (address === undefined) return [];
    // A rule without a port is reached through one that picks the service: an endpoint.
    return [{ isEndpoint: service === '-', servicePort: portOf(service), address, port: portOf(port) }];
  });
  return { targets, isComplete: complete === 'yes' && unread === '0' && targets.length <= Number(total) };
}

/** The ports that rules leave to translated sources. */
export interface SourceRanges {
  /** Explicit ranges. */
  readonly ranges: readonly PortRange[];
  /** Whether some rule translates sources without narrowing their ports. */
  readonly hasOpenRule: boolean;
}

/**
 * Reads the `snat-ranges` section: `source_rules=<n> narrowed=<n> unread=<n> complete=<yes|no>`, then
 * `range <protocol|-> <first> <last>` lines.
 *
 * @returns `undefined` where a rule was not read or not understood
 */
export function parseSourceRanges(text: string): SourceRanges | undefined {
  const [head = '', ...lines] = linesOf(text);
  const [, rules, narrowed, unread, complete] =
    /^source_rules=(\d{1,6}) narrowed=(\d{1,6}) unread=(\d{1,6}) complete=(yes|no)$/.exec(head) ?? [];
  if (rules === undefined || unread !== '0' || complete !== 'yes') return undefined;
  const ranges = lines.flatMap((line): PortRange[] => {
    const [, protocol, first, last] = /^range ([a-z0-9]{1,10}|-) (\d{1,5}) (\d{1,5})$/.exec(line) ?? [];
    if (first === undefined || Number(last) < Number(first)) return [];
    return [{ protocol: protocol === '-' ? undefined : protocol, first: Number(first), last: Number(last) }];
  });
  return { ranges, hasOpenRule: Number(rules) > Number(narrowed) };
}

/** Where rules send UDP, as far as it matters to the flows that were seen. */
export interface UdpTargets {
  /** Every target that is a backend of a flow that was seen, and others. */
  readonly targets: readonly UdpTarget[];
  /** Whether all rules were read and understood; otherwise a rule may name a backend and not be seen. */
  readonly isComplete: boolean;
}
