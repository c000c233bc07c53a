/** Where a trace looks, from the client inwards: the node's uplink, the host's end of a pod's interface, inside the pod. */
export const PLACES = ['uplink', 'veth', 'pod'] as const;

/** One of {@link PLACES}. */
export type Place = (typeof PLACES)[number];

/** What became of connections that fared alike, as `nodes/trace/flows.sh` counts them and {@link fatesOf} does. */
export interface Fate {
  /** How many there were among those that were looked at. */
  readonly count: number;
  /** `in` to a pod or the node, `out` from one. */
  readonly way: 'in' | 'out';
  /** The first place that saw it. */
  readonly start: Place;
  /** Destination port at that place. */
  readonly port: number;
  /** Number of the pod among those that are looked at; `undefined` where none of them saw it. */
  readonly pod: number | undefined;
  /** SYNs with different time stamps, or far apart where it has none. */
  readonly attempts: number;
  /** The last place on its way that saw the first SYN. */
  readonly seen: Place;
  /** The last place on the way back that saw an answer before the second SYN. */
  readonly back: Place | undefined;
  /** Seconds from the first SYN to its answer at the place where it started, cut to tenths. */
  readonly answeredAfter: number | undefined;
  /** Seconds from the first SYN to the second, in tenths. */
  readonly gap: number | undefined;
  /** Whether the answer was a reset: nothing listens there. */
  readonly isRefused: boolean;
  /** Whether it began too late to say that no answer came. */
  readonly isLate: boolean;
}

/** Where a packet goes missing: beyond the uplink, between uplink and a pod's interface, between its two ends, in the pod. */
export type Edge = 'outside' | 'node' | 'link' | 'inside';

/** A packet that went missing. */
export interface Loss {
  readonly edge: Edge;
  readonly packet: 'SYN' | 'answer';
  /** The last place that saw it. */
  readonly last: Place;
  /** The next on its way, which did not; `undefined` where that is nobody's interface on this node. */
  readonly missing: Place | undefined;
}

/** A connection that took this long was waited for: the first SYN or its answer was lost. Seconds. */
const LONG = 0.9;

/** Whether a client noticed something: it sent its SYN again, or had no answer, or a late one. */
export const isTroubled = ({ attempts, answeredAfter, isLate }: Fate): boolean =>
  !isLate && (attempts > 1 || answeredAfter === undefined || answeredAfter >= LONG);

/** Whether a client waited for about a second or more, or in vain: one that sends again has not had what was answered. */
export const isDelayed = ({ answeredAfter, gap, isLate }: Fate): boolean =>
  !isLate && (answeredAfter === undefined || answeredAfter >= LONG || (gap !== undefined && gap >= LONG));

/**
 * Whether the first answer that came to where the connection started was a repeated one: who answers sends again after a
 * second, too, often before the client does. Then the first answer was lost on its way, and the fate does not say where.
 */
const isAnsweredAgain = (fate: Fate): boolean =>
  fate.back === fate.start && fate.answeredAfter !== undefined && fate.answeredAfter >= LONG;

/** The edge that a packet takes next, by the place that it was seen at, on the way into a pod and out of one. */
const INWARDS: Readonly<Record<Place, Edge>> = { uplink: 'node', veth: 'link', pod: 'inside' };
const OUTWARDS: Readonly<Record<Place, Edge>> = { pod: 'link', veth: 'node', uplink: 'outside' };

/**
 * Where the first SYN, or its answer, went missing.
 *
 * @param again where the first answer was lost when only a repeated one came; without it, on this node
 * @returns `undefined` where nothing did
 */
export function lossOf(fate: Fate, again?: Loss): Loss | undefined {
  if (!isTroubled(fate)) return undefined;
  const isIn = fate.way === 'in';
  if (fate.back === undefined) return lossAfter('SYN', fate.seen, isIn);
  if (!isAnsweredAgain(fate)) return lossAfter('answer', fate.back, !isIn);
  return again ?? lossAfter('answer', 'veth', !isIn);
}

function lossAfter(packet: Loss['packet'], last: Place, isInwards: boolean): Loss {
  const next = PLACES.indexOf(last) + (isInwards ? 1 : -1);
  return { edge: (isInwards ? INWARDS : OUTWARDS)[last], packet, last, missing: PLACES[next] };
}
