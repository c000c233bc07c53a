import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandwidthOf } from '../../../src/core/bandwidth.ts';
import type { Traffic } from '../../../src/core/record/collection.ts';
import type { Bandwidth } from '../../../src/core/record/incident.ts';

const M5: Bandwidth = { baselineGbps: 5, burstGbps: 10, from: 'ec2' };
const CALM: Traffic = {
  receivedBits: 1.2e9,
  sentBits: 0.9e9,
  receivedPackets: 48_000,
  allowances: { bw_in: 0, bw_out: 0, pps: 0, conntrack: 0, linklocal: 0 },
  queueDrops: 0,
};
const ABSENT = { state: 'absent' } as const;
const lineOf = (traffic: Traffic | undefined, bandwidth?: Bandwidth, judged = ABSENT) =>
  bandwidthOf(traffic, bandwidth, judged)?.line;

describe('what is said of bandwidth', () => {
  it('rules it out with the rate, what the type may carry, and what EC2 and the queues counted', () => {
    expect(lineOf(CALM, M5)).toBe(
      'Bandwidth: IPv4 at most 1.2 of 5 Gbit/s baseline, 10 Gbit/s burst, 48,000 packets/s in, 0 allowance drops, 0 queue drops: not it',
    );
  });

  it('takes the busier direction, and other units where the rate is small', () => {
    expect(lineOf({ ...CALM, receivedBits: 2e6, sentBits: 31e6 }, { ...M5, burstGbps: 5 })).toMatch(
      /^Bandwidth: IPv4 at most 31 Mbit\/s of 5 Gbit\/s baseline, 48,000 packets\/s in/,
    );
  });

  it('says both directions where nobody knows what the node may carry', () => {
    expect(lineOf({ receivedBits: 2e6, sentBits: 31e6 })).toBe(
      'Bandwidth: IPv4 at most 2 Mbit/s in, 31 Mbit/s out',
    );
  });

  it('names the limits that dropped', () => {
    const traffic = { ...CALM, allowances: { bw_in: 4, bw_out: 0, conntrack: 1200, linklocal: 9 } };
    expect(lineOf(traffic, M5)).toContain('allowance drops: bw_in 4, conntrack 1,200, 0 queue drops: not it');
    expect(bandwidthOf(traffic, M5, { state: 'present' })?.line).toMatch(/: this is it$/);
  });

  it('leaves it open where what decides was not read', () => {
    const { allowances: _, ...uncounted } = CALM;
    expect(bandwidthOf(CALM, M5, { state: 'unknown' })?.verdict).toBe('open');
    expect(bandwidthOf(uncounted, M5, { state: 'unknown' })?.verdict).toBe('open');
    expect(bandwidthOf(uncounted, undefined, ABSENT)?.verdict).toBe('open');
  });

  it('goes by the rate and the queues where no limits are counted, and only far below the baseline', () => {
    const { allowances: _, ...uncounted } = CALM;
    expect(bandwidthOf(uncounted, M5, ABSENT)).toMatchObject({
      verdict: 'not-it',
      line: expect.stringMatching(/0 queue drops: not it, unless IPv6 carries more$/),
    });
    expect(bandwidthOf({ ...uncounted, sentBits: 2.6e9 }, M5, ABSENT)?.verdict).toBe('open');
    expect(bandwidthOf({ ...uncounted, queueDrops: 1 }, M5, ABSENT)?.verdict).toBe('open');
  });

  it('says nothing where no rate was read', () => {
    expect(lineOf(undefined, M5)).toBeUndefined();
    expect(lineOf({ allowances: { bw_in: 0 }, queueDrops: 0 }, M5)).toBeUndefined();
  });

  it('never prints a number that was not read', () => {
    const rate = fc.double({ min: 0, max: 4e11, noNaN: true });
    const count = fc.nat({ max: 1_000_000 });
    const traffic = fc.record(
      {
        receivedBits: rate,
        sentBits: rate,
        receivedPackets: rate,
        allowances: fc.record({ bw_in: count, pps: count }, { requiredKeys: [] }),
        queueDrops: count,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(traffic, fc.constantFrom('absent', 'present', 'unknown'), (given, state) => {
        const { line, verdict } = bandwidthOf(given, undefined, { state }) ?? {};
        if (line === undefined) {
          expect(given.receivedBits).toBeUndefined();
          return;
        }
        const said = [
          line.includes(' out') === (given.sentBits !== undefined),
          /packets?\/s in/.test(line) === (given.receivedPackets !== undefined),
          line.includes('queue drop') === (given.queueDrops !== undefined),
          line.includes('allowance drops') === Object.keys(given.allowances ?? {}).length > 0,
          (verdict === 'it') === (state === 'present'),
        ];
        expect(said).toEqual(said.map(() => true));
        expect(line).not.toMatch(/NaN|undefined|Infinity/);
      }),
    );
  });
});
