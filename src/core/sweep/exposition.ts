import type { FleetRow } from '../fleet/table.ts';
import type { StoredSweep } from './found.ts';

/** One metric of a node: its name, what it says, and the value where there is one. */
interface NodeMetric {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (row: FleetRow) => number | undefined;
}

const NODE_METRICS: readonly NodeMetric[] = [
  { name: 'entries', help: 'Entries in the connection-tracking table.', valueOf: ({ count }) => count },
  { name: 'limit', help: 'nf_conntrack_max; 0 is no limit.', valueOf: ({ max }) => max },
  {
    name: 'full_table_drops_per_second',
    help: 'Packets that found the table full.',
    valueOf: ({ rates }) => rates?.fullDrops,
  },
  {
    name: 'insert_failed_per_second',
    help: 'Entries that could not be inserted.',
    valueOf: ({ rates }) => rates?.insertFailed,
  },
  {
    name: 'ena_exceeded_per_second',
    help: 'Packets that EC2 dropped, because the instance tracks as many connections as its type may.',
    valueOf: ({ rates }) => rates?.enaExceeded,
  },
  {
    name: 'seconds_to_full',
    help: 'Seconds until the table is likely to be full; absent where nothing says that it will be.',
    valueOf: ({ fullInSeconds }) => fullInSeconds,
  },
  { name: 'warned', help: 'Whether the node is warned of.', valueOf: ({ isWarned }) => bit(isWarned) },
  {
    name: 'drifted',
    help: 'Whether something that the product set is gone.',
    valueOf: ({ drift }) => bit(drift && drift.length > 0),
  },
  {
    name: 'read_timestamp_seconds',
    help: 'When the node was read last.',
    valueOf: ({ seenAt }) => (seenAt === undefined ? undefined : seenAt / 1_000),
  },
];

const bit = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

const PREFIX = 'conntrack_medic_';

/**
 * What a sweep found, in Prometheus' text format 0.0.4, to be written where node_exporter's textfile collector or any scraper finds
 * it. A number that was not seen has no line: never 0.
 */
export function exposition({ startedAt, report }: StoredSweep): string {
  const lines: string[] = [];
  const family = (name: string, help: string, samples: readonly string[]): void => {
    if (samples.length > 0)
      lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} gauge`, ...samples);
  };
  for (const { name, help, valueOf } of NODE_METRICS) {
    const samples = report.nodes.flatMap((row) => {
      const value = valueOf(row);
      return value === undefined ? [] : [`${PREFIX}node_${name}${labels(labelsOf(row))} ${String(value)}`];
    });
    family(`node_${name}`, help, samples);
  }
  const unseen = Object.entries(report.unseen ?? {});
  family(
    'nodes_unseen',
    'Nodes that the newest sweep did not see, by reason.',
    unseen.map(([reason, nodes]) => `${PREFIX}nodes_unseen${labels({ reason })} ${nodes}`),
  );
  family('sweep_timestamp_seconds', 'When the newest sweep began.', [
    `${PREFIX}sweep_timestamp_seconds ${startedAt / 1_000}`,
  ]);
  return `${lines.join('\n')}\n`;
}

const labelsOf = ({ instanceId, cluster, nodeGroup }: FleetRow): Readonly<Record<string, string>> => ({
  instance_id: instanceId,
  ...(cluster === undefined ? {} : { cluster }),
  ...(nodeGroup === undefined ? {} : { node_group: nodeGroup }),
});

/** Labels with what the format escapes: backslash, quote and line feed. */
function labels(given: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(given).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return `{${pairs.join(',')}}`;
}
