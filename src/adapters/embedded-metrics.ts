import type { SweepGroup } from '../core/sweep/found.ts';
import { unseenNodes } from '../core/sweep/groups.ts';
import { FLEET_METRICS, METRICS_NAMESPACE } from '../core/sweep/metric-names.ts';
import type { PrintMetrics } from '../core/sweep/ports.ts';

/**
 * Prints a line of CloudWatch's embedded metric format for each group: Lambda's log is where CloudWatch takes metrics from, without
 * a call and without a right (CloudWatch user guide, "Specification: Embedded metric format"). A number that is not known is not in
 * it. The worst node is a field of the line, not a dimension: each value of one is a metric of its own.
 */
export function embeddedMetrics(print: (line: string) => void): PrintMetrics {
  return (groups, at) => {
    for (const group of groups) print(JSON.stringify(lineOf(group, at)));
  };
}

function lineOf(group: SweepGroup, at: number): object {
  const values = valuesOf(group);
  const metrics = FLEET_METRICS.filter(({ name }) => values[name] !== undefined);
  return {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: METRICS_NAMESPACE,
          Dimensions: [['Cluster', 'NodeGroup']],
          Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    Cluster: dimension(group.cluster),
    NodeGroup: dimension(group.nodeGroup),
    ...(group.worstNode === undefined ? {} : { worstNode: group.worstNode }),
    ...values,
    unseen: group.unseen,
  };
}

/** A tag may hold any letter, a dimension only those of ASCII (API reference, Dimension). */
const dimension = (name: string): string => name.replaceAll(/[^ -~]/g, '?');

function valuesOf(group: SweepGroup): Readonly<Record<string, number | undefined>> {
  const { use, fullInSeconds } = group;
  return Object.fromEntries(
    Object.entries({
      TableUse: use === undefined ? undefined : use * 100,
      FullTableDropsPerSecond: group.fullDrops,
      InsertFailedPerSecond: group.insertFailed,
      MinutesToFull: fullInSeconds === undefined ? undefined : fullInSeconds / 60,
      Nodes: group.nodes,
      NodesUnseen: unseenNodes(group),
      NodesDrifted: group.drifted,
    }).filter(([, value]) => value !== undefined),
  );
}
