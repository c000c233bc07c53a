import { describe, expect, it } from 'vitest';
import {
  counterDeltas,
  parseProcCounters,
  parseToolCounters,
} from '../../../../src/core/parse/conntrack-counters.ts';
import { lossesOf } from '../../../../src/core/snapshot/conntrack.ts';

const header618 =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';
const zeros = (drop: string) =>
  `00001000  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ${drop} 00000000 00000000  00000000 00000000 00000000 00000000`;

describe('parseProcCounters', () => {
  it('reads hexadecimal rows by header name and gives columns the tool’s names', () => {
    const sample = parseProcCounters(`${header618}\n${zeros('000008be')}\n${zeros('00000743')}\n`);
    expect([...(sample?.rows.values() ?? [])].map((row) => row.get('drop'))).toEqual([2238n, 1859n]);
    expect(sample?.rows.get('0')?.has('clash_resolve')).toBe(true);
    expect(sample?.rows.get('0')?.has('chaintoolong')).toBe(true);
  });

  it('reads a row that the collector summed as decimal', () => {
    const row = `sum 64 ${['100', ...Array.from({ length: 9 }, () => '0'), '5000000000', ...Array.from({ length: 6 }, () => '0')].join(' ')}`;
    expect(parseProcCounters(`${header618}\n${row}`)?.rows.get('sum')?.get('drop')).toBe(5_000_000_000n);
  });

  it('gives nothing for an error message', () => {
    expect(parseProcCounters('cat: /proc/net/stat/nf_conntrack: No such file or directory')).toBeUndefined();
  });
});

describe('parseToolCounters', () => {
  it('keeps drop and early_drop apart', () => {
    const sample = parseToolCounters(
      'cpu=0   \tfound=0 invalid=1 insert_failed=2 drop=3 early_drop=4 chaintoolong=5 ',
    );
    expect(Object.fromEntries(sample?.rows.get('0') ?? [])).toEqual({
      found: 0n,
      invalid: 1n,
      insert_failed: 2n,
      drop: 3n,
      early_drop: 4n,
      chaintoolong: 5n,
    });
  });
});

describe('counterDeltas', () => {
  const sample = (drop: string) => parseProcCounters(`${header618}\n${zeros(drop)}`);

  it('counts over the wrap of a 32-bit counter', () => {
    const [before, after] = [sample('fffffff0'), sample('00000010')];
    expect(before && after && counterDeltas(before, after)).toEqual(expect.any(Map));
    const deltas = before && after ? counterDeltas(before, after) : '';
    expect(typeof deltas === 'string' ? deltas : deltas.get('drop')).toBe(32n);
  });

  it('refuses a counter that was reset', () => {
    const [before, after] = [sample('00010000'), sample('00000001')];
    expect(before && after && counterDeltas(before, after)).toBe('drop went backwards between the samples');
  });
});

describe('lossesOf', () => {
  const deltas = (values: Record<string, number>) =>
    new Map(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));

  it.each([
    {
      kernel: '6.1.0',
      columns: ['clashres', 'chainlength'],
      counters: { drop: 941, insert_failed: 641, chaintoolong: 600 },
      full: [900, 900],
      clash: [41, 41],
    },
    {
      kernel: '6.1.0',
      columns: ['clashres', 'chainlength'],
      counters: { drop: 0, insert_failed: 700, chaintoolong: 700 },
      full: [0, 0],
      clash: [0, 0],
    },
    {
      kernel: '5.4.0',
      columns: ['searched', 'ignore'],
      counters: { drop: 0, insert_failed: 500 },
      full: [0, 0],
      clash: [0, 0],
    },
    {
      kernel: '5.4.0',
      columns: ['searched', 'ignore'],
      counters: { drop: 41, insert_failed: 41 },
      full: [0, 41],
      clash: [0, 41],
    },
    {
      kernel: '3.10.0-1160.el7.x86_64',
      columns: ['searched'],
      counters: { drop: 50, insert_failed: 41 },
      full: [9, 50],
      clash: [0, 41],
    },
    {
      kernel: '3.10.108',
      columns: ['searched'],
      counters: { drop: 50, insert_failed: 41 },
      full: [50, 50],
      clash: [41, 41],
    },
    {
      kernel: '6.1.0',
      columns: ['found', 'ignore'],
      counters: { drop: 50, insert_failed: 50 },
      full: [0, 50],
      clash: [50, 50],
    },
  ])('takes $counters of $kernel apart', ({ kernel, columns, counters, full, clash }) => {
    const losses = lossesOf(deltas(counters), columns, kernel);
    expect([Number(losses.full.low), Number(losses.full.high)]).toEqual(full);
    expect([Number(losses.clash.low), Number(losses.clash.high)]).toEqual(clash);
  });
});
