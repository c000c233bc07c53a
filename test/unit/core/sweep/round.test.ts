import { describe, expect, test } from 'vitest';
import { placesFor, secondsFor, waitsFor } from '../../../../src/core/sweep/round.ts';

describe('how many nodes run the probe at once', () => {
  test.each([
    [0, 50],
    [1_000, 56],
    [5_000, 278],
    [20_000, 1_000],
  ])('is for %d of them %d', (nodes, places) => {
    expect(placesFor(nodes, 5)).toBe(places);
  });

  test.each([100, 5_000, 20_000])('lets the last of %d begin before its command is over', (nodes) => {
    expect(waitsFor(nodes, 5)).toBeGreaterThan(secondsFor(nodes, 5));
    expect(waitsFor(nodes, 5)).toBeGreaterThanOrEqual(30);
  });

  test('lets 5,000 nodes be done within ten minutes, and within five', () => {
    expect(secondsFor(5_000, 5)).toBeLessThanOrEqual(300);
    expect(secondsFor(5_000, 10)).toBeLessThanOrEqual(600);
    expect(secondsFor(20_000, 5)).toBeLessThanOrEqual(600);
  });
});
