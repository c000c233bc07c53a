import { outlookOf } from '../../../src/core/fleet/outlook.ts';
import { lossRates } from '../../../src/core/fleet/rates.ts';
import { HOUR } from '../../../src/core/fleet/series.ts';
import type { DrawnNode } from '../../../src/core/sweep/fleet-page.ts';
import type { JudgedSweep, StoredSweep, SweptNode } from '../../../src/core/sweep/found.ts';
import { sweepGroups } from '../../../src/core/sweep/groups.ts';
import { sweepReport } from '../../../src/core/sweep/report.ts';
import { readingAt, START } from '../core/fleet/support.ts';

const HOURS = 9;
const NOW = START + HOURS * HOUR;
const EVERY = 5 * 60_000;
const LIMIT = 100_000;

interface BuiltFleet {
  readonly swept: StoredSweep;
  readonly series: readonly DrawnNode[];
}

/**
 * A fleet as a sweep leaves it: in one zone all tables of one instance type leak and the first of them is full; one node in twenty
 * was never seen.
 *
 * @param words stands in every tag, for what a tag may hold
 */
export function buildFleet(nodes: number, words = ''): BuiltFleet {
  const judged = Array.from({ length: nodes }, (_, index): JudgedSweep => {
    const isIll = index % 10 === 3;
    const node: SweptNode = {
      instanceId: `i-${index.toString(16).padStart(17, '0')}`,
      isOnline: true,
      cluster: `shop${words}`,
      nodeGroup: `workers-${index % 3}${words}`,
      instanceType: `${isIll ? 'm5.large' : 'm6i.large'}${words}`,
      zone: `eu-central-1${isIll ? 'a' : 'bc'[index % 2]}${words}`,
    };
    if (index % 20 === 19)
      return {
        node,
        readings: [],
        outlook: outlookOf([], NOW),
        rates: {},
        warning: { isWarned: false, why: '' },
        unseen: 'offline',
      };
    const slope = index === 3 ? 11_000 : isIll ? 8_900 - index * 5 : 0;
    const readings = Array.from({ length: HOURS * 12 + 1 }, (_reading, at) =>
      readingAt(START + at * EVERY, {
        max: LIMIT,
        count: Math.min(LIMIT, Math.round(12_000 + (index % 7) * 1000 + (slope * at) / 12)),
        drops: index === 3 ? Math.max(0, at - 96) * 600 : 0,
        drift: index === 13 ? ['kube-proxy'] : [],
      }),
    );
    const outlook = outlookOf(readings, NOW);
    const isWarned = outlook.state === 'full' || outlook.state === 'fills';
    return { node, readings, outlook, rates: lossRates(readings), warning: { isWarned, why: outlook.why } };
  });
  const swept = sweepReport(judged, sweepGroups(judged, 2), {
    startedAt: NOW - 60_000,
    now: NOW,
    untagged: 2,
  });
  return { swept, series: judged.map(({ node: { instanceId }, readings }) => ({ instanceId, readings })) };
}
