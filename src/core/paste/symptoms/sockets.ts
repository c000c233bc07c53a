import { observationLine } from '../../parse/observations.ts';
import { timesOf } from '../../parse/request-timings.ts';
import { counted, show } from '../../words.ts';
import { type Context, type Found, type Recogniser, takeWhile } from '../found.ts';

/** A socket as `ss -tan` and `netstat -tan` print it. */
interface Socket {
  readonly state: string;
  readonly local: string;
  readonly peer: string;
  /** Repetitions that the timer of `ss -o` or `netstat -o` tells. */
  readonly again: number;
}

const STATES =
  'ESTAB(?:LISHED)?|SYN[-_]SENT|SYN[-_]RECV|FIN[-_]WAIT[-_]?[12]|TIME[-_]WAIT|UNCONN|CLOSE[-_]WAIT|LAST[-_]ACK|CLOSING|CLOSED?';
const SS = new RegExp(
  String.raw`^\s*(?:tcp6?\s+)?(${STATES})\s+\d{1,10}\s+\d{1,10}\s+(\S{3,80}:\S{1,12})\s+(\S{3,80}:\S{1,12})(?:\s+(.*))?$`,
);
const NETSTAT = new RegExp(
  String.raw`^\s*tcp6?\s+\d{1,10}\s+\d{1,10}\s+(\S{3,80}:\S{1,12})\s+(\S{3,80}:\S{1,12})\s+(${STATES})(?:\s+(.*))?$`,
);
/** `ss state syn-sent` leaves the state out, as all rows have it. */
const STATELESS =
  /^\s*(?:tcp\s+)?\d{1,10}\s+\d{1,10}\s+(\S{3,80}:\d{1,5})\s+(\S{3,80}:\d{1,5})(?:\s+(timer:.*))?\s*$/;
const HEADING =
  /^\s*(?:(?:Netid\s+)?(?:State\s+)?Recv-Q\s+Send-Q\s|Proto\s+Recv-Q\s+Send-Q\s|Active Internet connections)/;
/** What `ss -i` prints of a socket on the line after it. */
const DETAILS = /^\s+.*\b(?:cubic|bbr|reno|rto:\d|cwnd:\d|mss:\d|retrans:\d)/;

/** Local ports that are there without a setting (net/ipv4/tcp_ipv4.c: 32768 to 60999). */
const DEFAULT_PORTS = 28_232;

/** Share of the local ports to one peer from which they run out. Our choice, as for translated ports. */
const USED_UP = 0.9;

/** Whether so many sockets to one peer hold nearly all local ports that a host has by itself. */
export function holdsAllPorts(sockets: number): boolean {
  return sockets >= DEFAULT_PORTS * USED_UP;
}

/** Sockets in a state list: how many wait for an answer to their SYN, how many segments were sent again, who holds the ports. */
export const socketList: Recogniser = (lines, at, context) => {
  const first = lines[at]?.text ?? '';
  const isStateless = /\bss\b.*\bstate\s/.test(context.command);
  const socketIn = (text: string) => socketOf(text) ?? (isStateless ? statelessOf(text, context) : undefined);
  const start = HEADING.test(first) ? at + 1 : at;
  if (socketIn(lines[start]?.text ?? '') === undefined) return undefined;
  const sockets: Socket[] = [];
  let retransmitted = 0;
  let withRepeats = 0;
  const run = takeWhile(lines, start, (text) => {
    const socket = socketIn(text);
    const details = socket !== undefined || DETAILS.test(text);
    const [, now, ever] = details ? (/\bretrans:(\d{1,6})\/(\d{1,9})/.exec(text) ?? []) : [];
    if (ever !== undefined) {
      retransmitted += Number(ever);
      withRepeats += Number(ever) > 0 || Number(now) > 0 ? 1 : 0;
    }
    if (socket !== undefined) sockets.push({ ...socket, again: Math.max(socket.again, Number(ever ?? 0)) });
    const last = sockets.at(-1);
    if (socket === undefined && last !== undefined && ever !== undefined)
      sockets[sockets.length - 1] = { ...last, again: Math.max(last.again, Number(ever)) };
    return details || /LISTEN/.test(text);
  });
  return found(start - at + run.lines, sockets, retransmitted, withRepeats);
};

function socketOf(text: string): Socket | undefined {
  const listed = SS.exec(text);
  if (listed !== null) {
    const [, state = '', local = '', peer = '', rest = ''] = listed;
    return { state: nameOf(state), local, peer, again: repetitionsIn(rest) };
  }
  const [all, local = '', peer = '', state = '', rest = ''] = NETSTAT.exec(text) ?? [];
  return all === undefined ? undefined : { state: nameOf(state), local, peer, again: repetitionsIn(rest) };
}

function statelessOf(text: string, { command }: Context): Socket | undefined {
  const [all, local = '', peer = '', rest = ''] = STATELESS.exec(text) ?? [];
  const state = /\bstate\s+([a-z0-9-]{3,12})/i.exec(command)?.[1] ?? '';
  return all === undefined ? undefined : { state: nameOf(state), local, peer, again: repetitionsIn(rest) };
}

function nameOf(state: string): string {
  const name = state.toUpperCase().replaceAll('-', '_');
  return name === 'ESTAB' ? 'ESTABLISHED' : name;
}

/** `timer:(on,3.2sec,2)` of ss, `on (3.20/2/0)` of netstat: the last but one or the last tells how often it ran out. */
function repetitionsIn(rest: string): number {
  return Number(
    /timer:\(on,[\d.a-z]{1,12},(\d{1,4})\)/.exec(rest)?.[1] ??
      /\bon \([\d.]{1,12}\/(\d{1,4})\/\d{1,4}\)/.exec(rest)?.[1] ??
      0,
  );
}

function found(lines: number, sockets: readonly Socket[], retransmitted: number, withRepeats: number): Found {
  const opening = sockets.filter(({ state }) => state === 'SYN_SENT');
  const repeated = opening.filter(({ again }) => again > 0);
  const busiest = busiestPeer(sockets);
  const isUsedUp = busiest !== undefined && holdsAllPorts(busiest.ports);
  const most = repeated.reduce((highest, { again }) => Math.max(highest, again), 0);
  const clauses = [
    `${counted(sockets.length, 'TCP socket')}: ${statesOf(sockets)}`,
    ...(repeated.length > 0
      ? [`${show(repeated.length)} in SYN_SENT had to send the SYN again, up to ${timesOf(most)}`]
      : []),
    ...(withRepeats > 0
      ? [`${counted(retransmitted, 'segment')} sent again on ${counted(withRepeats, 'socket')}`]
      : []),
    ...(isUsedUp ? [`${takenPorts(busiest.ports)} towards ${busiest.peer}`] : []),
  ];
  const kind = repeated.length > 0 || isUsedUp ? 'symptom' : 'note';
  return {
    source: 'observations',
    name: 'sockets',
    lines,
    text: observationLine({
      kind,
      says: `${clauses.join('; ')}.`,
      ...(isUsedUp ? { portsUsedUp: true } : {}),
    }),
    keys: [],
  };
}

/** States that are named, at most. */
const MOST_STATES = 5;

function statesOf(sockets: readonly Socket[]): string {
  const counts = new Map<string, number>();
  for (const { state } of sockets) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_STATES)
    .map(([state, count]) => `${show(count)} ${state}`)
    .join(', ');
}

function busiestPeer(
  sockets: readonly Socket[],
): { readonly peer: string; readonly ports: number } | undefined {
  const peers = new Map<string, number>();
  for (const { state, peer } of sockets) {
    if (
      ![
        'TIME_WAIT',
        'ESTABLISHED',
        'SYN_SENT',
        'FIN_WAIT_1',
        'FIN_WAIT_2',
        'FIN_WAIT1',
        'FIN_WAIT2',
        'CLOSE_WAIT',
      ].includes(state)
    )
      continue;
    peers.set(peer, (peers.get(peer) ?? 0) + 1);
  }
  const [busiest] = [...peers].toSorted(([, a], [, b]) => b - a);
  return busiest === undefined ? undefined : { peer: busiest[0], ports: busiest[1] };
}

/** A client's own error where no local port is left (errno EADDRNOTAVAIL), as tools and runtimes word it. */
const NO_PORT =
  /Cannot assign requested address|EADDRNOTAVAIL|can'?t assign requested address|connect\(\).{0,80}failed \(99:|Address not available.{0,40}connect|errno[ =:]{1,3}99\b|os error 99\b/i;

/** Lines that say that the client had no local port left. */
export const noLocalPort: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(
    lines,
    at,
    (text) => NO_PORT.test(text) && !/\b(?:bind|listen\w*|no|not|never|without)\b/i.test(text),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'observations',
    name: 'errors of a client',
    lines: count,
    text: observationLine({
      kind: 'symptom',
      says: `A client had no local port left: “Cannot assign requested address” in ${counted(taken.length, 'line')}.`,
      portsUsedUp: true,
    }),
    keys: [],
  };
};

/** Sockets counted by state: `TIME_WAIT 28114`, `28114 TIME_WAIT`, with a peer or not; only where it isn't the table's list. */
const STATE_COUNT = new RegExp(
  String.raw`^\s*(?:(\d{1,9})\s+(${STATES}|LISTEN)|(${STATES}|LISTEN)[\s:=]+(\d{1,9}))(?:\s+(\S{3,80}:\d{1,5}))?\s*$`,
);

/** States that only sockets have. */
const ONLY_SOCKETS = /FIN[-_]WAIT[-_]?[12]|CLOSING|LISTEN|ESTAB\b|[A-Z]-[A-Z]/;

/** The article's `netstat -n | awk '/^tcp/ {++S[$NF]} …'` and its brothers. */
export const socketStates: Recogniser = (lines, at, { command }) => {
  if (!STATE_COUNT.test(lines[at]?.text ?? '')) return undefined;
  if (/\bconntrack\b|nf_conntrack/.test(command)) return undefined;
  const counts = new Map<string, number>();
  let busiest: { peer: string; ports: number } | undefined;
  const run = takeWhile(lines, at, (text) => {
    const [all, before, after, name, value, peer] = STATE_COUNT.exec(text) ?? [];
    if (all === undefined) return false;
    const state = nameOf(after ?? name ?? '');
    const count = Number(before ?? value);
    counts.set(state, (counts.get(state) ?? 0) + count);
    if (peer !== undefined && count > (busiest?.ports ?? 0)) busiest = { peer, ports: count };
    return true;
  });
  const isOfSockets = /\b(?:netstat|ss)\b/.test(command) || run.taken.some((text) => ONLY_SOCKETS.test(text));
  const list = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([state, count]) => `${show(count)} ${state}`)
    .join(', ');
  const isUsedUp = busiest !== undefined && holdsAllPorts(busiest.ports);
  const held =
    isUsedUp && busiest !== undefined ? `; ${takenPorts(busiest.ports)} towards ${busiest.peer}` : '';
  const says = isOfSockets
    ? `Sockets of this host by state, not entries of the table: ${list}${held}.`
    : `Counted by state: ${list}; whether these are sockets or entries of the table, the text does not tell.`;
  return {
    source: 'observations',
    name: isOfSockets ? 'sockets by state' : 'states',
    lines: run.lines,
    text: observationLine({
      kind: isUsedUp ? 'symptom' : 'note',
      says,
      ...(isUsedUp ? { portsUsedUp: true } : {}),
    }),
    keys: [],
  };
};

/** Ports that are taken, as a clause. */
export const takenPorts = (ports: number): string =>
  `${counted(ports, 'local port')} ${ports === 1 ? 'is' : 'are'} taken`;
