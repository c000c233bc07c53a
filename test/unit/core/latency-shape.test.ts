import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeShape } from '../../../src/core/latency-shape.ts';
import type { Distribution } from '../../../src/core/record/latency/shape.ts';
import { CALM_LATENCIES } from '../support/latencies.ts';

/** Counts a sample as CloudWatch does: percentiles, and the shares within the bounds that are asked for. */
function distributionOf(seconds: readonly number[]): Distribution {
  const sorted = seconds.toSorted((a, b) => a - b);
  const percentile = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
  const within = (low: number, high: number) =>
    sorted.filter((one) => one > low && one <= high).length / sorted.length;
  return {
    count: sorted.length,
    p10: percentile(0.1),
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    at1: within(0.95, 1.5),
    at3: within(2.95, 3.5),
    at7: within(6.95, 7.5),
    between: within(1.5, 2.95),
  };
}

/** Latencies of a service, of which this share waits for SYNs that are lost with this likelihood. */
const sample = fc.record({
  base: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
  seed: fc.integer({ min: 1, max: 1e9 }),
});

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Base latencies with some spread. */
function served(base: number, seed: number, count = 4000): readonly number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => base * (0.6 + 0.8 * random()));
}

function withLostSyns(latencies: readonly number[], loss: number, seed: number): readonly number[] {
  const random = randomFrom(seed + 7);
  return latencies.map((one) => {
    let wait = 0;
    for (let pause = 1; pause <= 4 && random() < loss; pause *= 2) wait += pause;
    return one + wait;
  });
}

describe('the shape of latency', () => {
  it('fits lost SYNs where requests stand at 1, 3 and 7 s and the median is where it was', () => {
    const now = { ...CALM_LATENCIES, p99: 1.02, at1: 0.031, at3: 0.008, at7: 0.0001 };
    expect(judgeShape({ now, before: CALM_LATENCIES })).toEqual({
      fit: 'fits',
      says: 'SYN retransmission fits the latency’s shape: 3.1 % at 1 s, 0.8 % at 3 s of requests, median unmoved, 20 ms.',
    });
  });

  it('does not fit where everything got slow', () => {
    const now = { ...CALM_LATENCIES, p10: 0.6, p50: 0.9, p90: 1.6, p99: 2.4, at1: 0.3, between: 0.2 };
    expect(judgeShape({ now, before: CALM_LATENCIES })).toEqual({
      fit: 'does-not-fit',
      says: 'SYN retransmission does not fit the latency’s shape: the whole distribution moved (median 20 ms → 900 ms).',
    });
  });

  it('does not fit where nobody waits for a second', () => {
    expect(judgeShape({ now: { ...CALM_LATENCIES, p99: 0.4 }, before: CALM_LATENCIES })).toMatchObject({
      fit: 'does-not-fit',
      says: expect.stringContaining('99 % of requests took less than 400 ms'),
    });
  });

  it('does not fit a tail without steps', () => {
    const now = { ...CALM_LATENCIES, p99: 2.6, at1: 0.004, between: 0.02 };
    expect(judgeShape({ now, before: CALM_LATENCIES }).fit).toBe('does-not-fit');
  });

  it('fits nothing where all wait and nobody knows what was before', () => {
    const now = { ...CALM_LATENCIES, p10: 0.9, p50: 1.1, p90: 1.3, p99: 1.4, at1: 0.85 };
    expect(judgeShape({ now }).fit).toBe('unclear');
    expect(judgeShape({ now: { ...CALM_LATENCIES, p99: 1.02, at1: 0.03 } }).fit).toBe('fits');
  });

  it('says nothing of few requests, and counts what stood at the steps before as nothing new', () => {
    expect(judgeShape({ now: { ...CALM_LATENCIES, count: 40, at1: 0.2 } }).fit).toBe('unclear');
    const slow = { ...CALM_LATENCIES, p99: 1.2, at1: 0.03 };
    expect(judgeShape({ now: slow, before: slow }).fit).toBe('unclear');
  });

  it('fits whatever share of SYNs is lost, also where more than half of them are', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0.02, max: 0.7, noNaN: true }), ({ base, seed }, loss) => {
        const before = served(base, seed);
        const now = withLostSyns(served(base, seed + 1), loss, seed);
        const { fit } = judgeShape({ now: distributionOf(now), before: distributionOf(before) });
        expect(fit).toBe('fits');
      }),
      { numRuns: 60 },
    );
  });

  it('never fits a service that got slower as a whole, or has a tail as slow applications have', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 3, max: 60, noNaN: true }), ({ base, seed }, times) => {
        const before = distributionOf(served(base, seed));
        const all = distributionOf(served(base, seed + 1).map((one) => (one + 0.03) * times));
        expect(judgeShape({ now: all, before }).fit).not.toBe('fits');
        const random = randomFrom(seed);
        const tail = served(base, seed + 2).map((one) => (random() < 0.05 ? one + 6 * random() : one));
        expect(judgeShape({ now: distributionOf(tail), before }).fit).not.toBe('fits');
      }),
      { numRuns: 60 },
    );
  });

  it('says one sentence of any numbers', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    const any = fc.record({
      count: fc.double({ min: 0, max: 1e12, noNaN: true }),
      p10: seconds,
      p50: seconds,
      p90: seconds,
      p99: seconds,
      at1: share,
      at3: share,
      at7: share,
      between: share,
    });
    fc.assert(
      fc.property(any, fc.option(any, { nil: undefined }), (now, before) => {
        const { says } = judgeShape({ now, before });
        expect(says).toMatch(/^[A-Z][^\n]{20,220}\.$/);
        expect(says).not.toMatch(/NaN|undefined|Infinity/);
      }),
    );
  });
});
