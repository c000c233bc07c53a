import type { Point } from './output.ts';
import { type Packet } from './packet.ts';
import { headerBytesOf, recordsOf } from './pcap.ts';
import { bytesOf } from './pseudonyms.ts';

/** Most bytes that a file may have. */
export const PCAPNG_MOST_BYTES = 2 * 2 ** 20;

/** A packet as a file keeps it. */
interface Frame {
  /** Microseconds since the Unix epoch. */
  readonly micros: number;
  readonly bytes: Uint8Array;
}

/** What was seen at one point, as an interface of the file. */
interface Source {
  readonly name: string;
  /** Link type (tcpdump.org, link-layer header types). */
  readonly link: number;
  readonly frames: readonly Frame[];
}

/**
 * The headers that each point captured, in one file: an interface a point. Of each packet that opens, answers or refuses a
 * connection the bytes up to the end of its TCP header go in, of others nothing, whatever the node has sent.
 *
 * @param captured pcap files by the number of their point
 * @returns `undefined` where none of them is one that is read
 */
export function capturedPcapng(
  captured: ReadonlyMap<number, Uint8Array>,
  points: readonly Point[],
): Uint8Array | undefined {
  const sources = points.flatMap((point): readonly Source[] => {
    const bytes = captured.get(point.number);
    const file = bytes === undefined ? undefined : recordsOf(bytes);
    if (file === undefined || typeof file === 'string') return [];
    const frames: Frame[] = [];
    for (const { at, bytes: whole } of file.records) {
      const kept = headerBytesOf(whole, file.link);
      if (kept !== undefined) frames.push({ micros: Math.round(at * 1e6), bytes: kept });
    }
    return frames.length === 0 ? [] : [{ name: nameOf(point), link: file.type, frames }];
  });
  return sources.length === 0 ? undefined : fileOf(sources, 'Headers as they were captured by medic-trace.');
}

const REBUILT =
  'Headers built again from the lines of the section trace-packets of medic-trace: times, addresses, ports, numbers and time stamps are those that were seen, everything else (Ethernet, TTL, window, checksums, other options) is made up.';

/** The same from what the output says of the packets of some connections, where no captured headers came with it. */
export function rebuiltPcapng(packets: readonly Packet[], points: readonly Point[]): Uint8Array | undefined {
  const sources = points.flatMap((point): readonly Source[] => {
    const frames = packets
      .filter((packet) => packet.point === point.number)
      .toSorted((a, b) => a.at - b.at)
      .flatMap((packet) => {
        const bytes = frameOf(packet);
        return bytes === undefined ? [] : [{ micros: Math.round(packet.at * 1e6), bytes }];
      });
    // Raw IP: it has no link layer that would have to be made up.
    return frames.length === 0 ? [] : [{ name: nameOf(point), link: 101, frames }];
  });
  return sources.length === 0 ? undefined : fileOf(sources, REBUILT);
}

const nameOf = ({ place, pod, interfaceName }: Point): string =>
  pod === 0 ? `${place} ${interfaceName}` : `${place} ${interfaceName} (pod ${pod})`;

/** An IP packet with a TCP header that says what is known of it; nothing where its addresses are of two families or none. */
function frameOf(packet: Packet): Uint8Array | undefined {
  const [from, to] = [bytesOf(packet.from), bytesOf(packet.to)];
  if (from === undefined || to === undefined || from.length !== to.length) return undefined;
  const options = packet.stamp === undefined ? 0 : 12;
  const segment = 20 + options;
  const ip = from.length === 4 ? 20 : 40;
  const bytes = new Uint8Array(ip + segment);
  const view = new DataView(bytes.buffer);
  if (ip === 20) {
    view.setUint8(0, 0x45);
    view.setUint16(2, bytes.length);
    view.setUint8(8, 64);
    view.setUint8(9, 6);
    bytes.set(from, 12);
    bytes.set(to, 16);
  } else {
    view.setUint8(0, 0x60);
    view.setUint16(4, segment);
    view.setUint8(6, 6);
    view.setUint8(7, 64);
    bytes.set(from, 8);
    bytes.set(to, 24);
  }
  view.setUint16(ip, packet.fromPort);
  view.setUint16(ip + 2, packet.toPort);
  view.setUint32(ip + 4, packet.sequence);
  view.setUint32(ip + 8, packet.acknowledged);
  view.setUint8(ip + 12, (segment / 4) << 4);
  view.setUint8(ip + 13, FLAGS[packet.kind]);
  if (packet.stamp !== undefined) {
    // Two that do nothing, so that the option begins where it is usually put.
    view.setUint32(ip + 20, 0x0101080a);
    view.setUint32(ip + 24, packet.stamp);
  }
  return bytes;
}

const FLAGS: Readonly<Record<Packet['kind'], number>> = { SYN: 0x02, 'SYN-ACK': 0x12, RST: 0x14 };

/** A pcapng file (draft-ietf-opsawg-pcapng): a section, its interfaces and their packets by time, as many as there is room for. */
function fileOf(sources: readonly Source[], comment: string): Uint8Array {
  const head = [
    block(0x0a0d0d0a, [
      words([0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff]),
      option(1, comment),
      option(0, ''),
    ]),
    ...sources.map(({ name, link }) => block(1, [words([link, 0]), option(2, name), option(0, '')])),
  ];
  const frames = sources
    .flatMap(({ frames: own }, source) => own.map((frame) => ({ ...frame, source })))
    .toSorted((a, b) => a.micros - b.micros);
  const parts = head;
  let size = parts.reduce((sum, { length }) => sum + length, 0);
  for (const { source, micros, bytes } of frames) {
    const high = Math.floor(micros / 2 ** 32);
    const one = block(6, [words([source, high, micros >>> 0, bytes.length, bytes.length]), padded(bytes)]);
    if (size + one.length > PCAPNG_MOST_BYTES) break;
    size += one.length;
    parts.push(one);
  }
  return joined(parts);
}

function block(type: number, body: readonly Uint8Array[]): Uint8Array {
  const length = 12 + body.reduce((sum, part) => sum + part.length, 0);
  return joined([words([type, length]), ...body, words([length])]);
}

function option(code: number, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return joined([words([(bytes.length << 16) | code]), padded(bytes)]);
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
};

/** Whole numbers of 32 bits, the lowest byte first. */
function words(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
