/** A text that nobody pastes in good faith: lines that cost much when each is looked at together with those after it. */
export interface HostilePaste {
  readonly name: string;
  /** @param lines about how many lines the text has */
  readonly textOf: (lines: number) => string;
}

const repeated = (piece: string): HostilePaste['textOf'] => {
  const height = piece.split('\n').length - 1;
  return (lines) => piece.repeat(Math.ceil(lines / height));
};

/** Characters of a line that is as long as one is looked at. */
const LINE_CHARS = 1_990;

/** One long line: a piece, over and over, between a beginning and an end. */
const long = (piece: string, before = '', after = ''): HostilePaste['textOf'] =>
  repeated(
    `${before}${piece.repeat(Math.floor((LINE_CHARS - before.length - after.length) / piece.length))}${after}\n`,
  );

/** Runs of lines that lack what tells them apart. */
const RUNS = {
  'counts in words without a counter': repeated('      2 REACHABLE\n'),
  'counts in words under headings that come again': (lines: number) =>
    ['Tcp', 'Ip', 'Udp', 'Tcp', 'TcpExt']
      .map((heading) => `${heading}:\n${'      2 REACHABLE\n'.repeat(Math.ceil(lines / 5))}`)
      .join(''),
  'totals of sockets without a state': repeated('Total: 0\n'),
  'huge pages without a size': repeated('HugePages_Total:       0\n'),
  'statistics of no interface': repeated('rx_drops: 0\n'),
  'headings of listeners': repeated('State      Recv-Q Send-Q\n'),
  'states of anything': repeated('  5 tcp TIME_WAIT\n'),
};

/** Pieces that are many. */
const PIECES = {
  'lists by state': repeated('  32633 tcp SYN_SENT UNREPLIED\nzz\n'),
  'closing lines of conntrack': repeated(
    'conntrack v1.4.6 (conntrack-tools): 5 flow entries have been shown.\n',
  ),
  'one setting': repeated('net.netfilter.nf_conntrack_max = 1\n'),
  'many settings, then one of them': (lines: number) =>
    [
      ...Array.from({ length: lines / 2 }, (_, index) => `net.netfilter.nf_conntrack_x${index} = 1`),
      ...Array.from({ length: lines / 2 }, () => 'net.netfilter.nf_conntrack_max = 1'),
    ].join('\n'),
  'timings of requests': repeated('connect: 1.00 total: 1.00\n'),
  'columns of curl': (lines: number) =>
    `$ curl -w '%{time_connect} %{time_total}'\n${'1.00 x 2.00\nzz\n'.repeat(lines / 2)}`,
  'SYNs of as many connections': (lines: number) =>
    Array.from(
      { length: lines },
      (_, index) => `10:00:00.1 IP 10.0.0.1.${index} > 10.0.0.2.80: Flags [S], seq ${index}, win 1`,
    ).join('\n'),
  'one SYN': repeated('10:00:00.1 IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 1\n'),
  'heads of packets': repeated('10:00:00.1 IP (tos 0x0)\n'),
  'beginnings of load tests': repeated('Summary:\n'),
  'sockets of as many peers': (lines: number) =>
    Array.from({ length: lines }, (_, index) => `SYN-SENT 0 1 10.0.0.1:1 10.0.0.2:${index}`).join('\n'),
  'requests of curl that failed': (lines: number) =>
    `$ curl -w '%{time_connect} %{time_total}'\n${'curl: (7) no\n'.repeat(lines)}`,
  'brackets that close at the end': (lines: number) => `${'[\n'.repeat(lines / 2)}${']\n'.repeat(lines / 2)}`,
  'brackets in front of a prompt': repeated(`${'[a] '.repeat(200)}$ dmesg\n`),
  'brackets that never close': repeated('{ "a": [\n'),
  'metrics of no meaning': repeated('node_load_x{a="b"} 1\n'),
  'headings of tables': repeated('Time,conntrack_count\n'),
  'drops without end': repeated('@[NETFILTER_DROP, nf_hook_slow]: 1\n'),
  'headings of rates': repeated('10:00:01 AM  atmptf/s  retrans/s\n'),
  'interfaces that are up': repeated('2: eth0: <UP> mtu 9001\n'),
  'sockets by state': repeated('5 TIME_WAIT\n'),
  'names of times': repeated('time_connect: 1.000\n'),
  'interfaces without a name': repeated('NIC statistics:\nrx: 1\n'),
  'processors without end': (lines: number) =>
    Array.from({ length: lines }, (_, index) => `cpu=${index} drop=1`).join('\n'),
};

/** Lines that a pattern may begin to match at each of their places. */
const LONG = {
  'names without a value': long('-m'),
  'a border': long('-', 'a', 'a'),
  'a setting far from its value': long(' ', 'somaxconn', 'x'),
  'files that are there': long('cat: nf_conntrack_max '),
  'timings without a time': long('dns-', 'connect: 1.00 '),
  'times up without a load': long('up ,', 'load average '),
};

/** Commands that are long, and what they print. */
const COMMANDS = {
  'words after kubectl': (lines: number) => `$ ${'kubectl a '.repeat(199)}\n${'x\n'.repeat(lines)}`,
  'options of watch': (lines: number) =>
    `$ ${'watch -watch '.repeat(150)}\n${'nf_conntrack_max = 1\n'.repeat(lines)}`,
  'files that are printed': (lines: number) =>
    `$ ${'cat /proc/sys/net/netfilter/nf_conntrack_count; '.repeat(40)}\n${'1\nx\n'.repeat(lines / 2)}`,
};

/** Such texts by what they repeat. Read in time that grows with their length they take a moment, otherwise minutes. */
export const HOSTILE_PASTES: readonly HostilePaste[] = Object.entries({
  ...RUNS,
  ...PIECES,
  ...LONG,
  ...COMMANDS,
}).map(([name, textOf]) => ({ name, textOf }));

/** Lines that are long, of which a text holds fewer. */
export const isLong = ({ name }: HostilePaste): boolean => Object.hasOwn(LONG, name);
