import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { higherLimit, limitWanted } from '../../../src/core/plan/kube-proxy.ts';
import { type Start, startsIn } from '../../kube-proxy/support/page.ts';
import { standInLeaves } from '../../kube-proxy/support/stand-in.ts';

const starts = startsIn(readFileSync(new URL('../../../docs/kube-proxy-seen.md', import.meta.url), 'utf8'));
const named = starts.map((start) => ({
  ...start,
  what: JSON.stringify([start.version, start.wish, start.before]),
}));

/** The limit after the start as the plan foretells it. */
function foretold({ version, wish, cores, before: { limit } }: Start): number {
  const wanted = limitWanted(wish, cores, version);
  if (wanted === undefined) return limit;
  expect(wanted.least).toBe(wanted.most);
  if (limit <= wanted.most) return wanted.most;
  const fate = higherLimit(version);
  expect(fate).not.toBe('unknown');
  return fate === 'kept' ? limit : wanted.most;
}

it('was seen of several versions, with the cap and with both ways to meet a higher limit', () => {
  expect(new Set(starts.map(({ version }) => version)).size).toBeGreaterThan(1);
  expect(starts.some(({ after }) => after.limit === 1_048_576)).toBe(true);
  expect(new Set(starts.map(({ version }) => higherLimit(version)))).toEqual(new Set(['kept', 'lowered']));
});

it.each(named)('kube-proxy did what the plan and the stand-in foretell: $what', (start) => {
  expect(foretold(start)).toBe(start.after.limit);
  expect(standInLeaves(start.version, start.wish, start.cores, start.before)).toEqual(start.after);
});
