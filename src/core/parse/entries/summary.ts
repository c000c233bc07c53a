import { canonicalAddress } from '../address.ts';
import type { EntryState, PortShare, Talker, TranslatedGroup, UdpBackend } from './facts.ts';
import { isHalfOpen } from './facts.ts';
import type { EntryDetails } from './groups.ts';

/** The collector's own count of a sample of entries. */
export interface EntrySummary {
  readonly details: EntryDetails;
  /** Whether the whole table was looked at. */
  readonly isComplete: boolean;
}

const PROTOCOL = /^[a-z][a-z0-9-]{1,10}$/;

const ADDRESS = /^[0-9a-fA-F:.]{2,45}$/;

/** Reads the `entries` section: a first line `sampled=<n> complete=<yes|no>`, then one counted fact a line (docs/collector.md). */
export function parseEntrySummary(text: string): EntrySummary | undefined {
  const [, sampled, complete] = /^sampled=(\d{1,9}) complete=(yes|no)$/m.exec(text) ?? [];
  if (sampled === undefined) return undefined;
  const looked = Number(sampled);
  const share = (count: number) => count / Math.max(1, looked);
  const found = {
    states: [] as EntryState[],
    destinations: [] as Talker[],
    ports: [] as PortShare[],
    sources: [] as Talker[],
    translated: [] as TranslatedGroup[],
    udpBackends: [] as UdpBackend[],
  };
  let halfOpen: { source: number; destination: number } | undefined;
  let idle: EntryDetails['idle'];
  let backends = 0;
  for (const line of text.split('\n')) {
    const [kind, ...words] = line.trim().split(' ');
    const count = numberOf(words[0]);
    if (count === undefined || count > looked) continue;
    if (kind === 'state') found.states.push(...stateOf(words, share(count)));
    else if (kind === 'destination')
      found.destinations.push(...talkerOf(words[1], words[2], words[3], share(count)));
    else if (kind === 'port') found.ports.push(...portOf(words, share(count)));
    else if (kind === 'source') found.sources.push(...talkerOf(undefined, words[1], undefined, share(count)));
    else if (kind === 'translated') found.translated.push(...translatedOf(words, share(count)));
    else if (kind === 'backend') found.udpBackends.push(...backendOf(words, share(count)));
    else if (kind === 'backends') backends = count;
    else if (kind === 'halfopen' && count > 0)
      halfOpen = {
        source: (numberOf(words[1]) ?? 0) / count,
        destination: (numberOf(words[2]) ?? 0) / count,
      };
    else if (kind === 'established') idle = { looked: count, idle: Math.min(count, numberOf(words[1]) ?? 0) };
  }
  return {
    details: {
      looked,
      ...found,
      ports: found.ports.length > 0 ? found.ports : portsOf(found.destinations),
      halfOpen: {
        share: found.states.filter(isHalfOpen).reduce((sum, state) => sum + state.share, 0),
        busiestSource: halfOpen?.source,
        busiestDestination: halfOpen?.destination,
      },
      unlistedBackends: Math.max(0, backends - found.udpBackends.length),
      idle,
    },
    isComplete: complete === 'yes',
  };
}

function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,9}$/.test(word) ? Number(word) : undefined;
}

function stateOf([, protocol, state, mark]: readonly string[], share: number): EntryState[] {
  if (protocol === undefined || !PROTOCOL.test(protocol)) return [];
  if (state === undefined || !/^(?:[A-Z_0-9]{3,20}|-)$/.test(state)) return [];
  return [
    {
      protocol,
      state: state === '-' ? undefined : state,
      isAssured: mark === 'assured',
      isUnreplied: mark === 'unreplied',
      share,
    },
  ];
}

function talkerOf(
  protocol: string | undefined,
  address: string | undefined,
  port: string | undefined,
  share: number,
): Talker[] {
  if (address === undefined || !ADDRESS.test(address)) return [];
  return [{ protocol, address: canonicalAddress(address), port: numberOf(port), share }];
}

function portOf([, protocol, port]: readonly string[], share: number): PortShare[] {
  const number = numberOf(port);
  if (protocol === undefined || !PROTOCOL.test(protocol) || number === undefined) return [];
  return [{ protocol, port: number, share, isLeast: false }];
}

/** Ports of the destinations that were listed, where the collector did not count by port. */
function portsOf(destinations: readonly Talker[]): PortShare[] {
  const found = new Map<string, PortShare>();
  for (const { protocol, port, share } of destinations) {
    if (protocol === undefined || !PROTOCOL.test(protocol) || port === undefined) continue;
    const key = `${protocol} ${port}`;
    found.set(key, { protocol, port, share: share + (found.get(key)?.share ?? 0), isLeast: true });
  }
  return [...found.values()].sort((a, b) => b.share - a.share);
}

function translatedOf(
  [, protocol = '', address = '', remote = '', port]: readonly string[],
  share: number,
): TranslatedGroup[] {
  if (!ADDRESS.test(address) || !ADDRESS.test(remote)) return [];
  return [
    {
      protocol,
      address: canonicalAddress(address),
      remote: canonicalAddress(remote),
      remotePort: numberOf(port),
      share,
    },
  ];
}

function backendOf(
  [, to, backend = '', port, mark, ...rest]: readonly string[],
  share: number,
): UdpBackend[] {
  const [servicePort, backendPort] = [numberOf(to), numberOf(port)];
  // Before the collector counted by address, the remaining seconds followed the mark.
  const [address = '', remaining] = rest.length > 1 ? rest : ['', rest[0]];
  if (servicePort === undefined || backendPort === undefined || !ADDRESS.test(backend)) return [];
  return [
    {
      service: ADDRESS.test(address) ? canonicalAddress(address) : undefined,
      servicePort,
      backend: canonicalAddress(backend),
      backendPort,
      share,
      isAssured: mark === 'assured',
      remainingSeconds: numberOf(remaining),
    },
  ];
}
