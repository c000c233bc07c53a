/**
 * What a sample of the table's entries says. Shares are of all entries; a sample by the first lines of the table's walk
 * is a fair one, since the walk follows the hash (measured: 5,000 of 1,025,403 lines missed a share of 2.5 % by a
 * quarter of a point).
 */
export interface EntryFacts {
  /** Entries that were looked at. */
  readonly looked: number;
  /** Entries that the shares stand for: those listed where the list is complete, otherwise the table's count. */
  readonly total: number;
  readonly isComplete: boolean;
  /** Live entries at the first sample, where both samples hold complete lists. */
  readonly totalAtFirst: number | undefined;
  /** Error of shares by state, ±1/√looked; 0 for a complete list. */
  readonly stateError: number;
  /** Error of all other shares, which may rest on fewer entries. */
  readonly groupError: number;
  readonly states: readonly EntryState[];
  readonly halfOpen: HalfOpen;
  /** Busiest first; the destination as the client addressed it. */
  readonly destinations: readonly Talker[];
  /** Busiest first, whatever the address: the ports that clients connect to. */
  readonly ports: readonly PortShare[];
  readonly sources: readonly Talker[];
  /** Connections whose source was translated, by what limits their ports, busiest first. */
  readonly translated: readonly TranslatedGroup[];
  /** UDP flows whose destination was translated, by service and backend. */
  readonly udpBackends: readonly UdpBackend[];
  /** Pairs of service and backend beyond the listed ones, which are the busiest. */
  readonly unlistedBackends: number;
  /** Established TCP entries by how long they have been silent; `undefined` where the timeout is not known. */
  readonly idle: IdleEstablished | undefined;
}

/** Entries of one protocol and state. */
export interface EntryState {
  readonly protocol: string;
  readonly state: string | undefined;
  readonly isAssured: boolean;
  readonly isUnreplied: boolean;
  readonly share: number;
}

/** TCP entries without a finished handshake. */
export interface HalfOpen {
  /** Of all entries. */
  readonly share: number;
  /** Of the half-open ones, what the busiest source has; `undefined` where none of them was looked at in detail. */
  readonly busiestSource: number | undefined;
  readonly busiestDestination: number | undefined;
}

/** Entries to one destination port of one protocol, of all addresses together. */
export interface PortShare {
  readonly protocol: string;
  readonly port: number;
  readonly share: number;
  /** Whether the share is a lower bound, summed over the busiest destinations alone. */
  readonly isLeast: boolean;
}

export interface Talker {
  readonly protocol: string | undefined;
  readonly address: string;
  /** Only of destinations. */
  readonly port: number | undefined;
  readonly share: number;
}

/** All connections that share one pool of translated ports (net/netfilter/nf_nat_core.c, nf_nat_used_tuple). */
export interface TranslatedGroup {
  readonly protocol: string;
  /** The translated source address. */
  readonly address: string;
  readonly remote: string;
  readonly remotePort: number | undefined;
  readonly share: number;
}

export interface UdpBackend {
  /** Address as the client addressed it; `undefined` where it was not counted by address. */
  readonly service: string | undefined;
  readonly servicePort: number;
  readonly backend: string;
  readonly backendPort: number;
  readonly share: number;
  readonly isAssured: boolean;
  /** Longest remaining lifetime in seconds: how lately a packet refreshed the flow. */
  readonly remainingSeconds: number | undefined;
}

export interface IdleEstablished {
  /** Established entries looked at. */
  readonly looked: number;
  /** Of these, silent for at least {@link IDLE_SECONDS}. */
  readonly idle: number;
}

/**
 * Silence after which an established entry is taken for dead: twice the kernel's keep-alive time of two hours
 * (net.ipv4.tcp_keepalive_time), since a living connection with keep-alive would have spoken once.
 */
export const IDLE_SECONDS = 14_400;

/** Sum of the shares of the states that pass the test. */
export function shareOf(facts: EntryFacts, test: (state: EntryState) => boolean): number {
  return facts.states.filter(test).reduce((sum, { share }) => sum + share, 0);
}

/** A TCP entry whose handshake is not finished. */
export function isHalfOpen(entry: {
  readonly protocol: string;
  readonly state: string | undefined;
}): boolean {
  return (
    entry.protocol === 'tcp' &&
    (entry.state === 'SYN_SENT' || entry.state === 'SYN_RECV' || entry.state === 'SYN_SENT2')
  );
}
