import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { capturedIn, readTrace, type Trace } from '../../../../src/core/trace/output.ts';
import { type PcapFile, readPcap } from '../../../../src/core/trace/pcap.ts';
import { capturedPcapng, PCAPNG_MOST_BYTES, rebuiltPcapng } from '../../../../src/core/trace/pcapng.ts';
import { RECORDED_TRACE } from '../../support/recorded-trace.ts';

const NONCE = /^=== medic\/1 ([a-z0-9]{16}) /.exec(RECORDED_TRACE)?.[1] ?? '';
const TRACE = readTrace(RECORDED_TRACE) as Trace;

function read(bytes: Uint8Array | undefined): PcapFile {
  const file = bytes === undefined ? 'nothing was written' : readPcap(bytes, 0);
  if (typeof file === 'string') throw new Error(file);
  return file;
}

const captured = () =>
  new Map(
    [...capturedIn(RECORDED_TRACE, NONCE)].map(([point, base64]) => [
      point,
      gunzipSync(Buffer.from(base64, 'base64')),
    ]),
  );

describe('headers as they were captured', () => {
  it('hold every packet of every point once, with its time to the microsecond', () => {
    const each = [...captured()].flatMap(([point, bytes]) => {
      const file = readPcap(bytes, point);
      return typeof file === 'string' ? [] : file.packets;
    });
    const file = read(capturedPcapng(captured(), TRACE.points));
    const key = ({ point: _all, at, ...packet }: PcapFile['packets'][number]) =>
      JSON.stringify([at.toFixed(6), packet]);
    expect(file.packets.map(key).toSorted()).toEqual(each.map(key).toSorted());
    expect(file).toMatchObject({ isCut: false, records: each.length });
  });

  it('are cut behind the header of TCP, whatever a node has put there', () => {
    const [[point, whole] = [0, Buffer.alloc(0)]] = captured();
    const secret = Buffer.from('password=hunter2, and more of it than any option has room for');
    const body = Buffer.concat([whole.subarray(40), secret]);
    const record = Buffer.from(whole.subarray(24, 40));
    const length = record.readUInt32LE(8);
    record.writeUInt32LE(length + secret.length, 8);
    const forged = Buffer.concat([whole.subarray(0, 24), record, body.subarray(0, length), secret]);
    const file = capturedPcapng(new Map([[point, forged]]), TRACE.points);
    expect(read(file).packets).toHaveLength(1);
    expect(Buffer.from(file ?? []).includes('hunter2')).toBe(false);
  });

  it('are none where a node sends something else, or of a point that is not told of', () => {
    const [[, whole] = [0, Buffer.alloc(0)]] = captured();
    expect(capturedPcapng(new Map([[0, Buffer.from('no pcap at all')]]), TRACE.points)).toBeUndefined();
    expect(capturedPcapng(new Map([[7, whole]]), TRACE.points)).toBeUndefined();
  });

  it.each([
    ['another run', RECORDED_TRACE, 'aaaaaaaaaaaaaaaa'],
    ['an output without its end', RECORDED_TRACE.replace(/ end - ok/, ' ent - ok'), NONCE],
    ['a section that is cut', RECORDED_TRACE.slice(0, RECORDED_TRACE.indexOf('trace-pcap-0') + 200), NONCE],
  ])('are not looked for in %s', (_, text, nonce) => {
    expect(capturedIn(text, nonce).size).toBe(0);
  });
});

describe('headers that are built again', () => {
  it('say what the lines of the output say', () => {
    const { packets } = read(rebuiltPcapng(TRACE.packets, TRACE.points));
    const key = ({ point: _all, at, ...packet }: PcapFile['packets'][number]) =>
      JSON.stringify([at.toFixed(6), packet]);
    expect(packets.map(key).toSorted()).toEqual(TRACE.packets.map(key).toSorted());
  });

  it('say of themselves that they were built again', () => {
    const text = Buffer.from(rebuiltPcapng(TRACE.packets, TRACE.points) ?? []).toString('latin1');
    expect(text).toContain('built again');
    expect(text).toContain('uplink eth0');
  });

  it('leave out what is no address, and are nothing without a packet', () => {
    const [packet] = TRACE.packets;
    if (packet === undefined) throw new Error('no packet');
    expect(rebuiltPcapng([{ ...packet, from: '...' }], TRACE.points)).toBeUndefined();
    expect(rebuiltPcapng([{ ...packet, to: '2001:db8::1' }], TRACE.points)).toBeUndefined();
    expect(rebuiltPcapng([], TRACE.points)).toBeUndefined();
  });

  it('are two mebibytes at most', () => {
    const many = Array.from({ length: 4000 }, () => TRACE.packets.slice(0, 10)).flat();
    const bytes = rebuiltPcapng(many, TRACE.points);
    expect(bytes?.length).toBeLessThanOrEqual(PCAPNG_MOST_BYTES);
    expect(read(bytes).packets.length).toBeGreaterThan(10_000);
  });
});
