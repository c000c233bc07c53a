import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DynamoSeries, itemOf } from '../../../../src/adapters/dynamo/series.ts';
import { addReading, HOUR, hourOf, KEPT_HOURS, type SeriesHour } from '../../../../src/core/fleet/series.ts';
import { readingAt, START } from '../../core/fleet/support.ts';
import { instanceId } from '../../support/diagnoses.ts';
import { startTable, TABLE } from '../support.ts';

const MINUTE = 60_000;

let table: Awaited<ReturnType<typeof startTable>>;
let series: DynamoSeries;
let node = '';
let count = 0;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  series = new DynamoSeries(table.client, TABLE);
  count += 1;
  node = instanceId(count);
});

const at = (minutes: number) => readingAt(START + minutes * MINUTE, { count: 40_000 + minutes });

describe('the readings of a node', () => {
  test('come back in the order of time, over the hours that are asked for', async () => {
    for (const minutes of [0, 5, 58, 61, 130])
      await series.keep(node, at(minutes), START + minutes * MINUTE + 1);
    const now = START + 131 * MINUTE;
    expect(await series.read(node, 15 * 24, now)).toEqual([0, 5, 58, 61, 130].map(at));
    expect(await series.read(node, 2, now)).toEqual([61, 130].map(at));
    expect(await series.read(instanceId(99), 2, now)).toEqual([]);
  });

  test('are those of the last two hours with the one that was put there', async () => {
    await series.keep(node, at(10), START + 10 * MINUTE);
    expect(await series.keep(node, at(65), START + 65 * MINUTE)).toEqual([10, 65].map(at));
  });

  test('all stand there when many are put into one hour at the same time, and each once', async () => {
    const minutes = [0, 5, 10, 15];
    const now = START + 20 * MINUTE;
    const puts = [...minutes, ...minutes].map((one) => series.keep(node, at(one), now));
    const done = await Promise.allSettled(puts);
    expect(done.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await series.read(node, 2, now)).toEqual(minutes.map(at));
  });

  test('leave out what is from the future or older than what is kept', async () => {
    expect(await series.keep(node, at(120), START)).toEqual([]);
    expect(await series.keep(node, readingAt(START - 16 * 24 * HOUR), START)).toEqual([]);
  });

  test('end by themselves once the same hour of two weeks ago has passed, with a day to spare', () => {
    const added = addReading(node, undefined, at(0), START);
    if (!added.isAdded) throw new Error(added.why);
    expect(itemOf(added.hour).deleteAt * 1_000).toBe((hourOf(START) + 1 + KEPT_HOURS) * HOUR);
  });

  test('take less than 2 GB for 5,000 nodes and 15 days, as DynamoDB counts bytes', () => {
    const bytes = [1, 2, 3].map((seed) => itemBytes(busyHour(seed)));
    const largest = Math.max(...bytes);
    const whole = largest * 5_000 * KEPT_HOURS;
    expect({ largest, whole: whole < 2e9 }).toEqual({ largest, whole: true });
  });
});

/** An hour in which nearly every number moves at each reading. */
function busyHour(seed: number): SeriesHour {
  let hour: SeriesHour | undefined;
  for (let index = 0; index < 12; index++) {
    const moved = (index * 7_919 * seed) % 9_973;
    const reading = readingAt(START + index * 5 * MINUTE + moved, {
      count: 90_000 + moved,
      drops: 1_000_000 + moved * index,
      insertFailed: 50_000 + moved * index,
      earlyDrops: 70_000 + index * 31,
      chainTooLong: 3_000 + index,
      enaAvailable: 400_000 - moved,
      neighbours: 300 + (moved % 40),
    });
    const added = addReading(instanceId(seed), hour, reading, reading.at);
    if (!added.isAdded) throw new Error(added.why);
    hour = added.hour;
  }
  if (hour === undefined) throw new Error('no hour');
  return hour;
}

/** Names and values in UTF-8, numbers at half a byte a digit, 3 bytes for a map and 1 for each of its values, 100 for the item. */
function itemBytes(hour: SeriesHour): number {
  const sizeOf = (value: unknown): number => {
    const [[kind, content] = []] = Object.entries(value as Record<string, unknown>);
    if (kind === 'N') return Math.ceil(String(content).length / 2) + 1;
    if (kind !== 'M') return Buffer.byteLength(String(content));
    return Object.entries(content as object).reduce(
      (sum, [name, one]) => sum + name.length + 1 + sizeOf(one),
      3,
    );
  };
  return Object.entries(marshall(itemOf(hour))).reduce(
    (sum, [name, value]) => sum + name.length + sizeOf(value),
    100,
  );
}
