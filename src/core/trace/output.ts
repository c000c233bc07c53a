import { POD_NAME } from '../pod-name.ts';
import { type Fate, PLACES, type Place } from './fate.ts';
import { type Packet, packetIn } from './packet.ts';

/** How a trace looked at packets, the most telling first. */
export const RUNGS = ['tcpdump', 'python', 'kfree_skb', 'counters'] as const;
/** One of {@link RUNGS}. */
export type Rung = (typeof RUNGS)[number];

/** A place that packets were looked at. */
export interface Point {
  readonly number: number;
  readonly place: Place;
  /** Number of the pod; 0 for an uplink. */
  readonly pod: number;
  readonly interfaceName: string;
  /** Address of the pod, where it is known. */
  readonly address: string | undefined;
}

/** A pod whose points are looked at, or were to be. */
export interface TracedPod {
  readonly number: number;
  /** `namespace/name`, where the node told it. */
  readonly name: string | undefined;
  /** At most four. */
  readonly addresses: readonly string[];
}

/** A counter at the start of the trace and at its end. */
export interface Counter {
  /** `table`, `node`, `podN` or the name of an interface. */
  readonly where: string;
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** Packets that the kernel freed in one function for one reason. */
export interface Drop {
  readonly place: string;
  readonly reason: string;
  readonly count: number;
}

/** What one trace found. */
export interface Trace {
  readonly kind: 'traced';
  readonly rung: Rung;
  /** Release of the kernel: `6.12.40-63.114.amzn2023.x86_64`; `undefined` where it was not said. */
  readonly kernel: string | undefined;
  /** Seconds in which connections that began then count. */
  readonly seconds: number;
  readonly port: number | undefined;
  /** One in so many connections was looked at. */
  readonly thin: number;
  /** Packets that the kernel saw and could not hand over. */
  readonly missed: number;
  readonly leftOut: readonly string[];
  /** Seconds that passed until every point was looked at. */
  readonly waited: number;
  /** Sections that had no room for all their lines. */
  readonly cut: readonly string[];
  /** Connections that the node counted, and those of them that had trouble; `undefined` where it did not say. */
  readonly total: { readonly connections: number; readonly troubled: number } | undefined;
  readonly points: readonly Point[];
  readonly pods: readonly TracedPod[];
  /** Addresses of the node that some of the connections came from which had trouble. */
  readonly own: readonly string[];
  readonly counters: readonly Counter[];
  /** `undefined` where the kernel's tracing could not be used. */
  readonly drops: readonly Drop[] | undefined;
  /** `undefined` where no packet was looked at. */
  readonly fates: readonly Fate[] | undefined;
  /** Packets of some connections that had trouble. */
  readonly packets: readonly Packet[];
}

/** A trace that was not made. */
export interface RefusedTrace {
  readonly kind: 'refused';
  readonly code: string;
  readonly detail: string;
}

/** Addresses of the node that are taken. */
const OWN_MOST = 8;

/** Longest text that is looked at, in characters; what stands behind its end is not. */
const MOST_CHARACTERS = 64_000;
const HEADER =
  /^=== medic\/1 ([a-z0-9]{16}) ([a-z-]{1,20}(?:-\d)?) - (ok|missing|denied|timeout|truncated) \d{1,10}\.\d{1,9}$/;

/**
 * Reads what `medic-trace` printed. Lines that are not as the script writes them are left out.
 *
 * @param nonce the run's; without it, as in a saved file, that of the first header
 * @returns `undefined` where it is not the whole output of a trace
 */
export function readTrace(text: string, nonce?: string): Trace | RefusedTrace | undefined {
  const { sections, cut } = sectionsOf(text.slice(0, MOST_CHARACTERS), nonce);
  const head = sections.get('trace');
  if (head === undefined || !sections.has('end')) return undefined;
  const values = new Map(
    head.flatMap((line) => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  if (values.get('outcome') === 'refused') {
    const [code = '', detail = ''] = [values.get('code'), values.get('detail')];
    return /^[a-z-]{2,30}$/.test(code) ? { kind: 'refused', code, detail: detail.slice(0, 300) } : undefined;
  }
  const rung = RUNGS.find((one) => one === values.get('rung'));
  if (values.get('outcome') !== 'traced' || rung === undefined) return undefined;
  const number = (name: string) => whole(values.get(name)) ?? 0;
  return {
    kind: 'traced',
    rung,
    kernel: /^\d[\w.+~-]{1,64}$/.exec(values.get('kernel') ?? '')?.[0],
    seconds: number('judged') || number('seconds'),
    port: whole(values.get('port')),
    thin: Math.max(1, number('thin')),
    missed: number('missed'),
    leftOut: (values.get('left_out') ?? '').split(' ').filter((word) => /^[\w=,-]{1,60}$/.test(word)),
    waited: number('waited'),
    cut,
    total: totalIn(values.get('total')),
    points: [...values].flatMap(([name, value]) => pointIn(name, value)),
    pods: [...values].flatMap(([name, value]) => podIn(name, value)),
    own: head.flatMap((line) => /^own=([0-9a-f.:]{2,45})$/.exec(line)?.[1] ?? []).slice(0, OWN_MOST),
    counters: (sections.get('trace-counters') ?? []).flatMap(counterIn),
    drops: sections.get('trace-drops')?.flatMap(dropIn),
    fates: sections.get('trace-flows')?.flatMap(fateIn),
    packets: (sections.get('trace-packets') ?? []).flatMap((line) => packetIn(line) ?? []),
  };
}

/** Most characters of captured headers that are looked at: two mebibytes of packets, compressed, as base64. */
const MOST_CAPTURED = 4 * 2 ** 20;
const CAPTURED = /^trace-pcap-([0-7])$/;

/**
 * The captured headers behind the end of an output: of each point base64 of a gzipped pcap file. One without the line that ends it
 * is left out.
 *
 * @param nonce of the run
 */
export function capturedIn(text: string, nonce: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const begin = text.indexOf(`=== medic/1 ${nonce} end `);
  if (begin < 0) return found;
  let open: { readonly point: number; readonly lines: string[] } | undefined;
  for (const line of text.slice(begin, begin + MOST_CAPTURED).split('\n')) {
    const [, own, name = ''] = HEADER.exec(line) ?? [];
    if (own !== nonce) {
      if (/^[A-Za-z0-9+/=]{1,200}$/.test(line)) open?.lines.push(line);
      continue;
    }
    if (name === 'trace-pcap-end' && open !== undefined && !found.has(open.point))
      found.set(open.point, open.lines.join(''));
    const point = CAPTURED.exec(name)?.[1];
    open = point === undefined ? undefined : { point: Number(point), lines: [] };
  }
  return found;
}

/** Whether a text is the output of a trace, whatever it says. */
export const isTraceOutput = (text: string): boolean =>
  /^=== medic\/1 [a-z0-9]{16} trace - /m.test(text.slice(0, 2000));

/** Lines of each section that was read, by name, and the names of those that were cut. */
function sectionsOf(
  text: string,
  nonce?: string,
): { readonly sections: ReadonlyMap<string, readonly string[]>; readonly cut: readonly string[] } {
  const sections = new Map<string, string[]>();
  const cut: string[] = [];
  let expected = nonce;
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    const [, own, name = '', status] = HEADER.exec(line) ?? [];
    if (own === undefined || (expected !== undefined && own !== expected)) {
      open?.push(line);
      continue;
    }
    expected = own;
    open = status === 'ok' || status === 'truncated' ? [] : undefined;
    if (open !== undefined && !sections.has(name)) {
      sections.set(name, open);
      if (status === 'truncated') cut.push(name);
    }
    if (name === 'end') break;
  }
  return { sections, cut };
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function pointIn(name: string, value: string): readonly Point[] {
  const number = /^point\.([0-7])$/.exec(name)?.[1];
  const [, place, pod, interfaceName = '', address] =
    /^(uplink|veth|pod) ([0-9]) ([A-Za-z0-9._-]{1,15}) ([0-9a-f.:]{2,45}|-)$/.exec(value) ?? [];
  const known = PLACES.find((one) => one === place);
  if (number === undefined || known === undefined) return [];
  return [
    {
      number: Number(number),
      place: known,
      pod: Number(pod),
      interfaceName,
      address: address === '-' ? undefined : address,
    },
  ];
}

function podIn(key: string, value: string): readonly TracedPod[] {
  const number = /^pod\.([1-9])$/.exec(key)?.[1];
  const [, name = '-', list = '-'] =
    /^(\S{1,317}) ([0-9a-f.:]{2,45}(?:,[0-9a-f.:]{2,45}){0,3}|-)$/.exec(value) ?? [];
  if (number === undefined) return [];
  return [
    {
      number: Number(number),
      name: POD_NAME.test(name) ? name : undefined,
      addresses: list === '-' ? [] : list.split(','),
    },
  ];
}

function totalIn(value: string | undefined): Trace['total'] {
  const [, connections, troubled] = /^(\d{1,9}) (\d{1,9})$/.exec(value ?? '') ?? [];
  return connections === undefined
    ? undefined
    : { connections: Number(connections), troubled: Number(troubled) };
}

function counterIn(line: string): readonly Counter[] {
  const [, where = '', name = '', before, after] =
    /^([A-Za-z0-9._-]{1,15}) (\w{1,40}) (\d{1,15}) (\d{1,15})$/.exec(line) ?? [];
  return before === undefined ? [] : [{ where, name, before: Number(before), after: Number(after) }];
}

function dropIn(line: string): readonly Drop[] {
  const [, place = '', reason = '', count] =
    /^([\w.]{1,80}|-) ([A-Z0-9_]{1,60}|-) (\d{1,12})$/.exec(line) ?? [];
  return count === undefined ? [] : [{ place, reason, count: Number(count) }];
}

const FATE =
  /^(?<count>\d{1,9}) (?<way>in|out) (?<start>uplink|veth|pod) (?<port>\d{1,5}) (?<pod>\d|-) (?<attempts>\d{1,4}) (?<seen>uplink|veth|pod) (?<back>uplink|veth|pod|-) (?<answered>\d{1,5}\.\d|-) (?<gap>\d{1,5}\.\d|-) (?<refused>[01]) (?<late>[01])$/;

function fateIn(line: string): readonly Fate[] {
  const fields = FATE.exec(line)?.groups;
  if (fields === undefined) return [];
  const number = (name: string) => (fields[name] === '-' ? undefined : Number(fields[name]));
  return [
    {
      count: Number(fields['count']),
      way: fields['way'] as Fate['way'],
      start: fields['start'] as Place,
      port: Number(fields['port']),
      pod: number('pod'),
      attempts: Number(fields['attempts']),
      seen: fields['seen'] as Place,
      back: fields['back'] === '-' ? undefined : (fields['back'] as Place),
      answeredAfter: number('answered'),
      gap: number('gap'),
      isRefused: fields['refused'] === '1',
      isLate: fields['late'] === '1',
    },
  ];
}
