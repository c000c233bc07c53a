/** Files of a bundle by their path, as the tool that makes it lays them out. */
export type Files = Readonly<Record<string, string>>;

/** What a node of a made-up bundle suffers from. */
export interface Sick {
  readonly count?: number;
  readonly max?: number;
  readonly full?: number;
  readonly host?: string;
}

const COUNTERS = (drop: number) =>
  Array.from(
    { length: 2 },
    (_, cpu) =>
      `cpu=${cpu} \tfound=1200 invalid=31 insert=0 insert_failed=0 drop=${drop} early_drop=${drop} error=0 search_restart=92 clash_resolve=0 chaintoolong=0 \n`,
  ).join('');

const LISTING = Array.from(
  { length: 40 },
  (_, index) =>
    `tcp      6 ${86_000 + index} ESTABLISHED src=10.0.1.${index} dst=10.0.9.9 sport=${40_000 + index} dport=443 src=10.0.9.9 dst=10.0.1.${index} sport=443 dport=${40_000 + index} [ASSURED] mark=0 use=1\n`,
).join('');

const SYSCTL = ({ count = 4_100, max = 262_144 }: Sick) =>
  [
    'kernel.hostname = node',
    'net.core.netdev_budget = 300',
    'net.core.somaxconn = 4096',
    'net.ipv4.neigh.default.gc_thresh3 = 1024',
    'net.ipv6.neigh.default.gc_thresh3 = 4096',
    'net.netfilter.nf_conntrack_buckets = 65536',
    `net.netfilter.nf_conntrack_count = ${count}`,
    `net.netfilter.nf_conntrack_max = ${max}`,
    'net.netfilter.nf_conntrack_tcp_timeout_established = 86400',
    `net.nf_conntrack_max = ${max}`,
    '',
  ].join('\n');

const FULL = 'nf_conntrack: nf_conntrack: table full, dropping packet';
const DMESG = ({ full = 0 }: Sick) =>
  [
    '[    0.000000] Linux version 6.1.147-172.266.amzn2023.x86_64 (mockbuild@ip-10-0-0-1) (gcc) #1 SMP PREEMPT_DYNAMIC',
    '[    1.204012] ena 0000:00:05.0: Elastic Network Adapter (ENA) v2.13.0g',
    ...Array.from({ length: full }, (_, index) => `[${864_000 + index}.120031] ${FULL}`),
    '',
  ].join('\n');
const DMESG_HUMAN = ({ full = 0 }: Sick) =>
  Array.from({ length: full }, (_, index) => `[Thu Nov 26 10:1${index % 10}:02 2026] ${FULL}\n`).join('');

const ETHTOOL = [
  'NIC statistics:',
  '     tx_timeout: 0',
  '     bw_in_allowance_exceeded: 0',
  '     bw_out_allowance_exceeded: 0',
  '     pps_allowance_exceeded: 0',
  '     conntrack_allowance_exceeded: 0',
  '     linklocal_allowance_exceeded: 0',
  '     conntrack_allowance_available: 136812',
  '     queue_0_tx_cnt: 8812',
  '',
].join('\n');

const NSTAT =
  '#kernel\nIpInReceives                    91822              0.0\nTcpActiveOpens                  8271               0.0\nTcpRetransSegs                  12                 0.0\nTcpExtListenOverflows           0                  0.0\nTcpExtListenDrops               0                  0.0\nTcpExtTCPTimeouts               3                  0.0\n';
const UNAME = (host: string) =>
  `Linux ${host} 6.1.147-172.266.amzn2023.x86_64 #1 SMP PREEMPT_DYNAMIC Thu Aug  7 19:30:40 UTC 2025 x86_64 x86_64 x86_64 GNU/Linux\n`;

/** What awslabs/amazon-eks-ami's eks-log-collector.sh 0.7.9 packs: `tar --directory=… .`, so without a folder of its own. */
export function eksLogCollector(sick: Sick = {}): Files {
  const { host = 'ip-10-0-1-23.eu-west-1.compute.internal', full = 0 } = sick;
  return {
    './system/instance-id.txt': 'i-0c1d2e3f4a5b6c7d8\n',
    './system/region.txt': 'eu-west-1\n',
    './system/services.txt': 'kubelet.service loaded active running\n',
    './storage/mounts.txt': '/dev/nvme0n1p1 on / type xfs (rw)\n',
    './kernel/dmesg.current': DMESG(sick),
    './kernel/dmesg.human.current': DMESG_HUMAN(sick),
    './kernel/uname.txt': UNAME(host),
    './modinfo/ip_vs': 'nf_conntrack 172032 5 xt_conntrack\n',
    './sysctls/sysctl_all.txt': SYSCTL(sick),
    './networking/conntrack.txt': `*** Output of conntrack -S *** \n${COUNTERS(full * 900)}*** Output of conntrack -L ***\n${LISTING}`,
    './networking/conntrack6.txt': '*** Output of conntrack -L -f ipv6 ***\n',
    './networking/ethtool.txt': `Interface eth0\n${ETHTOOL}\n\nInterface lo\nno stats available\n\n\n`,
    './networking/iptables-save.txt': '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j KUBE-FIREWALL\nCOMMIT\n',
    './networking/iprule.txt': '0:\tfrom all lookup local\n',
    './kubelet/kubelet.log': 'Nov 26 10:14:02 ip-10-0-1-23 kubelet[3011]: I1126 10:14:02 starting\n',
    './var_log/messages': DMESG_HUMAN(sick)
      .split('\n')
      .filter((line) => line !== '')
      .map((_, index) => `Nov 26 10:1${index % 10}:02 ip-10-0-1-23 kernel: ${FULL}\n`)
      .join(''),
    './var_log/kube-system_kube-proxy-x7k2p_0c/kube-proxy/0.log':
      '2026-11-26T09:00:01.000Z stderr F I1126 09:00:01.000000 1 conntrack.go:60] "Setting nf_conntrack_max" nfConntrackMax=262144\n',
    './nodeadm/nodeadm-run.log': 'nothing\n',
  };
}

/** What sos 4.x packs, below a folder of host and date. */
export function sosreport(sick: Sick = {}): Files {
  const { host = 'worker-3', full = 0 } = sick;
  const files: Files = {
    'sos_commands/conntrack/conntrack_-S': COUNTERS(full * 900),
    'sos_commands/conntrack/conntrack_-L_-o_extended': LISTING.replaceAll(/^/gm, 'ipv4     2 ').replace(
      /ipv4 {5}2 $/,
      '',
    ),
    'sos_commands/conntrack/ip_netns_exec_cni-1_conntrack_-S': COUNTERS(7_777),
    'sos_commands/conntrack/ip_netns_exec_cni-2_conntrack_-S': COUNTERS(0),
    'sos_commands/networking/namespaces/cni-2/ip_netns_exec_cni-2_netstat_-s':
      'Ip:\n    12 total packets received\nTcp:\n    8 passive connection openings\nTcpExt:\n    3 other TCP timeouts\n',
    'sos_commands/kernel/sysctl_-a': SYSCTL(sick),
    'sos_commands/kernel/dmesg': DMESG(sick),
    'sos_commands/kernel/dmesg_-T': DMESG_HUMAN(sick),
    'sos_commands/kernel/uname_-a': UNAME(host),
    'sos_commands/networking/nstat_-zas': NSTAT,
    'sos_commands/networking/netstat_-s':
      'Ip:\n    91822 total packets received\nTcp:\n    8271 active connection openings\nTcpExt:\n    3 other TCP timeouts\n',
    'sos_commands/networking/ethtool_-S_ens5': ETHTOOL,
    'sos_commands/networking/ip_-s_-d_link': '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n',
    'sos_commands/date/date': 'Thu Nov 26 10:20:00 UTC 2026\n',
    'sos_commands/host/uptime': ' 10:20:00 up 10 days,  0:12,  1 user,  load average: 0.10, 0.10, 0.10\n',
    'sos_commands/host/hostname': `${host}\n`,
    'sos_logs/sos.log': '2026-11-26 10:20:00,000 INFO: setup\n',
    'proc/net/softnet_stat':
      '0001a2b3 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n',
    'proc/meminfo': 'MemTotal:        7864320 kB\nMemFree:         1048576 kB\n',
    'proc/slabinfo':
      'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize>\nnf_conntrack        4096   4112    256   16    1 : tunables    0    0    0 : slabdata    257    257      0\n',
    'etc/sysctl.d/99-k8s.conf': 'net.netfilter.nf_conntrack_max = 1048576\n',
    'var/log/messages': '',
  };
  return under(`sosreport-${host}-2026-11-26-abcdefg`, files);
}

/** What Bottlerocket's logdog packs. */
export function logdog(sick: Sick = {}): Files {
  return under('bottlerocket-logs', {
    dmesg: DMESG(sick),
    'iptables-filter':
      'Chain INPUT (policy ACCEPT 0 packets, 0 bytes)\n pkts bytes target     prot opt in     out     source               destination\n',
    'journalctl-boots': '0 3f Thu 2026-11-26 09:00:00 UTC\n',
    'journalctl.log': `${DMESG_HUMAN(sick)
      .split('\n')
      .filter((line) => line !== '')
      .map((_, index) => `Nov 26 10:1${index % 10}:02 ip-10-0-2-9 kernel: ${FULL}`)
      .join('\n')}\n`,
    'journalctl.errors': '',
    'os-release': 'NAME=Bottlerocket\nID=bottlerocket\n',
    'settings.json': '{"settings":{"kernel":{"sysctl":{}}}}\n',
    signpost: 'OS disk: /dev/nvme0n1\n',
  });
}

const list = (kind: string, items: readonly unknown[]) =>
  `${JSON.stringify({ kind, apiVersion: 'v1', items }, undefined, 4)}\n`;

/** What `kubectl cluster-info dump --all-namespaces --output-directory` writes. */
export function clusterDump(): Files {
  const pod = (name: string, nodeName: string) => ({
    metadata: { name, namespace: 'kube-system' },
    spec: { nodeName },
  });
  return under('cluster-state', {
    'nodes.json': list('NodeList', [
      {
        metadata: { name: 'node-a' },
        status: {
          conditions: [{ type: 'Ready', status: 'True', message: 'kubelet is posting ready status' }],
        },
      },
      { metadata: { name: 'node-b' }, status: { conditions: [] } },
      { metadata: { name: 'node-c' }, status: { conditions: [] } },
    ]),
    'kube-system/pods.json': list('PodList', [
      pod('node-problem-detector-1', 'node-a'),
      pod('node-problem-detector-2', 'node-b'),
      pod('fluentd-9', 'node-c'),
    ]),
    'kube-system/events.json': list('EventList', [
      {
        metadata: { name: 'node-b.17a', namespace: 'kube-system' },
        involvedObject: { kind: 'Node', name: 'node-b' },
        reason: 'ConntrackFull',
        message: 'Conntrack table usage over 90%: 261900 out of 262144',
        lastTimestamp: '2026-11-26T10:14:00Z',
      },
      { involvedObject: { kind: 'Pod', name: 'web-1' }, reason: 'Unhealthy', message: `probe said: ${FULL}` },
    ]),
    'kube-system/node-problem-detector-1/logs.txt': `==== START logs for container node-problem-detector of pod kube-system/node-problem-detector-1 ====\nI1126 10:14:02 log_monitor.go:160] New status generated: ${FULL}\n==== END logs for container node-problem-detector of pod kube-system/node-problem-detector-1 ====\n`,
    'kube-system/node-problem-detector-2/logs.txt': 'I1126 10:14:02 starting\n',
    'kube-system/fluentd-9/logs.txt': `forwarded from elsewhere: ${FULL}\n`,
  });
}

/** What `oc adm must-gather` writes, with what gather_ppc reads of each node. */
export function mustGather(): Files {
  const pod = 'ovnkube-node-abcde';
  return under('must-gather.local.4711/quay-io-openshift-release-dev-ocp-v4-0-art-dev-sha256-1f2e', {
    version: 'openshift/must-gather\n4.19.0\n',
    'cluster-scoped-resources/core/nodes/worker-0.yaml':
      'apiVersion: v1\nkind: Node\nmetadata:\n  name: worker-0\n',
    'cluster-scoped-resources/core/nodes/worker-1.yaml':
      'apiVersion: v1\nkind: Node\nmetadata:\n  name: worker-1\n',
    [`namespaces/openshift-ovn-kubernetes/pods/${pod}/${pod}.yaml`]: `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${pod}\nspec:\n  nodeName: worker-1\n`,
    [`namespaces/openshift-ovn-kubernetes/pods/${pod}/ovnkube-controller/ovnkube-controller/logs/current.log`]:
      '2026-11-26T10:14:02.000000000Z I1126 10:14:02 starting\n',
    'nodes/worker-0/dmesg': DMESG({ full: 6 }),
    'nodes/worker-0/proc_cmdline': 'BOOT_IMAGE=vmlinuz\n',
    'nodes/worker-1/dmesg': DMESG({}),
    'host_service_logs/masters/kubelet_service.log':
      'Nov 26 10:14:02.000000 master-0 kubenswrapper[2201]: I1126 starting\n',
  });
}

/** The same files, below a folder. */
export function under(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
