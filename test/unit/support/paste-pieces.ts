/** A row of `conntrack -S`, with what is given raised above zero. */
const counters = (given: Readonly<Record<string, number>>) =>
  `cpu=0 ${[
    'found',
    'invalid',
    'insert',
    'insert_failed',
    'drop',
    'early_drop',
    'error',
    'search_restart',
    'clash_resolve',
    'chaintoolong',
  ]
    .map((name) => `${name}=${given[name] ?? 0}`)
    .join(' ')}`;

const use = (count: number) =>
  `net.netfilter.nf_conntrack_count = ${count}\nnet.netfilter.nf_conntrack_max = 65536`;
const softnet = (dropped: string) =>
  `000bb344 ${dropped} 00000000 00000000 00000000 00000000 00000000 00000000 00000000`;
const listen = (overflows: number) =>
  `Ip:\n    100000 total packets received\nTcp:\n    9000 passive connection openings\n    91000 segments received\nTcpExt:\n    ${overflows} times the listen queue of a socket overflowed`;

/** The first lines of a table, four of five half-open, of so many senders and to one destination. */
const listing = (senders: number) =>
  [
    '$ conntrack -L | head -40',
    ...Array.from({ length: 40 }, (_, index) => {
      const [from, port] = [`10.0.1.${index % senders}`, 40_000 + index];
      return index % 5 === 0
        ? `tcp      6 86100 ESTABLISHED src=${from} dst=10.0.3.9 sport=${port} dport=443 src=10.0.3.9 dst=${from} sport=443 dport=${port} [ASSURED] mark=0 use=1`
        : `tcp      6 100 SYN_SENT src=${from} dst=10.0.2.9 sport=${port} dport=443 [UNREPLIED] src=10.0.2.9 dst=${from} sport=443 dport=${port} mark=0 use=1`;
    }),
  ].join('\n');

/** What one host may show at one moment: of each kind one reading, which may be any of those listed. */
export const PIECES: Readonly<Record<string, readonly string[]>> = {
  kernel: ['Linux node-a 5.10.0-8 #1 SMP x86_64 GNU/Linux', 'Linux node-a 6.18.5 #1 SMP x86_64 GNU/Linux'],
  use: [use(410), use(61_000), use(65_536)],
  states: [
    "$ conntrack -L 2>/dev/null | awk '{print $1, $4, $9}' | sort | uniq -c\n  49000 tcp SYN_SENT UNREPLIED\n  10000 tcp ESTABLISHED ASSURED\n   2000 tcp TIME_WAIT ASSURED",
    "$ conntrack -L 2>/dev/null | awk '{print $1, $4, $9}' | sort | uniq -c\n  59000 tcp ESTABLISHED ASSURED\n   2000 tcp TIME_WAIT ASSURED",
  ],
  entries: [listing(3), listing(40)],
  counters: [
    counters({ found: 12, invalid: 40 }),
    counters({ drop: 48_213 }),
    counters({ drop: 1_900, insert_failed: 1_900 }),
    counters({ insert_failed: 9_000, chaintoolong: 9_000 }),
    counters({ early_drop: 90_000 }),
  ],
  'two samples': [
    `$ conntrack -S; sleep 30; conntrack -S\n${counters({ drop: 100 })}\n${counters({ drop: 1_900 })}`,
    `$ conntrack -S; sleep 30; conntrack -S\n${counters({ drop: 100 })}\n${counters({ drop: 100 })}`,
    `$ conntrack -S; sleep 30; conntrack -S\n${counters({ drop: 100, insert_failed: 100 })}\n${counters({ drop: 900, insert_failed: 900 })}`,
  ],
  'full line': ['[5123.1] nf_conntrack: nf_conntrack: table full, dropping packet'],
  'memory line': ['[5124.1] TCP: out of memory -- consider tuning tcp_mem'],
  'neighbour line': ['[5125.1] neighbour: arp_cache: neighbor table overflow!'],
  'SYN line': ['[5126.1] TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.'],
  'TCP memory': [
    'net.ipv4.tcp_mem = 43257 57676 86514\nsockets: used 1386\nTCP: inuse 24 orphan 0 tw 58 alloc 863 mem 87916',
    'net.ipv4.tcp_mem = 43257 57676 86514\nsockets: used 1386\nTCP: inuse 24 orphan 0 tw 58 alloc 863 mem 12',
  ],
  memory: [
    'MemTotal:       16303428 kB\nMemAvailable:    9303428 kB',
    'MemTotal:       16303428 kB\nMemAvailable:     103428 kB',
  ],
  listen: [listen(0), listen(4_000)],
  queue: [
    'State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 512    511    0.0.0.0:443        0.0.0.0:*',
  ],
  softnet: [softnet('00000000'), softnet('00000471')],
  ENA: [
    'NIC statistics:\n     bw_in_allowance_exceeded: 0\n     conntrack_allowance_exceeded: 90000\n     linklocal_allowance_exceeded: 0',
  ],
};
