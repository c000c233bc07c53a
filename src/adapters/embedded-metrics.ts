import { Metrics } from '@aws-lambda-powertools/metrics';
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
  // A day of the demo is older than what CloudWatch takes, which would be said of each of its lines; a sweep's own is now.
  const logger = { ...console, warn: () => {} };
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, logger });
  // The name of a service, which would make every metric another one.
  metrics.clearDefaultDimensions();
  metrics.addDimensions({ Cluster: dimension(group.cluster), NodeGroup: dimension(group.nodeGroup) });
  metrics.setTimestamp(at);
  const values = valuesOf(group);
  for (const { name, unit } of FLEET_METRICS) {
    const value = values[name];
    if (value !== undefined) metrics.addMetric(name, unit, value);
  }
  return {
    ...metrics.serializeMetrics(),
    ...(group.worstNode === undefined ? {} : { worstNode: group.worstNode }),
    unseen: group.unseen,
  };
}

/** A tag may hold any letter, a dimension only those of ASCII (API reference, Dimension). */
const dimension = (name: string): string => name.replaceAll(/[^ -~]/g, '?');

type FleetMetric = (typeof FLEET_METRICS)[number]['name'];

const valuesOf = (group: SweepGroup): Readonly<Record<FleetMetric, number | undefined>> => ({
  TableUse: group.use === undefined ? undefined : group.use * 100,
  FullTableDropsPerSecond: group.fullDrops,
  InsertFailedPerSecond: group.insertFailed,
  MinutesToFull: group.fullInSeconds === undefined ? undefined : group.fullInSeconds / 60,
  Nodes: group.nodes,
  NodesUnseen: unseenNodes(group),
  NodesDrifted: group.drifted,
});
