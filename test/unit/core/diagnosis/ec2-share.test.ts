import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { allowances, type BuiltNode, nodeOutput } from '../../support/node-output.ts';

const judge = (node: BuiltNode) => {
  const capture = readCapture(nodeOutput(node));
  if (capture === undefined) throw new Error('the built output is no capture');
  return diagnose(snapshotOf(capture), catalogue, 'i-1').diagnosis;
};

type Exceeded = Partial<Record<'conntrack' | 'linklocal' | 'pps' | 'bw_in', number>>;

/** A node whose table is full and drops, next to EC2's drops, in a window of 10 s. */
const full = (drop: number, exceeded: Exceeded): BuiltNode => ({
  count: 131_072,
  counters: { drop },
  sections: { 'ethtool 1': allowances(exceeded) },
});

describe('a full table next to EC2 limits that were met', () => {
  it.each([
    ['EC2 dropped ten times as much and more', full(99, { conntrack: 900 }), 'ena-conntrack-allowance'],
    ['the table has a tenth of the drops', full(100, { conntrack: 900 }), 'table-full'],
    ['EC2 dropped a few', full(900, { conntrack: 3 }), 'table-full'],
    ['bandwidth dropped nearly everything', full(50, { bw_in: 9_000 }), 'ena-throughput-allowance'],
    ['two limits were met', full(50, { linklocal: 700, conntrack: 600 }), 'ena-link-local-allowance'],
  ])('is led by the greater loss: %s', (_, node, verdict) => {
    const diagnosis = judge(node);
    expect(diagnosis.verdict).toBe(verdict);
    expect([diagnosis.verdict, ...diagnosis.contributing]).toContain('table-full');
    expect(diagnosis.offer.raise).toBe(false);
  });

  it('is led by long hash chains that drop more than EC2 does', () => {
    const chains = (chainlength: number) => ({
      counters: { insert_failed: chainlength, chainlength },
      sections: { 'ethtool 1': allowances({ conntrack: 90 }) },
    });
    expect(judge(chains(5_000)).verdict).toBe('hash-chains-long');
    expect(judge(chains(9)).verdict).toBe('ena-conntrack-allowance');
  });

  it('leaves the raise where a few packets to the resolver were dropped as well', () => {
    expect(judge(full(900, { linklocal: 3 }))).toMatchObject({
      verdict: 'table-full',
      contributing: ['ena-link-local-allowance'],
      offer: { raise: true },
    });
    // A rate that users of DNS notice, and a share that explains a part of the outage, take it away.
    expect(judge(full(9_000, { linklocal: 17 })).offer.raise).toBe(false);
    expect(judge(full(100, { linklocal: 12 })).offer.raise).toBe(false);
  });

  it('never gets a raise with a tracked connection refused, nor with a tenth of the drops at EC2', () => {
    const count = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 100_000 }));
    const exceeded = fc.record({ conntrack: count, linklocal: count, pps: count, bw_in: count });
    fc.assert(
      fc.property(count, exceeded, (drop, limits) => {
        const { verdict, offer, findings } = judge(full(drop, limits));
        const isMet = findings.some(({ mode, state }) => mode.startsWith('ena-') && state === 'present');
        const outside = limits.conntrack + limits.linklocal + limits.pps + limits.bw_in;
        const isCause = isMet && (limits.conntrack > 0 || outside * 10 >= outside + drop);
        expect({
          drop,
          limits,
          verdict,
          raise: offer.raise && (isCause || verdict.startsWith('ena-')),
        }).toEqual({
          drop,
          limits,
          verdict,
          raise: false,
        });
      }),
      { numRuns: 300 },
    );
  });
});
