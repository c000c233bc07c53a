import { counted, show } from '../../words.ts';
import { Barren, type Recogniser, takeWhile } from '../found.ts';
import { count, observed } from './observed.ts';

/** Where a packet was freed and why, as tracers of `skb:kfree_skb` print it. */
interface Drop {
  readonly reason: string | undefined;
  readonly place: string | undefined;
  readonly packets: number;
  /** Name of the map that counted it. */
  readonly map?: string | undefined;
}

const PLACE = String.raw`([a-z_][\w.]{3,60})(?:\+0x[0-9a-f]{1,8}|\+[0-9a-f]{1,6})?`;

/** perf and trace-cmd: `skb:kfree_skb: … location=nf_hook_slow+0xd8 reason: NETFILTER_DROP`. */
const PERF = new RegExp(
  String.raw`kfree_skb:.{0,200}?location[=:]\s?(?:0x[0-9a-f]{8,16}|${PLACE})(?:.{0,80}?reason[=:]\s?(?:SKB_DROP_REASON_)?([A-Z][A-Z0-9_]{2,40}))?`,
);
/** bpftrace's maps: `@[NETFILTER_DROP, nf_hook_slow]: 4821`, in either order, with a stack's first function or not. */
const MAP = new RegExp(
  String.raw`^\s*@\w{0,30}\[(?:(?:SKB_DROP_REASON_)?([A-Z][A-Z0-9_]{2,40})(?=[,\]])|\d{1,4}(?=,))?(?:,\s*|(?<=\[))(?:${PLACE}(?=[,\]]))?(?:(?:,\s*|(?<=\[))(?:SKB_DROP_REASON_)?([A-Z][A-Z0-9_]{2,40}))?\]:\s*(\d{1,12})\s*$`,
);
/** The same of one reason alone. */
const REASON_MAP = /^\s*@\w{0,30}\[(?:SKB_DROP_REASON_)?([A-Z][A-Z0-9_]{2,40})\]:\s*(\d{1,12})\s*$/;
/** The first line of a map with a stack as its key, which ends with `]: 4821` some lines below. */
const STACK_MAP = new RegExp(
  String.raw`^\s*@\w{0,30}\[(?:(?:SKB_DROP_REASON_)?([A-Z][A-Z0-9_]{2,40})|\d{1,4})?(?:,\s*)?${PLACE}\s*$`,
);
const STACK_END = /^\s*\]:\s*(\d{1,12})\s*$/;
/** pwru: one function that a packet passed. */
const PASSED = /^\s*(0x[0-9a-f]{8,16})\s+\d{1,4}\s.*\s([a-z_][\w.]{3,60})\s*$/;
/** dropwatch: `12 drops at nf_hook_slow+d8 (0xffffffff…) [software]`. */
const DROPWATCH = new RegExp(String.raw`^\s*(\d{1,12}) drops? at ${PLACE}`);
/** pwru: the function that it saw last, with the reason. */
const PWRU =
  /\b(?:kfree_skb_reason|sk_skb_reason_drop)\(SKB_DROP_REASON_([A-Z0-9_]{2,40})\)(?:.{0,40}?\b([a-z_][\w.]{3,60})\s*$)?/;
/** bcc's tcpdrop: ends, state and flags, then a stack. */
const TCPDROP =
  /^\d\d:\d\d:\d\d\s+\d{1,8}\s+[46]\s+\S{3,60}:\d{1,5}\s+>\s+\S{3,60}:\d{1,5}\s+([A-Z_0-9]{3,12})\s+\(([A-Z|]{2,30})\)/;
const STACK = new RegExp(String.raw`^\s+(?:b')?${PLACE}'?\s*$`);

/** What a reason means here (include/net/dropreason-core.h). */
const REASONS: Readonly<Record<string, string>> = {
  NO_SOCKET: 'nobody listens there',
  CPU_BACKLOG: 'the processor’s backlog was full',
  QDISC_DROP: 'a queue of an interface dropped it',
  SOCKET_RCVBUFF: 'the socket’s buffer was full',
  PROTO_MEM: 'the protocol’s memory was used up',
  NEIGH_CREATEFAIL: 'the neighbour table had no room',
  NEIGH_FAILED: 'the neighbour did not answer',
  NEIGH_QUEUEFULL: 'too many packets waited for a neighbour’s address',
};

/**
 * What dropped a packet that netfilter dropped: only a rule of nftables is freed in its own function, since Linux 6.7; connection
 * tracking, translation and legacy iptables are freed in nf_hook_slow (net/netfilter/nf_tables_core.c, core.c).
 */
function culpritOf(reason: string | undefined, place: string | undefined): string | undefined {
  if (place?.startsWith('nft_do_chain') === true)
    return 'a rule of nftables dropped them, not connection tracking';
  if (place?.startsWith('nf_hook_slow') === true)
    return 'connection tracking, translation or a rule (of legacy iptables, or before Linux 6.7 of nftables) dropped them: a full table and an insert race look so';
  if (reason === 'NETFILTER_DROP')
    return 'netfilter dropped them; the location tells whether a rule of nftables did';
  return reason === undefined ? undefined : REASONS[reason];
}

const withoutDrops = new Barren();

/** Packets that the kernel freed, with reason and place: perf, bpftrace, dropwatch, pwru and tcpdrop. */
export const droppedPackets: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? '';
  const isDrop = dropOf(first) !== undefined || STACK_MAP.test(first) || PASSED.test(first);
  if (!isDrop || withoutDrops.has(lines, at)) return undefined;
  const kinds = new Map<string, { readonly drop: Drop; packets: number }>();
  const maps = new Map<string, number>();
  const passed = new Map<string, string>();
  let pending: Drop | undefined;
  let stack: Omit<Drop, 'packets'> | undefined;
  const add = (drop: Drop) => {
    if (drop.map !== undefined) maps.set(drop.map, (maps.get(drop.map) ?? 0) + drop.packets);
    const key = `${drop.reason ?? ''} ${drop.place ?? ''}`;
    const there = kinds.get(key);
    if (there === undefined) kinds.set(key, { drop, packets: drop.packets });
    else there.packets += drop.packets;
  };
  const run = takeWhile(lines, at, (text, index) => {
    const [, packet, passes] = PASSED.exec(text) ?? [];
    if (packet !== undefined && passes !== undefined) {
      passed.set(packet, passes);
      return true;
    }
    const [isOfStack, reason, top] = STACK_MAP.exec(text) ?? [];
    if (isOfStack !== undefined) {
      stack = { reason, place: top, map: mapIn(text) };
      return true;
    }
    const packets = stack === undefined ? undefined : STACK_END.exec(text)?.[1];
    if (stack !== undefined && packets !== undefined) {
      add({ ...stack, packets: Number(packets) });
      stack = undefined;
      return true;
    }
    const read = dropOf(text);
    const before = passed.get(/^\s*(0x[0-9a-f]{8,16})\s/.exec(text)?.[1] ?? '');
    const drop = read === undefined || read.place !== undefined ? read : { ...read, place: before };
    if (drop !== undefined) {
      if (pending !== undefined) add(pending);
      pending = drop.place === undefined && TCPDROP.test(text) ? drop : undefined;
      if (pending === undefined) add(drop);
      return true;
    }
    const place = STACK.exec(text)?.[1];
    if (place !== undefined && pending !== undefined && /^(?:nf_hook_slow|nft_do_chain)/.test(place)) {
      add({ ...pending, place });
      pending = undefined;
    }
    return place !== undefined || (text.trim() === '' && (lines[index + 1]?.text.trim() ?? '') !== '');
  });
  if (kinds.size === 0 && pending === undefined) {
    withoutDrops.note(lines, at + run.lines);
    return undefined;
  }
  if (pending !== undefined) add(pending);
  const all = [...kinds.values()].toSorted((a, b) => b.packets - a.packets);
  // Maps beside each other count the same packets, each by something else.
  const inMaps = [...maps.values()];
  const total =
    all.reduce((sum, { packets }) => sum + packets, 0) -
    inMaps.reduce((sum, one) => sum + one, 0) +
    Math.max(0, ...inMaps);
  const named = all.slice(0, 3).map(({ drop: { reason, place }, packets }) => {
    const where = [reason, place === undefined ? undefined : `at ${place}`]
      .filter((part) => part !== undefined)
      .join(' ');
    const culprit = culpritOf(reason, place);
    return `${show(packets)} ${where === '' ? 'without a reason' : where}${culprit === undefined ? '' : ` (${culprit})`}`;
  });
  return observed(
    'dropped packets, traced',
    run.lines,
    'loss',
    `The kernel was seen to drop ${counted(total, 'packet')}: ${named.join('; ')}.`,
  );
};

function mapIn(text: string): string {
  return /@\w{0,30}/.exec(text)?.[0] ?? '';
}

function dropOf(text: string): Drop | undefined {
  const perf = PERF.exec(text);
  if (perf !== null) return { place: perf[1], reason: perf[2], packets: 1 };
  const [, only, times] = REASON_MAP.exec(text) ?? [];
  if (only !== undefined) return { place: undefined, reason: only, packets: Number(times), map: mapIn(text) };
  const map = MAP.exec(text);
  if (map !== null) {
    const [, first, place, second, packets] = map;
    return first === undefined && place === undefined && second === undefined
      ? undefined
      : { place, reason: first ?? second, packets: Number(packets), map: mapIn(text) };
  }
  const watched = DROPWATCH.exec(text);
  if (watched !== null) return { place: watched[2], reason: undefined, packets: Number(watched[1]) };
  const traced = PWRU.exec(text);
  if (traced !== null) return { place: traced[2], reason: traced[1], packets: 1 };
  return TCPDROP.test(text) ? { place: undefined, reason: undefined, packets: 1 } : undefined;
}

/** bcc's tcpretrans: `10:01:02 0 4 10.0.1.5:51744 R> 10.0.2.9:8080 SYN_SENT`. */
const RETRANSMITTED =
  /^\s*(?:\d\d:\d\d:\d\d\s+)?\d{1,8}\s+[46]\s+\S{3,60}:\d{1,5}\s+[RLT]>\s+\S{3,60}:\d{1,5}\s+([A-Z_0-9]{3,12})\s*$/;

/** Segments that were sent again one by one; those in SYN_SENT opened a connection. */
export const retransmitted: Recogniser = (lines, at) => {
  const states = new Map<string, number>();
  const run = takeWhile(lines, at, (text) => {
    const state = RETRANSMITTED.exec(text)?.[1];
    if (state !== undefined) count(states, state);
    return state !== undefined;
  });
  if (states.size === 0) return undefined;
  const opening = states.get('SYN_SENT') ?? 0;
  const accepting = (states.get('SYN_RECV') ?? 0) + (states.get('NEW_SYN_RECV') ?? 0);
  const all = [...states.values()].reduce((sum, one) => sum + one, 0);
  const open = opening === 0 ? '' : `; ${counted(opening, 'SYN')} sent again by a client here`;
  const accept =
    accepting === 0 ? '' : `; ${counted(accepting, 'answer')} to a SYN sent again by a server here`;
  return observed(
    'tcpretrans',
    run.lines,
    opening + accepting > 0 ? 'symptom' : 'note',
    `${counted(all, 'segment')} sent again${open}${accept}.`,
  );
};
