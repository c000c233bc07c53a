import { fleetReport } from '../fleet/table.ts';
import type { JudgedSweep, StoredSweep, SweepGroup } from './found.ts';
import { unseenCounts } from './groups.ts';

/** The report of a sweep. */
export function sweepReport(
  nodes: readonly JudgedSweep[],
  groups: readonly SweepGroup[],
  {
    startedAt,
    now,
    untagged,
    fault,
  }: {
    readonly startedAt: number;
    readonly now: number;
    readonly untagged: number;
    readonly fault?: string | undefined;
  },
): StoredSweep {
  const judged = nodes.map(({ node, readings, outlook, rates, warning, unseen }) => ({
    ...node,
    readings,
    outlook,
    rates,
    isWarned: warning.isWarned,
    unseen,
  }));
  return {
    schema: 'medic.sweep/1',
    startedAt,
    report: { ...fleetReport(judged, now), unseen: unseenCounts(nodes, untagged) },
    groups,
    ...(fault === undefined ? {} : { fault }),
  };
}
