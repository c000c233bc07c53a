import { describe, expect, it } from 'vitest';
import { lossRates } from '../../../../src/core/fleet/rates.ts';
import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { readingAt, START } from './support.ts';

const NO_CHAINS = { gaps: { chainTooLong: 'not-sampled', bootId: 'not-sampled' } } as const;

/** Two readings, a hundred seconds apart. */
const between = (before: Partial<ProbeReading>, now: Partial<ProbeReading>) =>
  lossRates([readingAt(START, before), readingAt(START + 100_000, now)]);

describe('what a node loses a second', () => {
  it('is what found the table full without the clashes, and what could not be inserted', () => {
    const lost = between({}, { drops: 900, insertFailed: 300, chainTooLong: 100, enaExceeded: 50 });
    expect(lost).toEqual({ fullDrops: 7, insertFailed: 3, enaExceeded: 0.5 });
  });

  it('is nothing that two readings of different boots, or counters that were begun anew, would make up', () => {
    expect(between({}, { drops: 900, bootId: '6f1c2d3e-0000-4000-8000-000000000002' })).toEqual({});
    expect(between(NO_CHAINS, { ...NO_CHAINS, drops: 900, bootedAt: START / 1_000 })).toEqual({});
    expect(between({ drops: 900 }, { drops: 7 })).toEqual({ insertFailed: 0, enaExceeded: 0 });
  });

  it('is never told to be none of a full table where drops may have been for it', () => {
    expect(between(NO_CHAINS, { ...NO_CHAINS, drops: 0, insertFailed: 30 })).toMatchObject({ fullDrops: 0 });
    expect(between(NO_CHAINS, { ...NO_CHAINS, drops: 900, insertFailed: 300 })).toMatchObject({
      fullDrops: 6,
    });
    const unclear = between(NO_CHAINS, { ...NO_CHAINS, drops: 200, insertFailed: 300 });
    expect(unclear).toEqual({ insertFailed: 3, enaExceeded: 0 });
  });

  it('counts no long chains on a kernel that has no counter of them', () => {
    const old = { gaps: { chainTooLong: 'missing' } } as const;
    expect(between(old, { ...old, drops: 200, insertFailed: 200 })).toMatchObject({ fullDrops: 0 });
  });
});
