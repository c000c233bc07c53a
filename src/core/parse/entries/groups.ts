import type { Entry, Tuple } from './entries.ts';
import {
  type EntryFacts,
  type EntryState,
  IDLE_SECONDS,
  isHalfOpen,
  type PortShare,
  type Talker,
  type UdpBackend,
} from './facts.ts';

/** What entries that were looked at one by one tell beyond their states. */
export type EntryDetails = Pick<
  EntryFacts,
  'destinations' | 'ports' | 'sources' | 'translated' | 'udpBackends' | 'unlistedBackends' | 'idle'
> & {
  readonly looked: number;
  readonly states: readonly EntryState[];
  readonly halfOpen: EntryFacts['halfOpen'];
};

/** Groups that are kept of each kind. */
const MOST_GROUPS = 10;

/** Pairs of service and backend that are kept: one flow among many is enough to be told of. */
const MOST_BACKENDS = 100;

/**
 * Groups entries by what the failure modes ask for.
 *
 * @param establishedSeconds nf_conntrack_tcp_timeout_established, to tell how long an entry has been silent
 */
export function detailsOf(entries: readonly Entry[], establishedSeconds: number | undefined): EntryDetails {
  const share = (count: number) => count / Math.max(1, entries.length);
  const halfOpen = entries.filter(isHalfOpen);
  return {
    looked: entries.length,
    states: groups(entries, ({ protocol, state, isAssured, isUnreplied }) =>
      JSON.stringify([protocol, state ?? null, isAssured, isUnreplied]),
    ).map(({ first, count }) => ({
      protocol: first.protocol,
      state: first.state,
      isAssured: first.isAssured,
      isUnreplied: first.isUnreplied,
      share: share(count),
    })),
    halfOpen: {
      share: share(halfOpen.length),
      busiestSource: busiest(halfOpen, ({ original }) => original.source),
      busiestDestination: busiest(halfOpen, destinationKey),
    },
    destinations: groups(entries, destinationKey).map(({ first, count }) =>
      talker(first.protocol, first.original.destination, first.original.destinationPort, share(count)),
    ),
    ports: portShares(entries),
    sources: groups(entries, ({ original }) => original.source).map(({ first, count }) =>
      talker(undefined, first.original.source, undefined, share(count)),
    ),
    translated: translatedGroups(entries).map(({ first, count }) => ({
      protocol: first.protocol,
      address: first.reply.destination,
      remote: first.reply.source,
      remotePort: first.reply.sourcePort,
      share: share(count),
    })),
    ...udpBackends(entries),
    idle: idleOf(entries, establishedSeconds),
  };
}

interface Group {
  readonly first: Entry;
  readonly count: number;
  /** The longest time that one of them still has, in seconds; `undefined` where none shows it. */
  readonly longestSeconds: number | undefined;
}

function groups(entries: readonly Entry[], key: (entry: Entry) => string): Group[] {
  return allGroups(entries, key).slice(0, MOST_GROUPS);
}

function allGroups(entries: readonly Entry[], key: (entry: Entry) => string): Group[] {
  const found = new Map<string, { -readonly [K in keyof Group]: Group[K] }>();
  for (const entry of entries) {
    const { remainingSeconds } = entry;
    const its = key(entry);
    const group = found.get(its);
    if (group === undefined) {
      found.set(its, { first: entry, count: 1, longestSeconds: remainingSeconds });
      continue;
    }
    group.count += 1;
    if (remainingSeconds !== undefined && remainingSeconds > (group.longestSeconds ?? -1))
      group.longestSeconds = remainingSeconds;
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

function busiest(entries: readonly Entry[], key: (entry: Entry) => string): number | undefined {
  const [first] = groups(entries, key);
  return first === undefined ? undefined : first.count / entries.length;
}

function destinationKey({ protocol, original }: Entry): string {
  return `${protocol} ${end(original)}`;
}

function end({ destination, destinationPort }: Tuple): string {
  return `${destination} ${destinationPort ?? '-'}`;
}

function talker(
  protocol: string | undefined,
  address: string,
  port: number | undefined,
  share: number,
): Talker {
  return { protocol, address, port, share };
}

function portShares(entries: readonly Entry[]): PortShare[] {
  const named = entries.filter(({ original }) => original.destinationPort !== undefined);
  return groups(named, ({ protocol, original }) => `${protocol} ${original.destinationPort}`).map(
    ({ first, count }) => ({
      protocol: first.protocol,
      port: first.original.destinationPort ?? 0,
      share: count / entries.length,
      isLeast: false,
    }),
  );
}

function translatedGroups(entries: readonly Entry[]): Group[] {
  const translated = entries.filter(({ original, reply }) => original.source !== reply.destination);
  return groups(
    translated,
    ({ protocol, reply }) =>
      `${protocol} ${reply.destination} ${reply.source} ${String(reply.sourcePort ?? '-')}`,
  );
}

function udpBackends(entries: readonly Entry[]): Pick<EntryFacts, 'udpBackends' | 'unlistedBackends'> {
  const flows = entries.filter(
    ({ protocol, original, reply }) =>
      protocol === 'udp' &&
      (original.destination !== reply.source || original.destinationPort !== reply.sourcePort),
  );
  const all = allGroups(
    flows,
    ({ original, reply, isAssured }) =>
      `${original.destination} ${original.destinationPort} ${reply.source} ${reply.sourcePort} ${isAssured}`,
  );
  const listed = all.slice(0, MOST_BACKENDS).flatMap(({ first, count, longestSeconds }): UdpBackend[] => {
    const { destinationPort: servicePort } = first.original;
    const { source: backend, sourcePort: backendPort } = first.reply;
    if (servicePort === undefined || backendPort === undefined) return [];
    return [
      {
        service: first.original.destination,
        servicePort,
        backend,
        backendPort,
        share: count / entries.length,
        isAssured: first.isAssured,
        remainingSeconds: longestSeconds,
      },
    ];
  });
  return { udpBackends: listed, unlistedBackends: Math.max(0, all.length - MOST_BACKENDS) };
}

function idleOf(entries: readonly Entry[], establishedSeconds: number | undefined): EntryFacts['idle'] {
  if (establishedSeconds === undefined) return undefined;
  const remaining = entries
    .filter(({ protocol, state }) => protocol === 'tcp' && state === 'ESTABLISHED')
    .flatMap(({ remainingSeconds }) => remainingSeconds ?? []);
  return {
    looked: remaining.length,
    idle: remaining.filter((seconds) => establishedSeconds - seconds >= IDLE_SECONDS).length,
  };
}
