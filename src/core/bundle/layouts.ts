import type { SourceId } from '../capture/sources.ts';

/** How much of a file's text matters: all of it, or the lines of a log that say something here. */
export type Reads = 'text' | 'log';

/** One kind of file of a layout. */
export interface BundleRow {
  /** What of the path stands below the layout's own root, as a regular expression without anchors. */
  readonly file: string;
  /** How people call it; also what is said where it is missing. */
  readonly label: string;
  /** What printed it, where its text alone does not tell; `$1` is what the group `arg` of `file` held. */
  readonly command?: string;
  readonly reads: Reads;
  /** Its text is this source as it stands, and is not recognised by its shape. */
  readonly source?: SourceId;
  /** Whether it is told that it is missing: the layout usually has it and a diagnosis would be surer with it. */
  readonly isUsual?: true;
}

/** A tool's way to lay its files out. */
export interface BundleLayout {
  /** How people call what the tool makes, with its article. */
  readonly name: string;
  /** Whether it is of one node, or of a cluster whose files name the node. */
  readonly of: 'node' | 'cluster';
  readonly rows: readonly BundleRow[];
}

const text = (
  file: string,
  label: string,
  command?: string,
  more: Pick<BundleRow, 'isUsual' | 'source'> = {},
): BundleRow => ({ file, label, reads: 'text', ...(command !== undefined && { command }), ...more });

const log = (file: string, label: string, more: Pick<BundleRow, 'command' | 'isUsual'> = {}): BundleRow => ({
  file,
  label,
  reads: 'log',
  ...more,
});

/** Label of a file that holds the time of the collection and nothing else. */
export const CLOCK = 'time of the collection';

/** Label of a file that holds the node's name and nothing else. */
export const NODE_NAME = 'name of the node';

/** Label of what was read inside a network namespace of the node, which `arg` names. */
export const NAMESPACE = 'network namespace';

const usual = { isUsual: true } as const;

/** Files of /proc and /sys as they lie on a node; network files also under the process or task through which they were read. */
const PROC = String.raw`proc/(?:(?:self|thread-self|\d{1,7})/)?net/`;
const KERNEL_FILES: readonly BundleRow[] = [
  text(`${PROC}stat/nf_conntrack`, 'proc/net/stat/nf_conntrack', 'cat /proc/net/stat/nf_conntrack'),
  text(`${PROC}stat/arp_cache`, 'proc/net/stat/arp_cache', 'cat /proc/net/stat/arp_cache'),
  text(`${PROC}netstat`, 'proc/net/netstat', 'cat /proc/net/netstat'),
  text(`${PROC}snmp`, 'proc/net/snmp', 'cat /proc/net/snmp'),
  text(`${PROC}softnet_stat`, 'proc/net/softnet_stat', 'cat /proc/net/softnet_stat'),
  text(`${PROC}sockstat`, 'proc/net/sockstat', 'cat /proc/net/sockstat'),
  text(`${PROC}[ni][fp]_conntrack`, 'proc/net/nf_conntrack', 'cat /proc/net/nf_conntrack'),
  text('proc/sys/(?<arg>(?:net|kernel)/[a-z0-9_/-]{3,80})', 'proc/sys/net', 'cat /proc/sys/$1'),
  text(
    'sys/module/nf_conntrack/parameters/hashsize',
    'hashsize',
    'cat /sys/module/nf_conntrack/parameters/hashsize',
  ),
  text('proc/meminfo', 'proc/meminfo', 'cat /proc/meminfo'),
  text('proc/slabinfo', 'proc/slabinfo', 'cat /proc/slabinfo'),
  text('proc/uptime', 'proc/uptime', 'cat /proc/uptime'),
  text('proc/version', 'proc/version', 'cat /proc/version'),
];

/** What lies under /var/log, or what journald printed, of any distribution. */
const SYSTEM_LOGS = String.raw`(?:messages|syslog|kern\.log|kern)(?:[-.]\d{1,10})?(?:\.(?:txt|log))?`;

/** awslabs/amazon-eks-ami, log-collector-script/linux/eks-log-collector.sh; up to version 0.7.9. */
const EKS: BundleLayout = {
  name: 'an archive of the EKS log collector',
  of: 'node',
  rows: [
    text(
      String.raw`networking/conntrack6?(?:[-_]?(?:S|stats?|L))?\.txt`,
      'networking/conntrack.txt',
      'conntrack -S',
      usual,
    ),
    text(String.raw`sysctls?/sysctl(?:_all|s)?\.(?:txt|log)`, 'sysctls/sysctl_all.txt', 'sysctl -a', usual),
    log(String.raw`kernel/dmesg\.human(?:\.current|\.txt)?`, 'kernel/dmesg.human.current'),
    log(String.raw`kernel/dmesg(?:\.current|\.txt|\.log)?`, 'kernel/dmesg.current', {
      command: 'dmesg',
      ...usual,
    }),
    text(String.raw`networking/ethtool(?:[-_]\w{1,20})?\.txt`, 'networking/ethtool.txt', undefined, usual),
    text(String.raw`networking/iptables-save\.txt`, 'networking/iptables-save.txt'),
    text(
      String.raw`networking/iptables(?:-(?:filter|nat|mangle))?\.txt`,
      'networking/iptables.txt',
      'iptables -nvL',
    ),
    text(String.raw`networking/(?:nstat|netstat(?:[-_]s)?)\.txt`, 'networking/netstat.txt'),
    text(String.raw`kernel/uname\.txt`, 'kernel/uname.txt', 'uname -a'),
    text(String.raw`system/uptime\.txt`, 'system/uptime.txt', 'uptime'),
    log(String.raw`var_log/${SYSTEM_LOGS}`, 'var_log/messages', usual),
    log(String.raw`var_log/[^/]{0,80}(?:kube-proxy|node-monitoring-agent)[^/]{0,120}`, 'var_log/kube-proxy'),
    log(
      String.raw`var_log/[^/]{0,80}(?:kube-proxy|node-monitoring-agent)[^/]{0,120}/(?:[^/]{1,80}/)?\d{1,4}\.log`,
      'var_log/kube-proxy',
    ),
    log(String.raw`kernel/dmesg\.boot`, 'kernel/dmesg.boot'),
    text(String.raw`system/instance-id\.txt`, NODE_NAME),
  ],
};

/** sosreport/sos, sos/report/plugins: conntrack, networking, kernel, host, date, logs, memory; up to version 4. */
const SOS: BundleLayout = {
  name: 'a sosreport',
  of: 'node',
  rows: [
    text(
      String.raw`sos_commands/conntrack/conntrack_-S(?:_-f_ipv[46])?`,
      'sos_commands/conntrack/conntrack_-S',
      'conntrack -S',
      usual,
    ),
    text(
      String.raw`sos_commands/conntrack/conntrack_-L(?:_-\w{1,3}_\w{1,12}){0,3}`,
      'sos_commands/conntrack/conntrack_-L',
      'conntrack -L',
      usual,
    ),
    text(
      String.raw`sos_commands/(?:kernel|sysctl|general)/sysctl_-a`,
      'sos_commands/kernel/sysctl_-a',
      'sysctl -a',
      usual,
    ),
    log(String.raw`sos_commands/(?:kernel|general|logs)/dmesg(?:_now)?`, 'sos_commands/kernel/dmesg', {
      command: 'dmesg',
      ...usual,
    }),
    log(
      String.raw`sos_commands/(?:kernel|general|logs)/dmesg_(?:-\w{1,4}|--\w{1,20})`,
      'sos_commands/kernel/dmesg_-T',
    ),
    text(
      String.raw`sos_commands/networking/nstat_-\w{1,6}`,
      'sos_commands/networking/nstat_-zas',
      'nstat -zas',
      usual,
    ),
    text(
      String.raw`sos_commands/networking/netstat_-s`,
      'sos_commands/networking/netstat_-s',
      'netstat -s',
      usual,
    ),
    text(
      String.raw`sos_commands/networking/ethtool_-S_(?<arg>[\w.@-]{1,32})`,
      'sos_commands/networking/ethtool_-S',
      'ethtool -S $1',
      usual,
    ),
    text(String.raw`sos_commands/networking/ss_-s`, 'sos_commands/networking/ss_-s', 'ss -s'),
    text(
      String.raw`sos_commands/networking/tc_-s_qdisc_show`,
      'sos_commands/networking/tc_-s_qdisc_show',
      undefined,
      { source: 'tc-qdisc' },
    ),
    text(
      String.raw`sos_commands/(?:firewall_tables|networking|iptables)/iptables-save(?:_-\w{1,3})?`,
      'sos_commands/firewall_tables/iptables-save',
    ),
    text(
      String.raw`sos_commands/(?:firewall_tables|networking|iptables)/iptables_-\S{1,40}`,
      'sos_commands/firewall_tables/iptables',
      'iptables -nvL',
    ),
    text(
      String.raw`sos_commands/conntrack/ip_netns_exec_(?<arg>[\w.-]{1,80})_conntrack_-S`,
      NAMESPACE,
      'conntrack -S',
    ),
    text(
      String.raw`sos_commands/networking/(?:namespaces/[\w.-]{1,80}/)?ip_netns_exec_(?<arg>[\w.-]{1,80})_netstat_-s`,
      NAMESPACE,
      'netstat -s',
    ),
    text('sos_commands/kernel/uname_-a', 'sos_commands/kernel/uname_-a', 'uname -a'),
    text('sos_commands/(?:host|general)/uptime', 'sos_commands/host/uptime', 'uptime'),
    log(String.raw`sos_commands/logs/journalctl[\w.:-]{0,80}`, 'sos_commands/logs/journalctl_--no-pager'),
    log(String.raw`var/log/${SYSTEM_LOGS}`, 'var/log/messages'),
    log(
      String.raw`var/log/(?:containers|pods)/[^/]{0,80}kube-proxy[^/]{0,120}(?:/.{1,80})?`,
      'var/log/pods/kube-proxy',
    ),
    log('var/log/dmesg', 'var/log/dmesg'),
    text('sos_commands/(?:date|general)/date(?:_--utc)?', CLOCK, 'date'),
    text('sos_commands/(?:host|general)/hostname(?:_-f)?', NODE_NAME),
  ],
};

/** bottlerocket-os/bottlerocket, sources/logdog/conf: each line names a file of the archive's one folder. */
export const LOGDOG: BundleLayout = {
  name: 'an archive of Bottlerocket’s logdog',
  of: 'node',
  rows: [
    log(String.raw`dmesg(?:\.(?:txt|log))?`, 'dmesg', { command: 'dmesg', ...usual }),
    log(String.raw`journalctl\.(?:log|errors)`, 'journalctl.log', usual),
    text(String.raw`iptables-(?:nat|filter|mangle)`, 'iptables-filter', 'iptables -nvL'),
    text(String.raw`(?:settings|apiclient[\w.-]{0,40})\.json`, 'settings.json', undefined, usual),
    text(
      String.raw`(?:proc-)?(?:conntrack|nf_conntrack|sysctl|nstat|netstat|softnet_stat|snmp|sockstat|ethtool|meminfo|slabinfo|uptime|uname)[\w.-]{0,40}`,
      'conntrack',
    ),
    log(String.raw`(?:var[-_/]log/)?[^/]{0,80}kube-proxy[^/]{0,120}`, 'kube-proxy'),
  ],
};

/** kubernetes/kubectl, pkg/cmd/clusterinfo/clusterinfo_dump.go: a folder a namespace, logs in a folder a pod. */
const CLUSTER_DUMP: BundleLayout = {
  name: 'a kubectl cluster-info dump',
  of: 'cluster',
  rows: [
    text(String.raw`nodes\.(?:json|yaml)`, 'nodes.json', undefined, usual),
    text(String.raw`[\w.-]{1,253}/pods\.(?:json|yaml)`, 'NAMESPACE/pods.json', undefined, usual),
    text(String.raw`[\w.-]{1,253}/events\.(?:json|yaml)`, 'NAMESPACE/events.json', undefined, usual),
    log(String.raw`[\w.-]{1,253}/[\w.-]{1,253}/logs\.txt`, 'NAMESPACE/POD/logs.txt', usual),
  ],
};

/** openshift/must-gather, collection-scripts, and `oc adm inspect`; also what gather_ppc prints of each node. */
export const MUST_GATHER: BundleLayout = {
  name: 'a must-gather',
  of: 'cluster',
  rows: [
    log(
      String.raw`namespaces/[\w.-]{1,253}/pods/[\w.-]{1,253}/[\w.-]{1,253}/[\w.-]{1,253}/logs/(?:current|previous)(?:\.insecure)?\.log`,
      'namespaces/NAMESPACE/pods/POD/CONTAINER/CONTAINER/logs/current.log',
      usual,
    ),
    text(
      String.raw`namespaces/[\w.-]{1,253}/pods/(?<pod>[\w.-]{1,253})/\k<pod>\.yaml`,
      'namespaces/NAMESPACE/pods/POD/POD.yaml',
      undefined,
      usual,
    ),
    text(
      String.raw`namespaces/[\w.-]{1,253}/core/(?:events|pods)\.yaml`,
      'namespaces/NAMESPACE/core/events.yaml',
    ),
    text(
      String.raw`cluster-scoped-resources/core/nodes/[\w.-]{1,253}\.yaml`,
      'cluster-scoped-resources/core/nodes/NODE.yaml',
      undefined,
      usual,
    ),
    log(String.raw`host_service_logs/[\w.=-]{1,40}/[\w.@-]{1,80}_service\.log`, 'host_service_logs'),
    log(String.raw`nodes/[\w.-]{1,253}/dmesg(?:\.(?:txt|log))?`, 'nodes/NODE/dmesg', {
      command: 'dmesg',
      ...usual,
    }),
    text(
      String.raw`nodes/[\w.-]{1,253}/(?:conntrack|sysctl|nstat|netstat|softnet_stat|ethtool_-?S|iptables|nf_conntrack)[\w.-]{0,40}`,
      'nodes/NODE/conntrack',
    ),
  ],
};

/** A copy of a node's own files and of what its tools printed, by no tool in particular. */
export const NODE_FILES: BundleLayout = {
  name: 'files of a node',
  of: 'node',
  rows: [
    ...KERNEL_FILES,
    log(String.raw`var/log/${SYSTEM_LOGS}`, 'var/log/messages'),
    log('var/log/dmesg', 'var/log/dmesg'),
    text('etc/hostname', NODE_NAME),
  ],
};

/** Every layout that is known, the more particular before the more general. */
export const LAYOUTS: readonly BundleLayout[] = [SOS, EKS, MUST_GATHER, CLUSTER_DUMP, LOGDOG, NODE_FILES];

/**
 * Whether a file at this place says that its folder is a must-gather's: a folder of nodes alone may be anybody's, with files that
 * no layout names.
 */
export const MUST_GATHER_MARK =
  /(?:^|\/)[^/]*(?:must-gather|inspect\.local|quay-io|registry|sha256)[^/]*\/|(?:^|\/)(?:namespaces|cluster-scoped-resources|host_service_logs)\//i;

/** Whether a file at this place says that its folder is Bottlerocket's: names alone are too common otherwise. */
export const LOGDOG_MARK = /(?:^|\/)[^/]*(?:bottlerocket|logdog)[^/]*\//i;
