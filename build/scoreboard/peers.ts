import { parseEthtool } from '../../src/core/parse/ethtool.ts';

/** What other tools' rules look at, as the node would show it to them. */
export interface PeerView {
  /** Lines of the kernel's ring buffer. */
  readonly dmesg: readonly string[];
  /** The same as a syslog daemon writes them to kern.log. */
  readonly kernLog: readonly string[];
  readonly count: number | undefined;
  readonly max: number | undefined;
  readonly ethtool: readonly [string, string] | undefined;
}

/** A published rule. `undefined`: it has nothing to look at. */
export interface Peer {
  readonly name: string;
  /** Project, file and what the rule says there. */
  readonly source: string;
  /** Whether it reports the table as full or nearly so. */
  readonly fires: (view: PeerView) => boolean | undefined;
}

function matches(lines: readonly string[], pattern: RegExp): boolean | undefined {
  return lines.length === 0 ? undefined : lines.some((line) => pattern.test(line));
}

/** Rules of five tools, each from its published source. */
export const PEERS: readonly Peer[] = [
  {
    name: 'EKS node-monitoring-agent',
    source:
      'aws/eks-node-monitoring-agent monitors/kernel/monitor.go: a dmesg line like `(ip|nf)_conntrack: table full, dropping packet`',
    fires: ({ dmesg }) => matches(dmesg, /(ip|nf)_conntrack: table full, dropping packet/),
  },
  {
    name: 'node-problem-detector',
    source:
      'kubernetes/node-problem-detector config/plugin/network_problem.sh: `conntrack_count > conntrack_max * 9 / 10`',
    fires: ({ count, max }) =>
      count === undefined || max === undefined ? undefined : count > Math.floor((max * 9) / 10),
  },
  {
    name: 'hotsos',
    source:
      'canonical/hotsos defs/scenarios/kernel/network/misc.yaml: kern.log lines with a syslog time and ` nf_conntrack: table full, dropping packet`',
    fires: ({ kernLog }) =>
      matches(kernLog, /^\w{3}\s+\d{1,2}\s+[\d:]{8}\s.* nf_conntrack: table full, dropping packet/),
  },
  {
    name: 'EC2Rescue',
    source:
      "awslabs/aws-ec2rescue-linux mod.d/conntrackfull.yaml: `dmesg | grep 'table full, dropping packet'`",
    fires: ({ dmesg }) => matches(dmesg, /table full, dropping packet/),
  },
  {
    name: 'node-mixin',
    source:
      'prometheus/node_exporter docs/node-mixin/alerts/alerts.libsonnet, NodeHighNumberConntrackEntriesUsed: `entries / limit > 0.75`',
    fires: ({ count, max }) =>
      count === undefined || max === undefined ? undefined : max === 0 || count / max > 0.75,
  },
];

/**
 * The node-monitoring-agent's token buckets for ENA allowances (monitors/networking/monitor.go), as they are meant: it
 * reports an allowance when the counter rises by more than the bucket holds.
 */
const AGENT_BURSTS: readonly (readonly [string, number])[] = [
  ['conntrack_allowance_exceeded', 100],
  ['bw_out_allowance_exceeded', 100],
  ['linklocal_allowance_exceeded', 100],
  ['bw_in_allowance_exceeded', 180],
  ['pps_allowance_exceeded', 320],
];

/** Whether the agent's ENA rule would report anything; `undefined` without two samples. */
export function agentReportsAllowance({ ethtool }: PeerView): boolean | undefined {
  if (ethtool === undefined) return undefined;
  const [before, after] = ethtool.map(
    (text) => new Map(parseEthtool(text).flatMap((one) => [...one.counters])),
  );
  return AGENT_BURSTS.some(
    ([name, burst]) => Number((after?.get(name) ?? 0n) - (before?.get(name) ?? 0n)) > burst,
  );
}
