import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../sim/forecast/node.ts';
import { shortTable } from '../../../sim/forecast/page.ts';
import { runScenarios, SHORT } from '../../../sim/forecast/run.ts';
import { LOOKED_AT, SCENARIOS } from '../../../sim/forecast/scenarios.ts';

const page = readFileSync('docs/fleet.md', 'utf8');

describe('the page on the fleet', () => {
  it('is of this rule and these scenarios; `npm run sim:forecast` writes it anew', () => {
    expect(page).toContain(shortTable({ title: 'short run', results: runScenarios(SHORT) }));
  }, 240_000);

  it('shows a rule that is false less often than every other one, and foresees nine fills of ten', () => {
    const tables = page.split(/^#+ /m).filter((part) => part.startsWith('With seeds'));
    expect(tables).toHaveLength(2);
    for (const text of tables) {
      const rows = text.split('\n').filter((line) => / \| [\d,]+ of [\d,]+ \(/.test(line));
      const rates = rows.map((row) => Number(row.split(' | ')[3]));
      const [ours, ...others] = rates;
      expect(others).toHaveLength(6);
      expect(ours).toBeLessThan(Math.min(...others));
      expect(Number(/\(([\d.]+) %\)/.exec(rows[0] ?? '')?.[1])).toBeGreaterThanOrEqual(90);
    }
  });
});

describe('the simulation', () => {
  it('makes the same node of the same seed, and another one of another', () => {
    const [scenario] = SCENARIOS;
    if (scenario === undefined) throw new Error('no scenarios');
    expect(simulate(scenario, 7).wanted).toEqual(simulate(scenario, 7).wanted);
    expect(simulate(scenario, 7).wanted).not.toEqual(simulate(scenario, 8).wanted);
  });

  it('never shows more entries than the limit, and knows what would have been there', () => {
    for (const [index, scenario] of SCENARIOS.entries()) {
      const { readings, wanted, limits } = simulate(scenario, index);
      expect(readings).toHaveLength(LOOKED_AT * 12);
      expect(readings.every((one) => one === undefined || (one.count ?? 0) <= (one.max ?? 0))).toBe(true);
      expect(wanted.length).toBeGreaterThan(readings.length);
      expect(limits).toHaveLength(wanted.length);
    }
  });
});
