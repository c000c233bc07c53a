import { collectorOutput } from './captures.ts';

/** Names of the counters as a 6.x kernel prints them. */
const COUNTERS =
  'entries clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error expect_new expect_create expect_delete search_restart';

/** Counters of the built node that a test changes, as deltas over the window. */
export type CounterChanges = Partial<
  Record<'clashres' | 'found' | 'invalid' | 'chainlength' | 'insert_failed' | 'drop' | 'early_drop', number>
>;

export interface BuiltNode {
  readonly count?: number;
  readonly max?: number;
  readonly buckets?: number;
  readonly counters?: CounterChanges;
  /** Bodies by section header without status, such as `entries -`; `undefined` takes the section away. */
  readonly sections?: Readonly<Record<string, string | undefined>>;
  readonly cpus?: number;
}

function stat(node: BuiltNode, isSecond: boolean): string {
  const names = COUNTERS.split(' ');
  const row = (cpu: number) =>
    names
      .map((name) => {
        const base = name === 'entries' ? (node.count ?? 1_000) : 0;
        const change = isSecond && cpu === 0 ? (node.counters?.[name as keyof CounterChanges] ?? 0) : 0;
        return (base + change).toString(16).padStart(8, '0');
      })
      .join(' ');
  return [names.join(' '), ...Array.from({ length: node.cpus ?? 2 }, (_, cpu) => row(cpu))].join('\n');
}

/** Protocol counters in the kernel's two-line form. */
export function protocolLines(protocol: string, counters: Readonly<Record<string, number>>): string {
  const names = Object.keys(counters);
  return `${protocol}: ${names.join(' ')}\n${protocol}: ${names.map((name) => counters[name]).join(' ')}`;
}

/** ENA counters of one interface. */
export function allowances(counters: Readonly<Record<string, number>>): string {
  const all = { conntrack: 0, linklocal: 0, pps: 0, bw_in: 0, bw_out: 0, ...counters };
  return [
    '== eth0 driver=ena',
    ...Object.entries(all).map(([name, value]) => `${name}_allowance_exceeded: ${value}`),
  ].join('\n');
}

/** A healthy node with everything read, as the collector prints it, except for what a test changes. */
export function nodeOutput(node: BuiltNode = {}): string {
  const { count = 1_000, max = 131_072, buckets = 131_072 } = node;
  const conntrack = `nf_conntrack_count=${count}\nnf_conntrack_max=${max}\nnf_conntrack_buckets=${buckets}`;
  const netstat = protocolLines('TcpExt', { ListenOverflows: 0, ListenDrops: 0, TCPAbortOnMemory: 0 });
  const snmp = protocolLines('Tcp', { EstabResets: 0, InSegs: 0, OutSegs: 0, RetransSegs: 0, OutRsts: 0 });
  const arp = 'entries allocs destroys table_fulls\n00000010 00000000 00000000 00000000';
  const pods = 'namespaces=0 read=0 hidden=0\nnames TcpExtListenOverflows';
  const bodies: Record<string, string | undefined> = {
    'identity -':
      'boot_id=0f0f0f0f-0000-4000-8000-000000000001\nnetns=4026531840\ninitial_netns=yes\nkernel=6.1.141\ncores=4',
    'state -': 'half_applied=no\nincident=',
    'conntrack 0': conntrack,
    'stat-nf_conntrack 0': stat(node, false),
    'conntrack 1': conntrack,
    'stat-nf_conntrack 1': stat(node, true),
    'kernel-log -': 'window_seconds=900\nring_start=3',
    'timeouts -':
      'nf_conntrack_tcp_timeout_established=432000\nnf_conntrack_tcp_timeout_close_wait=60\nnf_conntrack_tcp_loose=1',
    'meminfo 1': 'MemTotal: 16384000 kB\nMemAvailable: 12000000 kB',
    'slabinfo 1': 'nf_conntrack 1000 1024 256 16 1',
    'neighbours -': 'gc_thresh3=1024\nentries=16',
    'kube-proxy -': 'running=no\nkube_ipvs0=no\ninterfaces=',
    'entries -': entries(['state 900 tcp TIME_WAIT assured', 'state 100 tcp ESTABLISHED assured']),
    'netstat 0': netstat,
    'netstat 1': netstat,
    'snmp 0': snmp,
    'snmp 1': snmp,
    'softnet_stat 0': '00000010 00000000 00000000',
    'softnet_stat 1': '00000020 00000000 00000000',
    'arp_cache 0': arp,
    'arp_cache 1': arp,
    'ethtool 0': allowances({}),
    'ethtool 1': allowances({}),
    'pods 0': pods,
    'pods 1': pods,
    ...node.sections,
  };
  return collectorOutput(
    Object.entries(bodies).flatMap(([name, body]) =>
      body === undefined ? [] : [[`${name} ok ${name.endsWith('0') ? '100.00' : '110.00'}`, body] as const],
    ),
  );
}

/** The collector's summary of a table's entries; what was looked at is the sum of the `state <count> …` lines. */
export function entries(lines: readonly string[], complete: 'yes' | 'no' = 'yes'): string {
  const sampled = lines
    .map((line) => Number(/^state (\d+) /.exec(line)?.[1] ?? 0))
    .reduce((sum, count) => sum + count, 0);
  return [`sampled=${sampled} complete=${complete}`, ...lines].join('\n');
}
