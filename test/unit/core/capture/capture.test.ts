import { describe, expect, it } from 'vitest';
import { readCapture, sectionOf } from '../../../../src/core/capture/capture.ts';
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
});
