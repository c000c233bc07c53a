import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const HEADER =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';
const OLD_HEADER =
  'entries  searched found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';

/** A row of /proc/net/stat/nf_conntrack. */
function proc(entries: number, counters: { failed?: number; drop?: number } = {}): string {
  const columns = [
    entries,
    0,
    8,
    0,
    6,
    0,
    0,
    0,
    0,
    counters.failed ?? 0,
    counters.drop ?? 0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return columns.map((column) => column.toString(16).padStart(8, '0')).join(' ');
}

/** A row of `conntrack -S` as 1.4.7 prints it. */
function tool(drop: number, failed = 0, early = 0): string {
  return `cpu=0   \tfound=10 invalid=2 insert=0 insert_failed=${failed} drop=${drop} early_drop=${early} error=0 search_restart=0 clash_resolve=0 chaintoolong=0 `;
}

/** A row of 1.4.4 and older, with the fields of old kernels. */
const oldTool = (cpu: number, drop: number) =>
  `cpu=${cpu}   \tsearched=0 found=8123 new=0 invalid=12 ignore=1293 delete=0 delete_list=0 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=3 search_restart=77 `;

const ena = (connections: number) =>
  `NIC statistics:\n     tx_timeout: 0\n     bw_in_allowance_exceeded: 3\n     conntrack_allowance_exceeded: ${connections}\n     linklocal_allowance_exceeded: 0\n     queue_0_tx_cnt: 3213\n     queue_0_rx_drops: 0\n     queue_1_rx_cnt: 81\n`;

const FULL = 'net.netfilter.nf_conntrack_count = 65536\nnet.netfilter.nf_conntrack_max = 65536\n';
const CALM = 'net.netfilter.nf_conntrack_count = 900\nnet.netfilter.nf_conntrack_max = 65536\n';

/** The whole of `netstat -s` as far as it matters, twice behind one command. */
const netstat = (accepted: number, overflows: number) =>
  `Ip:\n    100 total packets received\nTcp:\n    ${accepted} passive connection openings\n    100 segments received\nTcpExt:\n    ${overflows} times the listen queue of a socket overflowed\n`;

/** Two samples whose distance is told: text, verdict, seconds. */
const TIMED: readonly (readonly [string, string, string, number])[] = [
  [
    '1.4.4 with searched=, a sleep in the command',
    `[ec2-user@ip-10-0-3-7 ~]$ sudo conntrack -S; sleep 10; sudo conntrack -S\n${oldTool(0, 100)}\n${oldTool(1, 90)}\n${oldTool(0, 700)}\n${oldTool(1, 540)}\n${FULL}$ uname -r\n5.4.209-116.367.amzn2.x86_64`,
    'table-full',
    10,
  ],
  [
    'the file of 3.10 with prose between',
    `root@old:~# cat /proc/net/stat/nf_conntrack\n${OLD_HEADER}\n${proc(65_530, { drop: 10 })}\n\n30 seconds later\n\nroot@old:~# cat /proc/net/stat/nf_conntrack\n${OLD_HEADER}\n${proc(65_535, { drop: 900 })}\nroot@old:~# cat /proc/sys/net/nf_conntrack_max\n65536`,
    'table-full',
    30,
  ],
  [
    'two screens of watch',
    ['01', '06']
      .map(
        (second, index) =>
          `Every 5.0s: cat /proc/net/stat/nf_conntrack        worker-3: Thu Nov 26 10:12:${second} 2026\n\n${HEADER}\n${proc(41_000, { failed: 9 + 35 * index, drop: 9 + 35 * index })}\n`,
      )
      .join('\n'),
    'snat-race',
    5,
  ],
  [
    'a time of day before each line',
    `[11:02:01] ${tool(5, 5)}\n[11:02:11] ${tool(105, 105)}`,
    'snat-race',
    10,
  ],
  [
    'a date before each line, as ts and log viewers put it',
    [
      '2026-11-26 11:02:01 | net.netfilter.nf_conntrack_count = 262100',
      '2026-11-26 11:02:01 | net.netfilter.nf_conntrack_max = 262144',
      `2026-11-26 11:02:01 | ${tool(10)}`,
      '2026-11-26 11:02:31 | net.netfilter.nf_conntrack_count = 262144',
      `2026-11-26 11:02:31 | ${tool(910)}`,
    ].join('\n'),
    'table-full',
    30,
  ],
  [
    'headings with times',
    `BEFORE (10:00:00 UTC)\n${tool(5)}\nAFTER (10:00:30 UTC)\n${tool(1_905)}\n${FULL}`,
    'table-full',
    30,
  ],
  [
    'headings with elapsed time',
    `T+0s\nTcpExtListenOverflows  918  0.0\nT+10s\nTcpExtListenOverflows  1551  0.0`,
    'listen-overflow',
    10,
  ],
  ['t=0 and t=10', `--- t=0 ---\n${tool(5, 5)}\n--- t=10 ---\n${tool(95, 95)}`, 'snat-race', 10],
  ['a number in words', `${tool(5, 5)}\none minute later:\n${tool(95, 95)}\n${CALM}`, 'snat-race', 60],
  [
    'dated headings',
    `# sample 1, Thu Nov 26 11:00:00 UTC 2026\n${tool(5)}\n# sample 2, Thu Nov 26 11:00:10 UTC 2026\n${tool(905)}\n${FULL}`,
    'table-full',
    10,
  ],
  [
    'netstat -s twice with nothing between',
    `$ netstat -s; sleep 20; netstat -s\n${netstat(1_000, 50)}${netstat(2_000, 350)}`,
    'listen-overflow',
    20,
  ],
  [
    'clashes of UDP, most of them repaired',
    `$ conntrack -S; sleep 10; conntrack -S\n${tool(5, 5).replace('resolve=0', 'resolve=100')}\n${tool(45, 45).replace('resolve=0', 'resolve=900')}\n${CALM}`,
    'dns-race',
    10,
  ],
  [
    'a loop with date +%s',
    `for i in 1 2; do date +%s; conntrack -S; sleep 5; done\n1795690900\n${tool(5, 0, 10)}\n1795690905\n${tool(5, 0, 9_910)}`,
    'near-full',
    5,
  ],
  [
    'per-queue rows of ethtool -S around the allowances',
    `sh-5.2# ethtool -S ens5; date; sleep 10; ethtool -S ens5\n${ena(120_000)}Thu Nov 26 11:00:01 UTC 2026\n${ena(121_900)}`,
    'ena-conntrack-allowance',
    10,
  ],
  [
    'prompts with the time in them, netstat -s filtered',
    '15:02:11 root@web-7:~# netstat -s | grep -i listen\n    1200 times the listen queue of a socket overflowed\n    1200 SYNs to LISTEN sockets ignored\n15:02:31 root@web-7:~# netstat -s | grep -i listen\n    4210 times the listen queue of a socket overflowed\n    4211 SYNs to LISTEN sockets ignored',
    'listen-overflow',
    20,
  ],
];

/** One sample, or one of a kind that needs no second: text and verdict. */
const SINGLE: readonly (readonly [string, string, string])[] = [
  ['1.4.4 alone', `${oldTool(0, 0)}\n${oldTool(1, 0)}`, 'insufficient-evidence'],
  [
    'commands that are passed on by kubectl exec and sh -c',
    "➜  ~ kubectl -n kube-system exec -it kube-proxy-8xk2l -- sh -c 'cat /proc/sys/net/netfilter/nf_conntrack_count; cat /proc/sys/net/netfilter/nf_conntrack_max'\n524285\n524288",
    'near-full',
  ],
  [
    'a command through ssh',
    "$ ssh core@10.0.0.3 'cat /proc/sys/net/netfilter/nf_conntrack_count; cat /proc/sys/net/netfilter/nf_conntrack_max'\n131070\n131072",
    'near-full',
  ],
  [
    'a table',
    '| sysctl | value |\n|---|---|\n| net.netfilter.nf_conntrack_count | 131070 |\n| `net.netfilter.nf_conntrack_max` | `131072` |',
    'near-full',
  ],
  [
    "Prometheus's API",
    '{"data":{"result":[{"metric":{"__name__":"node_nf_conntrack_entries","instance":"a"},"value":[1795690900.1,"262140"]},{"metric":{"__name__":"node_nf_conntrack_entries_limit","instance":"a"},"value":[1795690900.1,"262144"]}]}}',
    'near-full',
  ],
  [
    'node_exporter',
    '# TYPE node_nf_conntrack_entries gauge\nnode_nf_conntrack_entries 2.62141e+05\nnode_nf_conntrack_entries_limit 262144',
    'near-full',
  ],
  [
    'headings of a log collector',
    '=== /proc/sys/net/netfilter/nf_conntrack_max ===\n131072\n=== /proc/sys/net/netfilter/nf_conntrack_count ===\n131071',
    'near-full',
  ],
  ['count and limit in JSON', '{"nf_conntrack_count": 131071, "nf_conntrack_max": 131072}', 'near-full'],
  [
    'nstat --json',
    '{"kernel":{"TcpExtListenOverflows":9918,"TcpExtListenDrops":9918,"TcpPassiveOpens":99000}}',
    'listen-overflow',
  ],
  [
    'count/max on one line with the message',
    'conntrack entries: 131072/131072 (100%)\nnf_conntrack: table full, dropping packet.',
    'table-full',
  ],
  [
    'cilium metrics list',
    'cilium_bpf_map_pressure     map_name="cilium_ct4_global"     0.993\ncilium_drop_count_total    direction="INGRESS" reason="CT: Map insertion failed"    81233',
    'cilium-map-full',
  ],
  [
    'states of a whole table, counted',
    "# conntrack -L 2>/dev/null | awk '{print $4}' | sort | uniq -c | sort -rn\n 210011 TIME_WAIT\n  40011 ESTABLISHED\n   8123 SYN_SENT\n# sysctl net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 262144",
    'near-full',
  ],
  [
    'a NAT gateway, as the AWS CLI prints it',
    '{\n    "Label": "ErrorPortAllocation",\n    "Datapoints": [\n        { "Timestamp": "2026-11-26T10:00:00+00:00", "Sum": 1422.0, "Unit": "Count" }\n    ]\n}',
    'snat-ports-exhausted',
  ],
  [
    'a short-iso journal',
    '-- Logs begin at Mon 2026-11-02 08:00:01 UTC. --\n2026-11-26T11:02:14+0000 ip-10-1-2-3 kernel: nf_conntrack: nf_conntrack: table full, dropping packet',
    'table-full',
  ],
  [
    'a localised weekday',
    '[Do Nov 26 11:02:14 2026] nf_conntrack: nf_conntrack: table full, dropping packet',
    'table-full',
  ],
  [
    'a journal in JSON',
    '{"_TRANSPORT":"kernel","MESSAGE":"nf_conntrack: nf_conntrack: table full, dropping packet","_HOSTNAME":"n7"}',
    'table-full',
  ],
  [
    'syslog of RFC 5424',
    '<4>1 2026-11-26T11:02:14.123456+00:00 node-3 kernel - - - nf_conntrack: nf_conntrack: table full, dropping packet',
    'table-full',
  ],
  [
    'another table with full in its name',
    'Nov 26 11:02:14 fw kernel: [12345.6] nf_conntrack: expectation table full\nnf_conntrack_count = 544\nnf_conntrack_max = 300000',
    'expectation-table-full',
  ],
];

describe('two samples that tell their distance', () => {
  it.each(TIMED)('are a delta: %s', (_, text, verdict, seconds) => {
    expect(pasteOf(text).capture.clock.windowSeconds).toBeCloseTo(seconds, 3);
    expect(diagnosedPaste(text).verdict).toBe(verdict);
  });
});

describe('two samples that tell their order alone', () => {
  it.each([
    [
      'the same command typed twice on one host',
      `root@n7:~# conntrack -S\n${tool(5)}\nroot@n7:~# conntrack -S\n${tool(1_905)}\n${FULL}`,
    ],
    ['headings', `first run:\n${tool(5)}\nsecond run:\n${tool(1_905)}\n${FULL}`],
    ['prose', `${tool(5)}\n\nand again:\n\n${tool(1_905)}\n${FULL}`],
    ['a vague delay', `${tool(5)}\na few seconds later\n${tool(1_905)}\n${FULL}`],
  ])('are a delta of unknown length, less than certain and without an offer: %s', (_, text) => {
    const { verdict, confidence, headline, offer, gaps } = diagnosedPaste(text);
    expect({ verdict, confidence, raise: offer.raise }).toEqual({
      verdict: 'table-full',
      confidence: 'medium',
      raise: false,
    });
    expect(headline).toMatch(/1,900 packets of new connections dropped between the samples\.$/);
    expect(gaps.join('\n')).toMatch(/not tell by how much[^]*to find out, run/);
    expect(JSON.stringify(gaps)).not.toMatch(/Infinity|NaN|∞/);
  });

  it.each([['nothing between them', `${tool(5)}\n\n${tool(1_905)}`]])('are none with %s', (_, text) => {
    expect(snapshotOf(pasteOf(text).capture).windowSeconds.known).toBe(false);
  });

  it('are none where counters went back', () => {
    const text = `first sample\n${tool(99_915)}\nsecond sample\n${tool(5)}\n${CALM}`;
    expect(diagnosedPaste(text)).toMatchObject({ verdict: 'insufficient-evidence', offer: { raise: false } });
  });
});

describe('one sample', () => {
  it.each(SINGLE)('is recognised, offers nothing and ends with the one command: %s', (_, text, verdict) => {
    const diagnosis = diagnosedPaste(text);
    expect(diagnosis.verdict).toBe(verdict);
    expect(diagnosis.offer.raise).toBe(false);
    expect(diagnosis.gaps.at(-1)).toMatch(/^to find out, run this/);
  });
});
