import {
  assert as assertProperty,
  constantFrom,
  integer,
  option,
  property,
  record,
  uniqueArray,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import {
  addReading,
  HOUR,
  hourOf,
  KEPT_HOURS,
  MOST_READINGS,
  readingsOf,
  SeriesHour,
  seriesOf,
} from '../../../../src/core/fleet/series.ts';
import { NODE, readingAt, START } from './support.ts';

const MINUTE = 60_000;

/** The hour that holds these, added in this order. */
function hourWith(...readings: readonly ProbeReading[]): SeriesHour {
  let hour: SeriesHour | undefined;
  for (const reading of readings) {
    const added = addReading(NODE, hour, reading, START + 24 * HOUR);
    if (!added.isAdded) throw new Error(added.why);
    hour = added.hour;
  }
  if (hour === undefined) throw new Error('no readings');
  return SeriesHour.parse(hour);
}

const readings = uniqueArray(
  record({
    at: integer({ min: START, max: START + HOUR - 1 }),
    count: option(integer({ min: 0, max: 262_144 })),
    drops: option(integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    why: constantFrom('denied' as const, 'cut' as const, 'impossible' as const),
  }),
  { selector: ({ at }) => at, minLength: 1, maxLength: MOST_READINGS },
);

describe('an hour of a node', () => {
  it('reads back what was put in, in the order of time, whatever the order in which it came', () => {
    assertProperty(
      property(readings, (made) => {
        const put = made.map(({ at, count, drops, why }) =>
          readingAt(at, {
            ...(count === null ? {} : { count }),
            ...(drops === null ? {} : { drops }),
            gaps: { ...(count === null ? { count: why } : {}), ...(drops === null ? { drops: why } : {}) },
          }),
        );
        expect(readingsOf(hourWith(...put))).toEqual([...put].sort((a, b) => a.at - b.at));
      }),
    );
  });

  it('is written once for the same answer delivered twice, and never overwritten', () => {
    const hour = hourWith(readingAt(START, { count: 500 }));
    expect(addReading(NODE, hour, readingAt(START, { count: 9 }), START)).toEqual({
      isAdded: false,
      why: 'there is one of this moment',
    });
  });

  it('has a place for what comes late, and none for what is too old or from the future', () => {
    const now = START + 24 * HOUR;
    const late = addReading(
      NODE,
      hourWith(readingAt(START + 10 * MINUTE)),
      readingAt(START + 5 * MINUTE),
      now,
    );
    expect(late.isAdded && readingsOf(late.hour).map(({ at }) => at - START)).toEqual([
      5 * MINUTE,
      10 * MINUTE,
    ]);
    const tooOld = readingAt(now - KEPT_HOURS * HOUR);
    expect(addReading(NODE, undefined, tooOld, now)).toMatchObject({ why: 'it is older than what is kept' });
    expect(addReading(NODE, undefined, readingAt(now + HOUR), now)).toMatchObject({
      why: 'it is from the future',
    });
  });

  it('takes no reading of another node or hour', () => {
    const hour = hourWith(readingAt(START));
    const refused = { isAdded: false, why: 'it belongs to another hour or node' };
    expect(addReading('i-0fffffffffffffff0', hour, readingAt(START + 1), START + HOUR)).toEqual(refused);
    expect(addReading(NODE, hour, readingAt(START + HOUR), START + HOUR)).toEqual(refused);
  });

  it('stays small however often a node is asked', () => {
    let hour: SeriesHour | undefined;
    for (let second = 0; second < 3_600; second += 20) {
      const added = addReading(NODE, hour, readingAt(START + second * 1_000), START + HOUR);
      if (added.isAdded) hour = added.hour;
    }
    expect(hour && readingsOf(hour)).toHaveLength(MOST_READINGS);
  });

  it('keeps 5,000 nodes for 15 days within 2 GB, each value at its widest and every counter moving', () => {
    const wide = Array.from({ length: 12 }, (_, index) =>
      readingAt(START + index * 5 * MINUTE + 4_321, {
        count: 1_048_576 - index * 4_096,
        max: 1_048_576,
        drops: 4_000_000_000 + index * 77_777,
        insertFailed: 4_000_000_000 + index * 777,
        earlyDrops: 4_000_000_000 + index * 7_777,
        enaExceeded: 3_000_000_000 + index * 99,
        enaAvailable: 400_000 - index * 991,
        neighbours: 800 + index,
      }),
    );
    // DynamoDB adds 100 bytes to each item that it stores (developer guide, "Storage").
    const bytes = JSON.stringify(hourWith(...wide)).length + 100;
    expect(bytes * KEPT_HOURS * 5_000).toBeLessThan(2 * 1024 ** 3);
  });

  it('loses what somebody changed or cut, and nothing else', () => {
    const hour = hourWith(readingAt(START, { count: 7 }), readingAt(START + MINUTE, { count: 8 }));
    const broken = { ...hour, columns: { ...hour.columns, count: '7,+%', drops: '', max: 'zzzzzzzzzzzzz' } };
    const [first, second] = readingsOf(broken);
    expect(first).toMatchObject({ count: 7, buckets: 32_768 });
    expect(first?.gaps).toEqual({ drops: 'unreadable', max: 'unreadable' });
    expect(second?.gaps).toEqual({ count: 'unreadable', drops: 'unreadable', max: 'unreadable' });
    expect(readingsOf({ ...hour, at: '-5,zzzzzzzz' })).toEqual([]);
    expect(readingsOf({ ...hour, columns: { ...hour.columns, count: '7' } })[1]?.gaps).toEqual({
      count: 'unreadable',
    });
  });
});

describe('the series of a node', () => {
  it('is its hours in order, each once, and no other node', () => {
    const [early, late] = [hourWith(readingAt(START)), hourWith(readingAt(START + 2 * HOUR))];
    const other = { ...early, instanceId: 'i-0fffffffffffffff0' };
    const series = seriesOf(NODE, [late, other, early, { ...late, at: 'zz' }]);
    expect(series.map(({ at }) => hourOf(at) - hourOf(START))).toEqual([0, 2]);
    expect(seriesOf(NODE, [])).toEqual([]);
  });
});
