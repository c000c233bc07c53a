import { assert as assertProperty, constant, double, oneof, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { type SampledNode, sightOfSamples } from '../../../../src/core/fleet/sampled.ts';
import { START } from './support.ts';

const MINUTE = 60_000;
const numbers = { count: 41_250, max: 131_072, drops: 17, bootedAt: START / 1_000 };
const sight = (sampled: Partial<SampledNode>) => sightOfSamples({ at: START, numbers, ...sampled }, START);

describe('samples of series that others keep', () => {
  it('become a reading, in which whatever no series tells is a gap and never zero', () => {
    const { reading, unseen } = sight({ kernel: '6.1.141-155.222.amzn2023.x86_64' });
    expect(unseen).toBeUndefined();
    expect(reading).toMatchObject({ at: START, ...numbers, kernel: '6.1.141-155.222.amzn2023.x86_64' });
    for (const field of [
      'buckets',
      'chainTooLong',
      'insertFailed',
      'kubeProxyMin',
      'bootId',
      'drift',
    ] as const) {
      expect(reading).not.toHaveProperty(field);
      expect(reading?.gaps).toMatchObject({ [field]: 'not-sampled' });
    }
  });

  it('are no sight of the node when they are old, and not when they are from the future', () => {
    expect(sight({ at: START - 9 * MINUTE })).toHaveProperty('reading');
    expect(sight({ at: START + MINUTE / 2 })).toHaveProperty('reading');
    for (const at of [START - 11 * MINUTE, START + 2 * MINUTE, Number.NaN, Number.POSITIVE_INFINITY, 0.5])
      expect({ at, ...sight({ at }) }).toEqual({ at, unseen: 'no-series' });
  });

  it('have no value where it is none of its kind, or no table has it', () => {
    const gapsOf = (said: SampledNode['numbers']) =>
      sight({ numbers: { ...numbers, ...said } }).reading?.gaps;
    for (const count of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 60])
      expect({ count, gaps: gapsOf({ count }) }).toMatchObject({ gaps: { count: 'unreadable' } });
    expect(gapsOf({ count: -1 })).toMatchObject({ count: 'impossible' });
    expect(gapsOf({ count: 4_000_000_000 })).toMatchObject({ count: 'impossible', max: 'impossible' });
    expect(sight({ kernel: '6.1\u001b[2J' }).reading?.gaps).toMatchObject({ kernel: 'unreadable' });
  });

  it('make a whole reading or none, whatever they hold', () => {
    const value = oneof(double(), constant(0), constant(Number.MAX_SAFE_INTEGER));
    assertProperty(
      property(
        record({ count: value, max: value, drops: value, bootedAt: value }),
        string(),
        (said, kernel) => {
          const { reading } = sight({ numbers: said, kernel });
          expect(ProbeReading.safeParse(reading).success).toBe(true);
        },
      ),
    );
  });
});
