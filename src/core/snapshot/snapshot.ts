import type { CiliumMetrics } from '../parse/cilium.ts';
import type { EntryFacts } from '../parse/entries/facts.ts';
import type { KernelMessageKind } from '../parse/kernel-log.ts';
import type { KubeProxyConntrack } from '../parse/kube-proxy-settings.ts';
import type { ConntrackSlab, Memory, SocketTotals } from '../parse/memory.ts';
import type { NatRules, SourceRanges, UdpTarget } from '../parse/nat-rules.ts';
import type { Observation } from '../parse/observations.ts';
import type { PodSockets } from '../parse/pod-sockets.ts';
import type { Tuners } from '../parse/tuners.ts';
import type { HandSettingKey } from '../record/collection.ts';
import type { SettingKey } from '../record/plan.ts';
import type { Fact } from './fact.ts';

/** Length of a window between two samples of which only the order is known. */
export const UNKNOWN_LENGTH = Number.POSITIVE_INFINITY;

/** Parsed facts of one node over one window. Every fact is known, unknown or not applicable. */
export interface Snapshot {
  readonly origin: 'node' | 'folder' | 'paste';
  readonly identity: Identity;
  /**
   * Seconds between the samples; known only when both are of one boot and one network namespace. {@link UNKNOWN_LENGTH}
   * where only their order is told: then differences are of some time, and every rate counts as 0.
   */
  readonly windowSeconds: Fact<number>;
  readonly conntrack: ConntrackFacts;
  /** What the table's entries look like, from a sample or a whole list of them. */
  readonly entries: Fact<EntryFacts>;
  /** The same, and where only some entries were pasted those: for what stands in single entries, never for shares. */
  readonly listedEntries: Fact<EntryFacts>;
  /** How many connections arrive and how long their entries live. */
  readonly arrivals: Fact<Arrivals>;
  readonly nat: Fact<NatFacts>;
  /** Where the rules of now send UDP. */
  readonly udpTargets: Fact<readonly UdpTarget[]>;
  /** The ports that the rules of now leave to translated sources. */
  readonly sourceRanges: Fact<SourceRanges>;
  readonly log: Fact<LogFacts>;
  /** Protocol counter deltas of the node's own network namespace, by `<Protocol><Name>`: `TcpExtListenOverflows`. */
  readonly protocol: Fact<Deltas>;
  /** The same, summed over the pods' namespaces that were visited. */
  readonly podProtocol: Fact<Deltas>;
  /** Namespaces of pods that were found and of which the window is not told, with processes that hid theirs; 0 when nothing was visited. */
  readonly unreadPods: number;
  /** Whether counters of pods were cut from the list that may have overflowed in the window. */
  readonly hidesPodOverflows: boolean;
  /** Listeners of the node and of the pods that were visited. */
  readonly listeners: Fact<readonly ListenerFacts[]>;
  /** Shapers on the node's interfaces that dropped packets in the window. */
  readonly shapers: Fact<readonly ShaperFacts[]>;
  readonly cilium: Fact<CiliumFacts>;
  /** Whether the VPC CNI plugin gives pods their addresses, told by the interfaces that it makes. */
  readonly usesVpcCni: Fact<boolean>;
  /** Pods with security groups of their own. */
  readonly branches: Fact<BranchFacts>;
  /** Whether kube-proxy balances with IPVS here. */
  readonly usesIpvs: Fact<boolean>;
  readonly softnet: Fact<SoftnetDeltas>;
  /** Packets that the cards' receive rings refused in the window, summed over physical interfaces. */
  readonly ringDrops: Fact<bigint>;
  /** How much IPv4 passed the node's network namespace. */
  readonly traffic: Fact<Traffic>;
  readonly neighbours: Fact<NeighbourFacts>;
  /** How full the neighbour table is; one for all network namespaces. */
  readonly neighbourTable: Fact<NeighbourTable>;
  /** Running values of the settings that a click may change, by their full sysctl names. */
  readonly settings: Fact<ReadonlyMap<SettingKey, number>>;
  /** Running values of the settings that a runbook changes by hand, by their full sysctl names. */
  readonly handSettings: Fact<ReadonlyMap<HandSettingKey, number>>;
  /** What pasted text shows beside counters: a client's symptom, a packet seen lost. Empty for captures. */
  readonly observations: readonly Observation[];
  /** Names of the machine's own interfaces that may stand in a command. */
  readonly interfaces: Fact<readonly string[]>;
  /** Deltas of the ENA driver's `*_allowance_exceeded` counters, summed over interfaces. */
  readonly ena: Fact<Deltas>;
  readonly memory: Fact<Memory>;
  readonly slab: Fact<ConntrackSlab>;
  readonly sockets: Fact<SocketTotals>;
  readonly podSockets: Fact<PodSockets>;
  /** Established TCP connections of the node's own network namespace. */
  readonly established: Fact<number>;
  readonly kubeProxy: Fact<KubeProxyFacts>;
  /** Services that set settings on their own. */
  readonly tuners: Fact<Tuners>;
  readonly persistence: Fact<PersistenceFacts>;
  /** True when a raise or a rollback was begun on the node and not finished. */
  readonly halfApplied: Fact<boolean>;
  /** The newest raise of ours that stands on the node; not applicable when there is none. */
  readonly lastRaise: Fact<LastRaise>;
  /** What the series of the node foretold before it was read: in so many seconds its table is likely to be full; absent where nothing did. */
  readonly foreseen?: { readonly fullInSeconds: number };
  /** One sentence for each source that was not read: `ethtool -S: not installed → ENA limits unknown`. */
  readonly gaps: readonly string[];
}

/** Differences of counters over the window; an absent name was not printed. */
export type Deltas = ReadonlyMap<string, bigint>;

export interface Identity {
  readonly bootId: Fact<string>;
  /** Inode number of the collector's network namespace. */
  readonly netns: Fact<string>;
  /** Whether that is the initial namespace, the only one where nf_conntrack_max is writable. */
  readonly isInitialNetns: Fact<boolean>;
  readonly kernel: Fact<string>;
  /** ID and VERSION_ID of /etc/os-release, such as `amzn 2023`. */
  readonly platform: Fact<string>;
  readonly cores: Fact<number>;
  /** Seconds that PID 1 had been running when the node was read: since then the machine has not booted. */
  readonly runningSeconds: Fact<number>;
}

export interface ConntrackFacts {
  readonly use: Fact<TableUse>;
  /** nf_conntrack_count and nf_conntrack_max, newest reading, each by itself: pasted text may hold one without the other. */
  readonly count: Fact<number>;
  readonly max: Fact<number>;
  readonly buckets: Fact<number>;
  /** Raw deltas by the names of `conntrack -S`. */
  readonly deltas: Fact<Deltas>;
  /** Sums since the module was loaded, at the newest sample. History: it proves nothing about now. */
  readonly totals: Fact<Deltas>;
  readonly losses: Fact<Losses>;
  /** nf_conntrack_tcp_timeout_* and its kin in seconds, tcp_loose, tcp_be_liberal and the other settings by name. */
  readonly timeouts: Fact<ReadonlyMap<string, number>>;
}

/**
 * Arrival rate and mean lifetime of entries by Little's law (entries = rate × lifetime). Of a table in a steady state; of
 * a full one it is the rate that still got in.
 */
export interface Arrivals {
  readonly perSecond: number;
  readonly meanLifetimeSeconds: number;
}

export interface NatFacts {
  readonly rules: NatRules;
  /** Packets that rules against invalid packets dropped in the window, where rule counters were printed. */
  readonly invalidDropped: bigint | undefined;
}

export interface ListenerFacts {
  readonly where: 'node' | 'pod';
  readonly port: number;
  /** Finished connections that wait to be accepted, at the second sample. */
  readonly waiting: number;
  /** The same at the first sample; `undefined` when it was not listening or not read then. */
  readonly waitingAtFirst: number | undefined;
  readonly backlog: number;
}

export interface ShaperFacts {
  readonly kind: string;
  readonly device: string;
  readonly dropped: bigint;
}

/** Pods of EKS that have security groups of their own and so a branch interface each. */
export interface BranchFacts {
  /** How many of the node's interfaces are branches: `vlan.eth.<n>` (amazon-vpc-cni-k8s, cmd/routed-eni-cni-plugin/driver). */
  readonly interfaces: number;
  /** POD_SECURITY_GROUP_ENFORCING_MODE as the plugin's configuration on the node has it; `undefined` where it was not read. */
  readonly mode: 'strict' | 'standard' | undefined;
}

export interface CiliumFacts {
  /** Whether Cilium's interfaces are on the node. */
  readonly isPresent: boolean;
  readonly metrics: CiliumMetrics | undefined;
  /** Drops by reason in the window, where metrics of two samples were given. */
  readonly drops: Deltas | undefined;
}

/** How full the table is. */
export interface TableUse {
  readonly first: number | undefined;
  readonly last: number;
  /** The greater of both samples. */
  readonly highest: number;
  /** 0 means unlimited (net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc). */
  readonly max: number;
  /** `highest` ÷ `max`; 0 when there is no limit. */
  readonly ratio: number;
  /** Seconds until the table is full at the growth seen in the window; `undefined` when it does not grow. */
  readonly secondsToFull: number | undefined;
}

/** Bounds of a derived count: equal where the kernel lets it be told exactly. */
export interface Bounds {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * Packets lost in the window, by cause, derived from counters that mix causes.
 * Which counter a loss touches: net/netfilter/nf_conntrack_core.c, nf_conntrack_in and __nf_conntrack_confirm of each kernel.
 */
export interface Losses {
  /** No entry could be made: table full, or no memory for it. */
  readonly full: Bounds;
  /** Two packets raced for one tuple and the loser was dropped at confirm. */
  readonly clash: Bounds;
  /** Bucket longer than the kernel's limit (5.15 and later). */
  readonly chainTooLong: bigint;
  /** Unassured entries evicted to make room: pressure, not loss. */
  readonly earlyDrop: bigint;
  /** `A` 3.10 · `B` el7 and 4.x to 5.9 · `C` 5.10 and later, told by the column names before the version. */
  readonly generation: 'A' | 'B' | 'C';
}

/** What the kernel logged that bears on a verdict. */
export interface LogFacts {
  /** Messages of the last 15 minutes, and those that tell no time. */
  readonly messages: readonly LogMessage[];
  /** Older ones, of the last day: they are no evidence of now, and told as what was. */
  readonly earlier: readonly LogMessage[];
  /** Older ones still: they happened, and nothing more follows from them. */
  readonly older: readonly LogMessage[];
  /**
   * Seconds before the end of the window since when nothing is missing: the kernel's ring forgets, and so does the cut.
   * `undefined` where the log holds all since boot or does not tell.
   */
  readonly completeSeconds: number | undefined;
}

export interface LogMessage {
  readonly kind: KernelMessageKind;
  readonly netns: string | undefined;
  /** Seconds before the end of the window; `undefined` when the log tells no time that can be compared. */
  readonly ageSeconds: number | undefined;
  /** Whether it was logged between the samples. */
  readonly isDuringWindow: boolean;
}

export interface SoftnetDeltas {
  readonly dropped: bigint;
  readonly timeSqueeze: bigint;
  readonly cpus: number;
}

/** IPv4 through the node's network namespace: no interface of it carried more. */
export interface Traffic {
  /** Bits a second. */
  readonly receivedBits: number;
  /** Bits a second; absent where not counted, as the packets are. */
  readonly sentBits?: number;
  /** Packets a second. */
  readonly receivedPackets?: number;
}

export interface NeighbourFacts {
  /** Allocations refused because gc_thresh3 was reached, in the window (net/core/neighbour.c, neigh_alloc). */
  readonly tableFulls: bigint;
  /** Neighbours that were made, and addresses that did not answer, in the window; `undefined` where not counted. */
  readonly allocated: bigint | undefined;
  readonly unanswered: bigint | undefined;
}

export interface NeighbourTable {
  /** Entries of IPv4; permanent ones, which the limit does not count, included. */
  readonly entries: number;
  /** net.ipv4.neigh.default.gc_thresh3. */
  readonly limit: number;
  /** Entries of IPv6; `undefined` where they were not read. */
  readonly ipv6Entries: number | undefined;
}

/** A raise of ours that the node's own file records. */
export interface LastRaise {
  /** The limit that it set. */
  readonly target: number;
  readonly secondsAgo: number;
}

export interface KubeProxyFacts {
  readonly isRunning: boolean;
  readonly version: string | undefined;
  /** Whether it was started with --config, which beats its flags. */
  readonly usesConfigFile: boolean;
  /** That file, as its container names it. */
  readonly configFile: string | undefined;
  /** What decides about the limit, from its configuration file or its arguments; `undefined` when it was not read. */
  readonly settings: KubeProxyConntrack | undefined;
  /** Seconds it had been running when it was looked at: it sets the limit when it starts and never again. */
  readonly runningSeconds: number | undefined;
}

export interface PersistenceFacts {
  readonly isBuiltIn: boolean | undefined;
  readonly isLoadedAtBoot: boolean | undefined;
  /** Files among them that are no plain file of a sane size, so that nothing is known of what they say. */
  readonly unread: readonly string[];
  /** How many more such files there are, beyond the named ones. */
  readonly unreadMore: number;
  /** How many more such lines there are, beyond the listed ones. */
  readonly unlisted: number;
  /** Lines of configuration files that name a key of ours: file, line number, text. */
  readonly lines: readonly { readonly file: string; readonly line: number; readonly text: string }[];
}
