import { describe, expect, test } from 'vitest';
import { firstLookSeconds, secondsToNextLook } from '../../../../src/core/incident/looks.ts';

/** The pauses between the looks at a command that never ends. */
function pausesOf(pollSeconds: number, patienceSeconds: number): readonly number[] {
  const pauses: number[] = [];
  for (let looks = 1; ; looks++) {
    const pause = secondsToNextLook(looks, { pollSeconds, patienceSeconds });
    if (pause === undefined) return pauses;
    pauses.push(pause);
  }
}

describe('the looks at a command', () => {
  test('begin when the samples must be done', () => {
    expect(firstLookSeconds(10)).toBe(11);
  });

  test('follow closely at first and are spaced out up to the usual pause', () => {
    expect(pausesOf(5, 30)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  test.each([
    [1, 10],
    [5, 240],
    [60, 240],
    [60, 1],
  ])(
    'take whole seconds, go on until patience has ended and not much longer: %i s and %i s',
    (poll, patience) => {
      const pauses = pausesOf(poll, patience);
      const total = pauses.reduce((sum, pause) => sum + pause, 0);
      expect(pauses.every((pause) => Number.isInteger(pause) && pause >= 1 && pause <= poll)).toBe(true);
      expect(total).toBeGreaterThanOrEqual(patience);
      expect(total).toBeLessThan(patience + poll);
    },
  );
});
