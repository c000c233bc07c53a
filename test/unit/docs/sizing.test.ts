import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { higherLimit, limitWanted } from '../../../src/core/plan/kube-proxy.ts';

const page = readFileSync(new URL('../../../docs/sizing.md', import.meta.url), 'utf8');
const rows = Array.from(
  page.matchAll(/^\| (1\.\d+(?:\.\d+)?) \| (kept|lowered|unknown)\b[^|]*\| (.+) \|$/gm),
  ([, version = '', fate = '', product = '']) => ({ version, fate, product }),
);

it('tells of each version of kube-proxy what the plan reckons with', () => {
  expect(rows.length).toBeGreaterThan(5);
  let isCapped = false;
  for (const { version, fate, product } of rows) {
    // The first row stands for everything that is older than the second.
    const full = version === '1.0' ? '1.0.0' : version;
    expect(`${version} ${higherLimit(full)}`).toBe(`${version} ${fate}`);
    if (product !== 'as above') isCapped = product.includes('at most 1,048,576');
    const limit = isCapped ? 1_048_576 : 3_000_000;
    expect(limitWanted({ maxPerCore: 1_500_000, min: 131_072 }, 2, full)).toEqual({
      least: limit,
      most: limit,
    });
  }
});
