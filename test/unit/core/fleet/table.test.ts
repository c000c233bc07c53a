import { describe, expect, it } from 'vitest';
import { outlookOf } from '../../../../src/core/fleet/outlook.ts';
import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { HOUR } from '../../../../src/core/fleet/series.ts';
import { fleetReport, fleetTable, type JudgedNode } from '../../../../src/core/fleet/table.ts';
import { fleetPageOf } from '../../../../src/core/sweep/fleet-page.ts';
import { readingAt, START } from './support.ts';

const NOW = START + 9 * HOUR;
const EVERY = 5 * 60_000;

/** A node whose table held so many entries at each hour, up to now or until it was seen last. */
function node(
  name: string,
  count: (hour: number) => number,
  said: Partial<ProbeReading> = {},
  until = 9,
): JudgedNode {
  const readings = Array.from({ length: until * 12 + 1 }, (_, index) =>
    readingAt(START + index * EVERY, { max: 100_000, count: Math.round(count(index / 12)), ...said }),
  );
  return { instanceId: `i-${name}`, readings, outlook: outlookOf(readings, NOW) };
}

const fleet: readonly JudgedNode[] = [
  node('calm', () => 30_000),
  node('busy', () => 60_000),
  node('away', () => 90_000, {}, 6),
  { instanceId: 'i-never', readings: [], outlook: outlookOf([], NOW) },
  node('leaks', (hour) => 10_000 + hour * 9_000, { drift: ['running-kernel', 'kube-proxy'] }),
  node('leaks-less', (hour) => 10_000 + hour * 8_800),
  node('full', () => 99_999),
  node('free', () => 900_000, { max: 0 }),
  node('blind', () => 20_000, { gaps: { drift: 'denied' } }),
];

describe('a fleet as a table', () => {
  it('has full nodes first, then the soonest, then those that nobody saw', () => {
    const { nodes } = fleetReport(fleet, NOW);
    expect(nodes.map(({ instanceId }) => instanceId)).toEqual([
      'i-full',
      'i-leaks',
      'i-leaks-less',
      'i-away',
      'i-never',
      'i-busy',
      'i-calm',
      'i-blind',
      'i-free',
    ]);
  });

  it('counts nodes that were not seen by themselves, never as calm', () => {
    expect(fleetReport(fleet, NOW).counts).toEqual({ full: 1, fills: 2, unknown: 2, calm: 3, unlimited: 1 });
    expect(fleetTable(fleetReport(fleet, NOW)).split('\n')[0]).toBe(
      '9 nodes: 1 full, 2 filling up, 2 not seen, 3 calm, 1 without a limit',
    );
  });

  it('shows time, entries, drift and the reason, and what was not seen as such', () => {
    const lines = fleetTable(fleetReport(fleet, NOW)).split('\n');
    const line = (name: string) => lines.find((one) => one.startsWith(`i-${name} `)) ?? '';
    expect(line('full')).toContain('now');
    expect(line('leaks')).toMatch(
      /in 65 min {2}90,250 of 100,000 \(90 %\) +running-kernel, kube-proxy {2}90 % of/,
    );
    expect(line('never')).toMatch(/not known +not seen +not seen +its table was never seen/);
    expect(line('blind')).toMatch(/20,000 of 100,000 \(20 %\) +not seen/);
    expect(line('free')).toContain('900,000, no limit');
  });

  it('says so where there is no fleet, and draws one of 20,000 nodes', () => {
    expect(fleetTable(fleetReport([], NOW))).toContain('No node was ever seen');
    const [calm] = fleet;
    if (calm === undefined) throw new Error('no nodes');
    const many = Array.from({ length: 20_000 }, (_, index) => ({ ...calm, instanceId: `i-${index}` }));
    expect(fleetTable(fleetReport(many, NOW)).split('\n')[0]).toBe(
      '20,000 nodes: 0 full, 0 filling up, 0 not seen, 20,000 calm',
    );
  });
});

it('the page of a fleet says which kernel and which age the sick share, with the counts of both sides', () => {
  const of = (one: JudgedNode, launchedAt: string): JudgedNode => ({ ...one, launchedAt });
  const [old, fresh] = ['2026-11-01T08:00:00.000Z', '2026-11-20T14:30:00.000Z'];
  const kernel = '6.1.141-155.222.amzn2023.x86_64';
  const report = fleetReport(
    [
      of(
        node('full', () => 99_999, { kernel }),
        fresh,
      ),
      of(
        node('full-too', () => 99_999, { kernel }),
        fresh,
      ),
      of(
        node('calm', () => 30_000, { kernel: '6.12.1-1' }),
        old,
      ),
      of(
        node('calm-too', () => 30_000, { kernel }),
        old,
      ),
      node('of-unknown-age', () => 30_000, { kernel: '6.12.1-1' }),
    ],
    NOW,
  );
  expect(fleetPageOf({ schema: 'medic.sweep/1', startedAt: NOW, report, groups: [] }, []).shared).toBe(
    `2 of 5 nodes full or filling up, all launched on 2026-11-20 between 14:00Z and 14:59Z (none of 2 others), all with kernel ${kernel} (1 of 3 others too); none of 2 others is all of that`,
  );
});
