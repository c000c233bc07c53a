import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { DynamoSweepState } from '../../../../src/adapters/dynamo/sweep-state.ts';
import type { StoredSweep } from '../../../../src/core/sweep/found.ts';
import { instanceId } from '../../support/diagnoses.ts';
import { startTable, TABLE } from '../support.ts';

let table: Awaited<ReturnType<typeof startTable>> | undefined;
let state: DynamoSweepState;

beforeEach(async () => {
  await table?.close();
  table = await startTable();
  state = new DynamoSweepState(table.client, TABLE);
});
afterAll(() => table?.close());

const NOW = Date.UTC(2026, 10, 20);
const round = { nonce: 'k3v9x0q2m7b1c5d8', startedAt: NOW, commands: ['c-1'] };

describe('the right to sweep', () => {
  test('is had by one of many at once, and by the next once it is given up', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => state.take(`h-${index}`, NOW)));
    const holder = `h-${all.findIndex((one) => one !== 'busy')}`;
    expect(all.filter((one) => one !== 'busy')).toEqual([{}]);
    await state.release('somebody else', undefined);
    expect(await state.take('later', NOW + 1_000)).toBe('busy');
    await state.release(holder, undefined);
    expect(await state.take('later', NOW + 1_000)).toEqual({});
  });

  test('is taken over, with the round, from one that gives no sign of life, and not before', async () => {
    await state.take('dead', NOW);
    expect(await state.note('dead', round, NOW + 30_000)).toBe(true);
    expect(await state.take('next', NOW + 61_000)).toBe('busy');
    const takers = await Promise.all(['a', 'b', 'c'].map((holder) => state.take(holder, NOW + 91_000)));
    expect(takers.filter((one) => one !== 'busy')).toEqual([{ unfinished: round }]);
    // Whoever lives after all learns that it has lost it.
    expect(await state.note('dead', round, NOW + 92_000)).toBe(false);
  });

  test('is had again by whoever asks twice, because the answer was lost', async () => {
    await state.take('one', NOW);
    expect(await state.take('one', NOW + 1_000)).toEqual({});
  });

  test('leaves a round for the next where it was not done', async () => {
    await state.take('one', NOW);
    await state.release('one', round);
    expect(await state.take('two', NOW + 1_000)).toEqual({ unfinished: round });
  });
});

describe('what a sweep leaves', () => {
  const reportOf = (nodes: number): StoredSweep => ({
    schema: 'medic.sweep/1',
    startedAt: NOW,
    groups: [],
    report: {
      schema: 'medic.fleet/1',
      at: new Date(NOW).toISOString(),
      counts: { full: 0, fills: 0, unknown: 0, calm: nodes, unlimited: 0 },
      nodes: Array.from({ length: nodes }, (_, index) => ({
        instanceId: instanceId(index),
        state: 'calm',
        gaps: {},
        // Words that pack as badly as text can.
        why: Array.from({ length: 6 }, (_word, word) =>
          ((index * 7_919 + word * 104_729) ** 2).toString(36),
        ).join(' '),
      })),
    },
  });

  test.each([0, 1, 20_000])('is read back as it was, of %d nodes', async (nodes) => {
    expect(await state.report()).toBeUndefined();
    await state.keepReport(reportOf(nodes));
    expect(await state.report()).toEqual(reportOf(nodes));
    await state.keepReport(reportOf(2));
    expect(await state.report()).toEqual(reportOf(2));
  });

  test('keeps the warnings that there are', async () => {
    expect(await state.warnings()).toEqual({});
    const warnings = { [instanceId(1)]: { isWarned: true, since: NOW, why: 'full' } };
    await state.keepWarnings(warnings);
    expect(await state.warnings()).toEqual(warnings);
  });
});
