import { type Fate, PLACES, type Place } from './fate.ts';
import { connectionOf, type Packet } from './packet.ts';

/** How packets of several points are to be put together. */
export interface Matching {
  /** Where each point is, by its number. */
  readonly places: ReadonlyMap<number, { readonly place: Place; readonly pod: number }>;
  /** When connections begin and cease to count, in seconds since the Unix epoch; all of them without it. */
  readonly window?: { readonly from: number; readonly to: number };
  /** Addresses of pods, which tell what goes in from what goes out. */
  readonly pods?: ReadonlySet<string>;
  /** Addresses of the node itself. */
  readonly own?: ReadonlySet<string>;
}

/** One SYN, wherever it was seen. */
interface Attempt {
  readonly stamp: number | undefined;
  at: number;
  readonly reached: Map<Place, Packet>;
}

interface Connection {
  readonly attempts: Attempt[];
  readonly answers: Map<Place, number[]>;
  readonly resets: Map<Place, number>;
  pod: number | undefined;
}

/** Without time stamps, SYNs this close together are one that was seen at several points. Seconds. */
const SAME_ATTEMPT = 0.4;
/** An answer that was seen at several points is one within this time. Seconds. */
const SAME_ANSWER = 0.5;
/** How long before the end a connection must begin for it to be said that nobody answered. Seconds. */
const TOO_LATE = 0.5;

/**
 * What became of the connections that packets are of. Those of one connection are found by the number that it begins with,
 * which NAT keeps, and one SYN is told from the next by its time stamp.
 */
export function fatesOf(packets: readonly Packet[], matching: Matching): readonly Fate[] {
  const connections = new Map<number, Connection>();
  for (const packet of packets) {
    const where = matching.places.get(packet.point);
    if (where !== undefined) note(connections, packet, where);
  }
  const last = packets.reduce((latest, { at }) => Math.max(latest, at), 0);
  const end = matching.window?.to ?? last;
  const fates = new Map<string, Fate>();
  for (const connection of connections.values()) {
    const fate = fateOf(connection, matching, end);
    if (fate === undefined) continue;
    const key = JSON.stringify(fate);
    const known = fates.get(key);
    fates.set(key, { ...fate, count: (known?.count ?? 0) + 1 });
  }
  return [...fates.values()].toSorted((a, b) => b.count - a.count);
}

function note(
  connections: Map<number, Connection>,
  packet: Packet,
  { place, pod }: { readonly place: Place; readonly pod: number },
): void {
  const id = connectionOf(packet);
  const known: Connection = connections.get(id) ?? {
    attempts: [],
    answers: new Map(),
    resets: new Map(),
    pod: undefined,
  };
  connections.set(id, known);
  if (packet.kind === 'SYN-ACK') {
    known.answers.set(place, [...(known.answers.get(place) ?? []), packet.at]);
    return;
  }
  if (packet.kind === 'RST') {
    known.resets.set(place, Math.min(packet.at, known.resets.get(place) ?? packet.at));
    return;
  }
  const same = known.attempts.find(({ stamp, at }) =>
    packet.stamp === undefined ? Math.abs(at - packet.at) < SAME_ATTEMPT : stamp === packet.stamp,
  );
  const attempt: Attempt = same ?? { stamp: packet.stamp, at: packet.at, reached: new Map() };
  if (same === undefined) known.attempts.push(attempt);
  attempt.at = Math.min(attempt.at, packet.at);
  if (packet.at < (attempt.reached.get(place)?.at ?? Number.POSITIVE_INFINITY))
    attempt.reached.set(place, packet);
  if (pod !== 0) known.pod = pod;
}

function fateOf(connection: Connection, matching: Matching, end: number): Fate | undefined {
  const [first, second] = connection.attempts.toSorted((a, b) => a.at - b.at);
  if (first === undefined) return undefined;
  const { window } = matching;
  if (window !== undefined && (first.at < window.from || first.at >= window.to)) return undefined;
  const start = [...first.reached].toSorted(([, a], [, b]) => a.at - b.at || 0)[0];
  if (start === undefined) return undefined;
  const [startPlace, startPacket] = start;
  const way = wayOf(startPlace, startPacket, matching);
  const order = way === 'in' ? PLACES : PLACES.toReversed();
  const seen =
    order.slice(order.indexOf(startPlace)).findLast((place) => first.reached.has(place)) ?? startPlace;
  const answersAt = (place: Place) => connection.answers.get(place) ?? [];
  // What is sent again a second later is another answer.
  const firstAnswer = Math.min(...PLACES.flatMap(answersAt));
  const until = Math.min(second?.at ?? Number.POSITIVE_INFINITY, firstAnswer + SAME_ANSWER);
  const back = order.find((place) => answersAt(place).some((at) => at < until));
  const answered = Math.min(...answersAt(startPlace)) - first.at;
  const reset = connection.resets.get(startPlace);
  const isRefused = reset !== undefined && !Number.isFinite(answered);
  const after = isRefused ? reset - first.at : answered;
  const isAnswered = Number.isFinite(after);
  return {
    count: 0,
    way,
    start: startPlace,
    port: startPacket.toPort,
    pod: connection.pod,
    attempts: connection.attempts.length,
    seen,
    back,
    answeredAfter: isAnswered ? Math.max(0, Math.trunc(after * 10) / 10) : undefined,
    gap: second === undefined ? undefined : Math.round((second.at - first.at) * 10) / 10,
    isRefused,
    isLate: !isAnswered && connection.attempts.length === 1 && end - first.at < TOO_LATE,
  };
}

function wayOf(place: Place, packet: Packet, { pods, own }: Matching): 'in' | 'out' {
  if (place === 'uplink') return own?.has(packet.from) === true ? 'out' : 'in';
  if (pods !== undefined && pods.size > 0) return pods.has(packet.from) ? 'out' : 'in';
  return place === 'pod' ? 'out' : 'in';
}
