import { expect, it } from 'vitest';
import { secondsToNextTry } from '../../../lambdas/incident/retries.ts';
import { LookupFailedError } from '../../../src/adapters/errors.ts';
import { RecordRefusedError, RecordUnavailableError } from '../../../src/core/errors.ts';

function pausesOf(error: Error): number[] {
  const pauses: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const seconds = secondsToNextTry(error, attempt);
    if (seconds === undefined) return pauses;
    pauses.push(seconds);
  }
}
const total = (pauses: readonly number[]) => pauses.reduce((sum, seconds) => sum + seconds, 0);

it('waits for the table for more than ten minutes, with pauses that grow and end', () => {
  const pauses = pausesOf(new RecordUnavailableError('away'));
  expect(total(pauses)).toBeGreaterThan(600);
  expect(total(pauses)).toBeLessThan(1800);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  // Each try is kept in the history of the execution, which has an end.
  expect(pauses.length).toBeLessThan(30);
});

it('looks nodes up again for longer than a minute, because a service may be away for one', () => {
  const pauses = pausesOf(new LookupFailedError('away'));
  expect(total(pauses)).toBeGreaterThan(60);
  expect(total(pauses)).toBeLessThan(180);
});

it('gives up on anything else within a minute, and at once where trying again can not help', () => {
  expect(total(pausesOf(new Error('socket hang up')))).toBeLessThan(60);
  expect(pausesOf(new RecordRefusedError('no'))).toEqual([]);
});
