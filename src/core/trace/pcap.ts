import type { Packet } from './packet.ts';

/** Most bytes of a file that are read. */
export const PCAP_MOST_BYTES = 64 * 2 ** 20;
/** Most records that are looked at, whatever they hold. */
const MOST_RECORDS = 1_000_000;
/** Longest record that is taken for one: the largest snapshot length that tcpdump sets. */
const MOST_RECORD_BYTES = 262_144;

/** What a capture file says of new connections. */
export interface PcapFile {
  /** Packets that open, answer or refuse a connection; their `point` is the one given. */
  readonly packets: readonly Packet[];
  /** Records that were looked at. */
  readonly records: number;
  /** Whether the file ends within a record, or holds more than is read. */
  readonly isCut: boolean;
}

/** Where the IP header begins, by link type (tcpdump.org, link-layer header types). */
export type Link = (bytes: DataView) => number | undefined;

const ETHERNET: Link = (bytes) => {
  let at = 12;
  // Up to two VLAN tags.
  for (let tags = 0; tags < 3 && at + 2 <= bytes.byteLength; tags++, at += 4) {
    const type = bytes.getUint16(at);
    if (type === 0x0800 || type === 0x86dd) return at + 2;
    if (type !== 0x8100 && type !== 0x88a8) return undefined;
  }
  return undefined;
};

const LINKS: ReadonlyMap<number, Link> = new Map<number, Link>([
  [0, () => 4],
  [1, ETHERNET],
  [12, () => 0],
  [14, () => 0],
  [101, () => 0],
  [108, () => 4],
  [113, () => 16],
  [228, () => 0],
  [229, () => 0],
  [276, () => 20],
]);

const PCAP_MAGICS: ReadonlyMap<number, { readonly isLittle: boolean; readonly unit: number }> = new Map([
  [0xa1b2c3d4, { isLittle: false, unit: 1e-6 }],
  [0xd4c3b2a1, { isLittle: true, unit: 1e-6 }],
  [0xa1b23c4d, { isLittle: false, unit: 1e-9 }],
  [0x4d3cb2a1, { isLittle: true, unit: 1e-9 }],
]);
const PCAPNG_MAGIC = 0x0a0d0d0a;

/** Whether a file begins as pcap or pcapng does. */
export function isPcap(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = viewOf(bytes, 0, 4).getUint32(0);
  return magic === PCAPNG_MAGIC || PCAP_MAGICS.has(magic);
}

/**
 * Reads a pcap or pcapng file: no more of it than {@link PCAP_MOST_BYTES}, and only packets that open, answer or refuse a
 * TCP connection.
 *
 * @param point what the packets are said to have been seen at
 * @returns a clause that says why where it is none, or of a link that is not known
 */
export function readPcap(bytes: Uint8Array, point: number): PcapFile | string {
  if (!isPcap(bytes)) return 'it begins neither as pcap nor as pcapng';
  const isCut = bytes.length > PCAP_MOST_BYTES;
  const read = isCut ? bytes.subarray(0, PCAP_MOST_BYTES) : bytes;
  const found = viewOf(read, 0, 4).getUint32(0) === PCAPNG_MAGIC ? pcapng(read, point) : pcap(read, point);
  return typeof found === 'string' ? found : { ...found, isCut: found.isCut || isCut };
}

function pcap(bytes: Uint8Array, point: number): PcapFile | string {
  const file = recordsOf(bytes);
  if (typeof file === 'string') return file;
  const packets: Packet[] = [];
  for (const { at, bytes: whole } of file.records) keep(packets, packetOf(whole, file.link, at, point));
  return { packets, records: file.records.length, isCut: file.isCut };
}

/** The packets of a pcap file, whatever they are. */
export interface PcapRecords {
  /** Link type, and where the IP header begins in a packet of it. */
  readonly type: number;
  readonly link: Link;
  readonly records: readonly { readonly at: number; readonly bytes: DataView }[];
  readonly isCut: boolean;
}

/**
 * Reads a pcap file, one that is no pcapng.
 *
 * @returns a clause that says why where it is none, or of a link that is not known
 */
export function recordsOf(bytes: Uint8Array): PcapRecords | string {
  const view = viewOf(bytes, 0, bytes.length);
  const form = bytes.length < 24 ? undefined : PCAP_MAGICS.get(view.getUint32(0));
  if (form === undefined) return 'its header is cut';
  const { isLittle, unit } = form;
  const type = view.getUint32(20, isLittle) & 0xffff;
  const link = LINKS.get(type);
  if (link === undefined) return `its link type ${type} is not one that is read`;
  const records: { readonly at: number; readonly bytes: DataView }[] = [];
  let at = 24;
  while (at + 16 <= bytes.length && records.length < MOST_RECORDS) {
    const length = view.getUint32(at + 8, isLittle);
    if (length > MOST_RECORD_BYTES || at + 16 + length > bytes.length) break;
    const time = view.getUint32(at, isLittle) + view.getUint32(at + 4, isLittle) * unit;
    records.push({ at: time, bytes: viewOf(bytes, at + 16, length) });
    at += 16 + length;
  }
  return { type, link, records, isCut: at < bytes.length };
}

/**
 * What of a packet is headers: the bytes up to the end of its TCP header.
 *
 * @returns `undefined` for what neither opens nor answers nor refuses a TCP connection
 */
export function headerBytesOf(bytes: DataView, link: Link): Uint8Array | undefined {
  const ip = link(bytes);
  if (ip === undefined || packetOf(bytes, link, 0, 0) === undefined) return undefined;
  const tcp = ip + (bytes.getUint8(ip) >> 4 === 4 ? (bytes.getUint8(ip) & 15) * 4 : 40);
  const end = Math.min(tcp + Math.max(20, (bytes.getUint8(tcp + 12) >> 4) * 4), bytes.byteLength);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, end);
}

/** An interface of a pcapng section: how its packets begin, and how long a tick of its clock is. */
interface Source {
  readonly link: Link | undefined;
  readonly tick: number;
}

function pcapng(bytes: Uint8Array, point: number): PcapFile | string {
  const view = viewOf(bytes, 0, bytes.length);
  const packets: Packet[] = [];
  let sources: Source[] = [];
  let isLittle = true;
  let records = 0;
  let at = 0;
  for (; at + 12 <= bytes.length && records < MOST_RECORDS; ) {
    const isSection = view.getUint32(at) === PCAPNG_MAGIC;
    if (isSection) {
      isLittle = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      sources = [];
    }
    const type = view.getUint32(at, isLittle);
    const length = view.getUint32(at + 4, isLittle);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    const body = viewOf(bytes, at + 8, length - 12);
    if (type === 1) sources.push(sourceOf(body, isLittle));
    if (type === 6 && body.byteLength >= 20) {
      records++;
      const source = sources[body.getUint32(0, isLittle)];
      const kept = Math.min(body.getUint32(12, isLittle), body.byteLength - 20);
      const ticks = body.getUint32(4, isLittle) * 2 ** 32 + body.getUint32(8, isLittle);
      if (source?.link !== undefined) {
        const bytesOfPacket = new DataView(body.buffer, body.byteOffset + 20, kept);
        keep(packets, packetOf(bytesOfPacket, source.link, ticks * source.tick, point));
      }
    }
    at += length;
  }
  return { packets, records, isCut: at < bytes.length };
}

function sourceOf(body: DataView, isLittle: boolean): Source {
  if (body.byteLength < 8) return { link: undefined, tick: 1e-6 };
  let tick = 1e-6;
  for (let at = 8; at + 4 <= body.byteLength; ) {
    const [code, length] = [body.getUint16(at, isLittle), body.getUint16(at + 2, isLittle)];
    if (code === 0) break;
    // if_tsresol: a negative power of ten, or of two where the highest bit is set.
    if (code === 9 && length >= 1 && at + 5 <= body.byteLength) {
      const power = body.getUint8(at + 4);
      tick = (power & 0x80) === 0 ? 10 ** -power : 2 ** -(power & 0x7f);
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { link: LINKS.get(body.getUint16(0, isLittle)), tick };
}

function keep(packets: Packet[], packet: Packet | undefined): void {
  if (packet !== undefined) packets.push(packet);
}

const viewOf = (bytes: Uint8Array, at: number, length: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, length);

/** The packet as far as it says what a trace needs; `undefined` for every other one. */
function packetOf(bytes: DataView, link: Link, at: number, point: number): Packet | undefined {
  const ip = link(bytes);
  if (ip === undefined || ip + 40 > bytes.byteLength) return undefined;
  const version = bytes.getUint8(ip) >> 4;
  if (version !== 4 && version !== 6) return undefined;
  const isTcp = bytes.getUint8(ip + (version === 4 ? 9 : 6)) === 6;
  const isFragment = version === 4 && (bytes.getUint16(ip + 6) & 0x1fff) !== 0;
  const tcp = ip + (version === 4 ? (bytes.getUint8(ip) & 15) * 4 : 40);
  if (!isTcp || isFragment || tcp + 20 > bytes.byteLength) return undefined;
  const flags = bytes.getUint8(tcp + 13);
  const kind =
    (flags & 4) !== 0 ? 'RST' : (flags & 2) === 0 ? undefined : (flags & 16) === 0 ? 'SYN' : 'SYN-ACK';
  if (kind === undefined) return undefined;
  const [from, to] = version === 4 ? [ip + 12, ip + 16] : [ip + 8, ip + 24];
  const address = version === 4 ? fourAt : sixAt;
  return {
    point,
    at,
    kind,
    from: address(bytes, from),
    fromPort: bytes.getUint16(tcp),
    to: address(bytes, to),
    toPort: bytes.getUint16(tcp + 2),
    sequence: bytes.getUint32(tcp + 4),
    acknowledged: (flags & 16) === 0 ? 0 : bytes.getUint32(tcp + 8),
    stamp: stampIn(bytes, tcp),
  };
}

const fourAt = (bytes: DataView, at: number): string =>
  [0, 1, 2, 3].map((index) => bytes.getUint8(at + index)).join('.');

const sixAt = (bytes: DataView, at: number): string =>
  [0, 2, 4, 6, 8, 10, 12, 14].map((index) => bytes.getUint16(at + index).toString(16)).join(':');

function stampIn(bytes: DataView, tcp: number): number | undefined {
  const end = Math.min(tcp + (bytes.getUint8(tcp + 12) >> 4) * 4, bytes.byteLength);
  for (let at = tcp + 20; at < end; ) {
    const kind = bytes.getUint8(at);
    if (kind === 0) return undefined;
    if (kind === 1) {
      at += 1;
      continue;
    }
    if (at + 2 > end) return undefined;
    if (kind === 8 && at + 6 <= end) return bytes.getUint32(at + 2);
    at += Math.max(2, bytes.getUint8(at + 1));
  }
  return undefined;
}
