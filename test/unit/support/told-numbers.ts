import { expect, it } from 'vitest';
import { diagnosedHosts } from './pastes.ts';

/** The only host’s diagnosis, and everything that is told of it. */
export function answer(text: string) {
  const [only, ...others] = diagnosedHosts(text);
  if (only === undefined || others.length > 0) throw new Error('not one host');
  return { ...only.diagnosis, told: JSON.stringify([only.diagnosis, only.host.seen]) };
}

/** A shape, a text, the verdict and what has to be told. */
type Case = readonly [string, string, string, readonly string[]];

/** Holds that each text gets its verdict, no offer, and its numbers told. */
export function tells(cases: readonly Case[]): void {
  it.each(cases)('are told: %s', (_, text, verdict, words) => {
    const given = answer(text);
    expect(given).toMatchObject({ verdict, offer: { raise: false } });
    for (const word of words) expect(given.told).toContain(word);
  });
}
