import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NF_CONNTRACK_MAX_CEILING, type SizingInput, sizeRaise } from '../../../src/core/sizing.ts';

const GIB = 2 ** 30;
const base: SizingInput = {
  count: 131_070,
  max: 131_072,
  buckets: 131_072,
  isSaturated: true,
  memoryTotalBytes: 16 * GIB,
  memoryAvailableBytes: 8 * GIB,
  objectBytes: undefined,
  kernel: '6.1.0',
};

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
    const size = sizeRaise({ ...base, arrivalDemand: { perSecond: 10_000, lifetimeSeconds: 120 } });
    expect(size).toMatchObject({
      max: 4 * 131_072,
      arithmetic: expect.arrayContaining([
        'demand: about 10,000 new connections/s × 120 s = 1,200,000 entries',
      ]),
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
      memoryTotalBytes: fc.integer({ min: 2 ** 26, max: 2 ** 40 }),
      memoryAvailableBytes: fc.integer({ min: 0, max: 2 ** 40 }),
      objectBytes: fc.option(fc.integer({ min: 192, max: 640 }), { nil: undefined }),
      arrivalDemand: fc.option(
        fc.record({
          perSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
          lifetimeSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        }),
        { nil: undefined },
      ),
      kernel: fc.constantFrom(undefined, '5.4.0', '5.15.41', '6.1.0', '6.18.2'),
    });
    fc.assert(
      fc.property(numbers, (input) => {
        const size = sizeRaise(input);
        if (typeof size === 'string') return;
        expect(size.max).toBeGreaterThanOrEqual(input.max * 1.25);
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
});
