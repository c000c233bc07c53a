import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitWanted } from '../../../../src/core/plan/kube-proxy.ts';
import { NF_CONNTRACK_MAX_CEILING, type SizingInput, sizeRaise } from '../../../../src/core/plan/sizing.ts';

const GIB = 2 ** 30;
const base: SizingInput = {
  count: 131_070,
  max: 131_072,
  buckets: 131_072,
  isSaturated: true,
  memoryTotalBytes: 16 * GIB,
  memoryAvailableBytes: 8 * GIB,
  objectBytes: undefined,
  kernel: '6.1.141',
};

/** What a kube-proxy of known version writes. */
function exactly(limit: number): LimitWanted {
  return { least: limit, most: limit };
}

describe('sizeRaise', () => {
  it('doubles a saturated limit, adds headroom and rounds up', () => {
    expect(sizeRaise(base)).toMatchObject({
      max: 458_752,
      buckets: 458_752,
      memoryBytes: 458_752 * 512 + 458_752 * 8,
    });
  });

  it('sizes a node of 128 GiB that outgrew a million entries', () => {
    const input = {
      ...base,
      count: 1_048_576,
      max: 1_048_576,
      buckets: 1_048_576,
      memoryTotalBytes: 128 * GIB,
      memoryAvailableBytes: 100 * GIB,
    };
    expect(sizeRaise(input)).toMatchObject({ max: 3_538_944 });
  });

  it('stops at the memory bound and says that demand may be higher', () => {
    const size = sizeRaise({
      ...base,
      count: 65_536,
      max: 65_536,
      buckets: 65_536,
      memoryTotalBytes: 2 * GIB,
      memoryAvailableBytes: 1.5 * GIB,
    });
    expect(size).toMatchObject({
      arithmetic: expect.arrayContaining([expect.stringContaining('bounded by memory')]),
    });
  });

  it('takes what arrives for demand where that is more than twice the limit, and says when the step is too small', () => {
    const size = sizeRaise({ ...base, flow: { perSecond: 10_000, lifetimeSeconds: 120 } });
    expect(size).toMatchObject({
      max: 4 * 131_072,
      arithmetic: expect.arrayContaining(['demand: 10,000 new connections/s × 120 s ≈ 1,200,000 entries']),
      warnings: [expect.stringContaining('may fill again')],
    });
  });

  it('keeps the buckets when a resize would pause a large table and chains stay short', () => {
    const size = sizeRaise({
      ...base,
      count: 500_000,
      max: 524_288,
      buckets: 524_288,
      memoryTotalBytes: 128 * GIB,
      memoryAvailableBytes: 64 * GIB,
    });
    expect(size).toMatchObject({ buckets: 524_288 });
  });

  it("gives the readable step below a bound, and the kernel's own where that would cost too much", () => {
    const small = { ...base, count: 4_096, max: 4_096, buckets: 4_096 };
    expect(sizeRaise(small)).toMatchObject({ max: 16_384 });
    const tight = { ...base, memoryTotalBytes: 2 * GIB, memoryAvailableBytes: 1.5 * GIB };
    expect(sizeRaise({ ...tight, count: 65_536, max: 65_536, buckets: 65_536 })).toMatchObject({
      max: 196_608,
    });
  });

  it('takes a known peak for demand where it is higher than what was seen', () => {
    const calm = { ...base, count: 100_000, isSaturated: false };
    expect(sizeRaise({ ...calm, peak: 200_000 })).toMatchObject({
      max: 393_216,
      arithmetic: expect.arrayContaining(['demand: the known peak of 200,000 entries']),
    });
    expect(sizeRaise({ ...calm, peak: 1_000 })).toEqual(sizeRaise(calm));
  });

  it('goes up to what kube-proxy writes when it starts, and says when a bound keeps it below', () => {
    expect(sizeRaise({ ...base, kubeProxyWants: exactly(524_288) })).toMatchObject({
      max: 524_288,
      warnings: [],
    });
    expect(sizeRaise({ ...base, kubeProxyWants: exactly(1_048_576) })).toMatchObject({
      max: 524_288,
      warnings: [expect.stringContaining('kube-proxy wants 1,048,576')],
    });
  });

  it('goes up to the most that a kube-proxy of unknown version may write, and says may', () => {
    expect(sizeRaise({ ...base, kubeProxyWants: { least: 262_144, most: 524_288 } })).toMatchObject({
      max: 524_288,
      arithmetic: expect.arrayContaining(['not below what kube-proxy may write when it starts → 524,288']),
    });
    expect(sizeRaise({ ...base, kubeProxyWants: { least: 262_144, most: 1_048_576 } })).toMatchObject({
      warnings: [expect.stringContaining('kube-proxy may want 1,048,576')],
    });
  });

  it('forecasts from what the demand rests on, so that the two never contradict each other', () => {
    const flow = { perSecond: 1_000, lifetimeSeconds: 300 };
    expect(sizeRaise({ ...base, flow })).toMatchObject({
      arithmetic: expect.arrayContaining(['demand: 1,000 new connections/s × 300 s ≈ 300,000 entries']),
      forecast: { kind: 'settles', entries: 300_000 },
    });
    expect(sizeRaise(base)).toMatchObject({ forecast: undefined });
  });

  it.each([
    ['5.15.41', 458_752],
    ['6.1.0', 458_752],
    [undefined, 458_752],
    ['6.1.141', 262_144],
    ['5.10.200', 262_144],
  ])('on kernel %s makes %i buckets for a large table', (kernel, buckets) => {
    const large = { ...base, count: 300_000, buckets: 262_144, kernel };
    expect(sizeRaise(large)).toMatchObject({ max: 458_752, buckets });
  });

  it.each([
    ['just now, and full again', 60, true, /demand is unbounded/],
    ['a while ago', 1_000, true, undefined],
    ['just now, and with room', 60, false, undefined],
  ])('after a raise %s', (_, secondsSinceRaise, isFull, why) => {
    const size = sizeRaise({
      ...base,
      secondsSinceRaise,
      isSaturated: isFull,
      count: isFull ? 131_070 : 100_000,
    });
    if (why === undefined) expect(size).toMatchObject({ max: expect.any(Number) });
    else expect(size).toMatch(why);
  });

  it.each([
    ['an unlimited table', { max: 0 }, /unlimited/],
    ['a node short of memory', { memoryAvailableBytes: GIB }, /10 %/],
    [
      'a bound that leaves too little',
      { memoryTotalBytes: GIB, memoryAvailableBytes: GIB / 2 },
      /larger node/,
    ],
  ])('declines %s', (_, change, why) => {
    expect(sizeRaise({ ...base, ...change })).toEqual(expect.stringMatching(why));
  });

  it('never lowers, never exceeds step, memory or ceiling, and keeps chains short', () => {
    const numbers = fc.record({
      count: fc.integer({ min: 0, max: 5_000_000 }),
      max: fc.integer({ min: 0, max: 5_000_000 }),
      buckets: fc.integer({ min: 1, max: 5_000_000 }),
      isSaturated: fc.boolean(),
      peak: fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
      kubeProxyWants: fc.option(fc.integer({ min: 1, max: 10_000_000 }).map(exactly), { nil: undefined }),
      memoryTotalBytes: fc.integer({ min: 2 ** 26, max: 2 ** 40 }),
      memoryAvailableBytes: fc.integer({ min: 0, max: 2 ** 40 }),
      objectBytes: fc.option(fc.integer({ min: 192, max: 640 }), { nil: undefined }),
      flow: fc.option(
        fc.record({
          perSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
          lifetimeSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        }),
        { nil: undefined },
      ),
      kernel: fc.constantFrom(undefined, '5.4.0', '5.15.41', '6.1.0', '6.1.141', '6.18.2'),
    });
    fc.assert(
      fc.property(numbers, (input) => {
        const size = sizeRaise(input);
        if (typeof size === 'string') return;
        expect(size.max).toBeGreaterThanOrEqual(input.max * 1.25);
        expect(size.max % 512 === 0 || size.max === 4 * input.max).toBe(true);
        // Below what kube-proxy wants only where a bound says so.
        const isBounded = size.arithmetic.some((line) => line.startsWith('bounded by'));
        expect(size.max >= (input.kubeProxyWants?.most ?? 0) || isBounded).toBe(true);
        expect(size.max).toBeLessThanOrEqual(Math.min(4 * input.max, NF_CONNTRACK_MAX_CEILING));
        expect(size.buckets).toBeGreaterThanOrEqual(input.buckets);
        expect(size.buckets * 4).toBeGreaterThanOrEqual(size.max);
        expect(size.memoryBytes).toBeLessThanOrEqual(
          Math.min(input.memoryTotalBytes * 0.05, input.memoryAvailableBytes * 0.5) +
            Math.max(0, input.buckets - size.max) * 8 +
            1,
        );
      }),
    );
  });

  it('gives up a tenth of a bound at most to be readable', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 2_000_000 }),
        fc.integer({ min: 28, max: 40 }),
        (max, power) => {
          const memory = { memoryTotalBytes: 2 ** power, memoryAvailableBytes: 2 ** power };
          const size = sizeRaise({ ...base, ...memory, count: max, max, buckets: max, peak: 100_000_000 });
          if (typeof size === 'string') return;
          const bound = Math.min(4 * max, (2 ** power * 0.05) / 520, NF_CONNTRACK_MAX_CEILING);
          expect(size.max).toBeLessThanOrEqual(bound);
          expect(size.max).toBeGreaterThanOrEqual(Math.min(bound * 0.9, bound - 512));
        },
      ),
    );
  });

  it('never gets smaller by more memory, more demand or a higher wish of kube-proxy', () => {
    const maxOf = (change: Partial<SizingInput>) => {
      const size = sizeRaise({ ...base, ...change });
      return typeof size === 'string' ? base.max : size.max;
    };
    const grown = fc.tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }));
    fc.assert(
      fc.property(grown, grown, ([peak, more], [wants, wantsMore]) => {
        expect(maxOf({ peak: peak + more, kubeProxyWants: exactly(wants) })).toBeGreaterThanOrEqual(
          maxOf({ peak, kubeProxyWants: exactly(wants) }),
        );
        expect(maxOf({ peak, kubeProxyWants: exactly(wants + wantsMore) })).toBeGreaterThanOrEqual(
          maxOf({ peak, kubeProxyWants: exactly(wants) }),
        );
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 64 }), fc.nat({ max: 64 }), (gib, more) => {
        const of = (total: number) =>
          maxOf({ memoryTotalBytes: total * GIB, memoryAvailableBytes: total * GIB });
        expect(of(1 + gib + more)).toBeGreaterThanOrEqual(of(1 + gib));
      }),
    );
  });
});
