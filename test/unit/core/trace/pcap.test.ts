import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../../../src/core/trace/packet.ts';
import { isPcap, readPcap } from '../../../../src/core/trace/pcap.ts';

/** Damaged files of each kind that are tried with every run. */
const RUNS = 10_000;

/** A SYN from 192.0.2.1:40000 to 198.51.100.2:443 with number 7 and time stamp 99, from its IP header on. */
const SYN = Buffer.from(
  '4500003c0001400040060000c0000201c63364029c4001bb0000000700000000a002faf000000000020405b40402080a000000630000000001030307',
  'hex',
);
const ETHERNET = Buffer.from('0202020202020404040404040800', 'hex');

function pcap(link: number, packets: readonly Buffer[], isLittle = true): Buffer {
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (isLittle) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
  const versions = isLittle ? '02000400' : '00020004';
  const head = [word(0xa1b2c3d4), Buffer.from(versions, 'hex'), word(0), word(0), word(262_144), word(link)];
  const records = packets.flatMap((packet) => [
    word(1_700_000_000),
    word(250_000),
    word(packet.length),
    word(packet.length),
    packet,
  ]);
  return Buffer.concat([...head, ...records]);
}

function pcapng(packet: Buffer): Buffer {
  const block = (type: number, body: Buffer) => {
    const length = 12 + body.length;
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32LE(type, 0);
    bytes.writeUInt32LE(length, 4);
    body.copy(bytes, 8);
    bytes.writeUInt32LE(length, length - 4);
    return bytes;
  };
  const section = block(0x0a0d0d0a, Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex'));
  // Link type 101, a clock of nanoseconds.
  const source = block(1, Buffer.from('6500000000000400090001000900000000000000', 'hex'));
  const ticks = 1_700_000_000_250_000_000n;
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Number(ticks >> 32n), 4);
  head.writeUInt32LE(Number(ticks & 0xffffffffn), 8);
  head.writeUInt32LE(packet.length, 12);
  head.writeUInt32LE(packet.length, 16);
  return Buffer.concat([
    section,
    source,
    block(6, Buffer.concat([head, packet, Buffer.alloc((4 - (packet.length % 4)) % 4)])),
  ]);
}

const EXPECTED = {
  point: 2,
  kind: 'SYN',
  from: '192.0.2.1',
  fromPort: 40_000,
  to: '198.51.100.2',
  toPort: 443,
  sequence: 7,
  acknowledged: 0,
  stamp: 99,
};

describe('a file of captured packets', () => {
  it.each([
    ['raw IP', pcap(101, [SYN])],
    ['Ethernet', pcap(1, [Buffer.concat([ETHERNET, SYN])])],
    [
      'Ethernet with a VLAN tag',
      pcap(1, [Buffer.concat([ETHERNET.subarray(0, 12), Buffer.from('8100000a0800', 'hex'), SYN])]),
    ],
    ['Linux cooked', pcap(113, [Buffer.concat([Buffer.alloc(16), SYN])])],
    ['Linux cooked 2', pcap(276, [Buffer.concat([Buffer.alloc(20), SYN])])],
    ['big-endian', pcap(101, [SYN], false)],
    ['pcapng', pcapng(SYN)],
  ])('is read as %s', (_, bytes) => {
    const file = readPcap(bytes, 2);
    expect(file).toMatchObject({ records: 1, isCut: false, packets: [EXPECTED] });
    const [packet] = typeof file === 'string' ? [] : file.packets;
    expect(packet?.at).toBeCloseTo(1_700_000_000.25, 3);
    expect(packet === undefined ? undefined : connectionOf(packet)).toBe(7);
  });

  it('says why where it is none, or of a link that is not known', () => {
    expect(readPcap(Buffer.from('not a capture'), 0)).toMatch(/neither as pcap/);
    expect(readPcap(pcap(147, [SYN]), 0)).toMatch(/link type 147/);
    expect(readPcap(pcap(101, []).subarray(0, 20), 0)).toMatch(/cut/);
  });

  it('keeps what stands before a record that is cut', () => {
    const whole = pcap(101, [SYN, SYN]);
    expect(readPcap(whole.subarray(0, whole.length - 5), 2)).toMatchObject({ records: 1, isCut: true });
  });

  it('takes a record of an impossible length for the end', () => {
    const bytes = pcap(101, [SYN]);
    bytes.writeUInt32LE(0xffffffff, 32);
    expect(readPcap(bytes, 2)).toMatchObject({ records: 0, isCut: true });
  });

  // Lengths and counts are words of 32 bits, so those that lie at an edge come more often than chance would have them.
  const word = fc.constantFrom(0, 1, 3, 11, 12, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff);
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at: fc.nat(), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('word' as const), at: fc.nat(), value: word, isLittle: fc.boolean() }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.nat(64) }),
    fc.record({ kind: fc.constant('again' as const), at: fc.nat(), length: fc.nat(128) }),
  );
  type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

  function damaged(bytes: Buffer, all: readonly Damage[]): Buffer {
    return all.reduce((whole, one) => {
      if (whole.length < 4) return whole;
      const at = one.at % (whole.length - 3);
      const changed = Buffer.from(whole);
      if (one.kind === 'byte') changed[at] = one.value;
      else if (one.kind === 'word' && one.isLittle) changed.writeUInt32LE(one.value, at);
      else if (one.kind === 'word') changed.writeUInt32BE(one.value, at);
      else if (one.kind === 'cut')
        return Buffer.concat([whole.subarray(0, at), whole.subarray(at + one.length)]);
      else return Buffer.concat([whole.subarray(0, at + one.length), whole.subarray(at)]);
      return changed;
    }, bytes);
  }

  it.each([
    ['pcap', pcap(1, [Buffer.concat([ETHERNET, SYN]), Buffer.concat([ETHERNET, SYN])])],
    [
      'pcap of a VLAN',
      pcap(1, [Buffer.concat([ETHERNET.subarray(0, 12), Buffer.from('8100000a0800', 'hex'), SYN])]),
    ],
    ['big-endian pcap, cooked', pcap(113, [Buffer.concat([Buffer.alloc(16), SYN])], false)],
    ['pcapng', pcapng(SYN)],
  ])('never throws and never reads beyond the bytes of a damaged %s', (_, bytes) => {
    const property = fc.property(fc.array(damage, { maxLength: 8 }), fc.nat(200), (all, end) => {
      const given = damaged(bytes, all);
      const file = readPcap(given.subarray(0, Math.max(0, given.length - (end > 150 ? end - 150 : 0))), 0);
      return typeof file === 'string' || file.packets.length <= file.records;
    });
    expect(fc.check(property, { numRuns: RUNS })).toMatchObject({ failed: false });
  });

  it('tells its kind by its beginning', () => {
    const kinds = fc.property(
      fc.uint8Array({ maxLength: 64 }),
      (bytes) => isPcap(bytes) || typeof readPcap(bytes, 0) === 'string',
    );
    expect(fc.check(kinds)).toMatchObject({ failed: false });
  });
});
