import { describe, expect, test } from 'vitest';
import { behind, isDue, isOwed, notShown, shownAs } from '../../../../src/core/incident/shown/card-view.ts';
import type { CardView } from '../../../../src/core/record/card-view.ts';

const NOW = 1_795_442_521_000;
const MINUTE = 60_000;
const OPEN = { state: 'awaiting-approval', openedAt: new Date(0).toISOString() } as const;
const ENDED = { state: 'resolved', openedAt: new Date(0).toISOString() } as const;

/** Fails whenever it is due, looked at once a minute, and tells when that was. */
function failing(minutes: number): number[] {
  let view: CardView = behind(undefined, NOW);
  const tries: number[] = [];
  for (let minute = 0; minute <= minutes; minute++) {
    const now = NOW + minute * MINUTE;
    if (!isDue(ENDED, view, now)) continue;
    tries.push(minute);
    view = notShown(view, now, 0);
  }
  return tries;
}

describe('a card that Slack does not take', () => {
  test('is left to whoever changed the record for some seconds, and tried at once where that has failed', () => {
    const view = behind(undefined, NOW);
    expect(isDue(OPEN, view, NOW + 2000)).toBe(false);
    expect(isDue(OPEN, view, NOW + 20_000)).toBe(true);
    expect(isDue(OPEN, notShown(view, NOW, 0), NOW + 1)).toBe(true);
  });

  test('is tried with growing pauses for hours, and not for ever', () => {
    const tries = failing(3 * 24 * 60);
    expect(tries.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 7]);
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(Math.max(...pauses)).toBe(15);
    expect(tries.at(-1)).toBeGreaterThan(23 * 60);
    expect(tries.at(-1)).toBeLessThan(25 * 60);
  });

  test('is not tried before Slack wants to be asked', () => {
    const view = notShown(behind(undefined, NOW), NOW, 30);
    expect(isDue(OPEN, view, NOW + 29_000)).toBe(false);
    expect(isDue(OPEN, view, NOW + 30_000)).toBe(true);
  });

  test('is owed since the first change that it does not show, whatever changed after it', () => {
    const view = behind(behind(shownAs(undefined, 3, NOW), NOW + 5), NOW + 9);
    expect(view).toMatchObject({ shown: 3, owedSince: NOW + 5 });
    expect(isOwed(view)).toBe(true);
    expect(isOwed(shownAs(view, 5, NOW + 10))).toBe(false);
  });

  test('is owed anew by a change after it was given up', () => {
    const given = notShown({ shown: 1, owedSince: NOW - 25 * 60 * MINUTE }, NOW, 0);
    expect(isOwed(given)).toBe(false);
    expect(isOwed(behind(given, NOW + 1))).toBe(true);
  });
});

test('the card of an open incident is compared with its record each hour, one that has ended only when it is owed', () => {
  const view = shownAs(undefined, 3, NOW);
  expect(isDue(OPEN, view, NOW + 59 * MINUTE)).toBe(false);
  expect(isDue(OPEN, view, NOW + 61 * MINUTE)).toBe(true);
  expect(isDue(ENDED, view, NOW + 61 * MINUTE)).toBe(false);
  expect(isDue(OPEN, undefined, NOW)).toBe(false);
});
