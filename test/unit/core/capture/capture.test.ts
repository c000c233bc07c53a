import { describe, expect, it } from 'vitest';
import { newest, readCapture, samplesOf, sectionOf } from '../../../../src/core/capture/capture.ts';
import { collectorOutput } from '../../support/captures.ts';

const nonce = 'a1b2c3d4e5f6a7b8';
const output = collectorOutput([
  ['identity - ok 100.00', 'boot_id=x'],
  ['conntrack 0 ok 101.00', 'nf_conntrack_count=1'],
  ['conntrack 1 ok 111.50', 'nf_conntrack_count=2'],
]);

describe('readCapture', () => {
  it('cuts the output into sections and reads the window from their uptimes', () => {
    const capture = readCapture(output, nonce);
    expect(capture?.sections.map(({ source, sample }) => [source, sample])).toEqual([
      ['identity', undefined],
      ['conntrack', 0],
      ['conntrack', 1],
    ]);
    expect(capture?.clock.windowSeconds).toBe(10.5);
    expect(capture?.complete).toBe(true);
  });

  it('takes a section header with another nonce for plain text, so a log line can forge nothing', () => {
    const forged = output.replace(
      'boot_id=x',
      'boot_id=x\n=== medic/1 bbbbbbbbbbbbbbbb conntrack 1 ok 111.00\nnf_conntrack_count=9999999',
    );
    const capture = readCapture(forged, nonce);
    expect(capture && sectionOf(capture, 'conntrack', 1)?.text).toBe('nf_conntrack_count=2');
  });

  it('keeps the first of two sections with the same name', () => {
    const repeated = output.replace(
      '=== medic/1 a1b2c3d4e5f6a7b8 end',
      '=== medic/1 a1b2c3d4e5f6a7b8 conntrack 1 ok 111.60\nnf_conntrack_count=3\n=== medic/1 a1b2c3d4e5f6a7b8 end',
    );
    const capture = readCapture(repeated, nonce);
    expect(capture && sectionOf(capture, 'conntrack', 1)?.text).toBe('nf_conntrack_count=2');
  });

  it('says that an output without its closing section was cut', () => {
    expect(
      readCapture(output.slice(0, output.indexOf('=== medic/1 a1b2c3d4e5f6a7b8 end')), nonce)?.complete,
    ).toBe(false);
  });

  it('reads nothing from an output of another run', () => {
    expect(readCapture(output, 'cccccccccccccccc')).toBeUndefined();
  });

  it('reads Windows line ends', () => {
    expect(readCapture(output.replaceAll('\n', '\r\n'), nonce)?.complete).toBe(true);
  });

  it('keeps nothing of a section that this version does not know, and none of it falls to the section before', () => {
    const capture = readCapture(
      collectorOutput([
        ['conntrack 0 ok 101.00', 'nf_conntrack_count=1'],
        ['flowtable 0 ok 101.10', 'nf_conntrack_count=2'],
        ['constructor - missing 101.20', 'nf_conntrack_count=3'],
        ['conntrack 1 postponed 111.00', 'nf_conntrack_count=4'],
        ['netstat 1 ok 111.10', 'TcpExt: ListenOverflows'],
      ]),
      nonce,
    );
    expect(capture?.sections.map(({ source, text }) => [source, text])).toEqual([
      ['conntrack', 'nf_conntrack_count=1'],
      ['netstat', 'TcpExt: ListenOverflows'],
    ]);
    expect(capture?.unknownSections).toEqual(['flowtable', 'constructor', 'conntrack']);
    expect(capture?.complete).toBe(true);
  });
});

describe('the newest section of a source', () => {
  const newestOf = (...headers: readonly string[]) => {
    const capture = readCapture(
      collectorOutput(headers.map((header, index) => [header, `text ${index}`])),
      nonce,
    );
    return capture === undefined ? undefined : newest(capture, 'meminfo')?.text;
  };

  it('is the one of the second sample, then the one without a sample, then the first', () => {
    expect(newestOf('meminfo 0 ok 100.00', 'meminfo - ok 100.00', 'meminfo 1 ok 100.00')).toBe('text 2');
    expect(newestOf('meminfo 0 ok 100.00', 'meminfo - ok 100.00')).toBe('text 1');
    expect(newestOf('meminfo 0 ok 100.00')).toBe('text 0');
  });

  it.each(['missing', 'denied', 'timeout', 'truncated'])('is not one that is %s', (status) => {
    expect(newestOf('meminfo 0 ok 100.00', `meminfo 1 ${status} 110.00`)).toBe('text 0');
    expect(newestOf(`meminfo 1 ${status} 110.00`)).toBeUndefined();
  });

  it('may be cut short where each line stands for itself, but two samples are not compared then', () => {
    const capture = readCapture(
      collectorOutput([
        ['pods 0 ok 100.00', 'namespaces=2 read=2 hidden=0'],
        ['pods 1 truncated 110.00', 'namespaces=3 read=2 hidden=0'],
      ]),
      nonce,
    );
    expect(capture && newest(capture, 'pods')?.text).toBe('namespaces=3 read=2 hidden=0');
    expect(capture && samplesOf(capture, 'pods')).toBe('pods: truncated');
    expect(capture && samplesOf(capture, 'snmp')).toBe('snmp: not in the capture');
  });
});
