import { describe, expect, it } from 'vitest';
import { diagnosedHosts } from '../../support/pastes.ts';
import { answer, tells } from '../../support/told-numbers.ts';

describe('entries counted by a part', () => {
  tells([
    [
      'without a name',
      `$ conntrack -L -o extended 2>/dev/null | grep -oP 'src=\\K[^ ]+' | sort | uniq -c | sort -nr | head
 118233 10.244.3.17
   4102 10.244.1.9
   1811 10.244.2.44`,
      'insufficient-evidence',
      ['118,233 10.244.3.17', '95 %'],
    ],
    [
      'with protocol and state',
      `$ awk '{print $3, $6, $7}' /proc/net/nf_conntrack | sort | uniq -c | sort -rn | head -4
 118233 tcp ESTABLISHED src=10.244.3.17
   4102 tcp TIME_WAIT src=10.244.1.9
   1811 udp 170 src=10.244.2.44`,
      'insufficient-evidence',
      ['118,233 tcp ESTABLISHED src=10.244.3.17'],
    ],
    [
      'by port',
      `$ conntrack -L 2>/dev/null | grep -o 'dport=[0-9]*' | sort | uniq -c | sort -rn | head -3
 120233 dport=53
   4102 dport=443
   1811 dport=5432`,
      'insufficient-evidence',
      ['120,233 dport=53'],
    ],
    [
      'without a command',
      `top talkers in conntrack:
 118233 src=10.244.3.17
   4102 src=10.244.1.9
   1811 src=10.244.2.44`,
      'insufficient-evidence',
      ['4,102 src=10.244.1.9'],
    ],
  ]);
});

describe('two outputs of unknown distance', () => {
  tells([
    [
      'few counters, the second below a word',
      `Before the test run (2026-11-26 10:00:00):
insert_failed\t\t206
drop     \t\t206
early_drop\t\t0
after the test:
insert_failed\t\t249
drop     \t\t249
early_drop\t\t0`,
      'insufficient-evidence',
      ['206', '249'],
    ],
    [
      'the date at the end',
      `conntrack -S:
entries  \t\t3127
found    \t\t3774748
invalid  \t\t71
insert   \t\t12
insert_failed\t\t206
drop     \t\t206
early_drop\t\t0
search_restart\t4

conntrack -S:
entries  \t\t3201
found    \t\t3774990
invalid  \t\t71
insert   \t\t12
insert_failed\t\t249
drop     \t\t249
early_drop\t\t0
search_restart\t4

Thu Nov 26 10:00:00 UTC 2026`,
      'insufficient-evidence',
      ['insert_failed +43'],
    ],
    [
      'netstat -s at a bare prompt',
      `$ netstat -s | grep -i listen
    1200 times the listen queue of a socket overflowed
    1200 SYNs to LISTEN sockets dropped
$ netstat -s | grep -i listen
    4210 times the listen queue of a socket overflowed
    4211 SYNs to LISTEN sockets dropped`,
      'insufficient-evidence',
      ['TcpExtListenOverflows +3,010'],
    ],
  ]);
});

describe('a name that was asked for again', () => {
  tells([
    [
      'from another port',
      `tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
10:12:01.204411 IP 10.244.3.17.41022 > 10.96.0.10.domain: 4711+ A? db.internal. (29)
10:12:06.209822 IP 10.244.3.17.55210 > 10.96.0.10.domain: 4711+ A? db.internal. (29)
10:12:06.210390 IP 10.96.0.10.domain > 10.244.3.17.55210: 4711 1/0/0 A 10.0.4.4 (45)
3 packets captured
3 packets received by filter
0 packets dropped by kernel`,
      'insufficient-evidence',
      ['once after 5 s, then answered'],
    ],
    [
      'over two lines',
      `$ sudo tcpdump -nvi eth0 udp port 53
10:12:01.204411 IP (tos 0x0, ttl 64, id 21022, offset 0, flags [DF], proto UDP (17), length 75)
    10.244.3.17.41022 > 10.96.0.10.53: 31822+ A? orders.shop.svc.cluster.local. (47)
10:12:06.209822 IP (tos 0x0, ttl 64, id 21100, offset 0, flags [DF], proto UDP (17), length 75)
    10.244.3.17.41022 > 10.96.0.10.53: 31822+ A? orders.shop.svc.cluster.local. (47)
10:12:06.210390 IP (tos 0x0, ttl 63, id 9211, offset 0, flags [DF], proto UDP (17), length 120)
    10.96.0.10.53 > 10.244.3.17.41022: 31822*- 1/0/0 orders.shop.svc.cluster.local. A 10.96.44.7 (92)`,
      'insufficient-evidence',
      ['once after 5 s'],
    ],
    [
      'lost between interfaces',
      `# tcpdump -lni any port 53
10:12:01.204411 veth12ab In  IP 10.244.3.17.41022 > 10.96.0.10.53: 31822+ A? orders.shop.svc.cluster.local. (47)
10:12:01.204430 eth0  Out IP 10.0.3.7.41022 > 10.244.1.4.53: 31822+ A? orders.shop.svc.cluster.local. (47)
10:12:01.204460 veth12ab In  IP 10.244.3.17.41022 > 10.96.0.10.53: 32001+ AAAA? orders.shop.svc.cluster.local. (47)
10:12:01.205102 eth0  In  IP 10.244.1.4.53 > 10.0.3.7.41022: 31822*- 1/0/0 A 10.96.44.7 (92)
10:12:01.205110 veth12ab Out IP 10.96.0.10.53 > 10.244.3.17.41022: 31822*- 1/0/0 A 10.96.44.7 (92)
10:12:06.209822 veth12ab In  IP 10.244.3.17.41022 > 10.96.0.10.53: 32001+ AAAA? orders.shop.svc.cluster.local. (47)
10:12:06.209840 eth0  Out IP 10.0.3.7.41022 > 10.244.1.4.53: 32001+ AAAA? orders.shop.svc.cluster.local. (47)`,
      'insufficient-evidence',
      ['came in and did not go out'],
    ],
    [
      'in a loop of busybox',
      `/ # for i in 1 2 3; do time nslookup orders.shop >/dev/null; done
real\t0m 0.01s
user\t0m 0.00s
sys\t0m 0.00s
real\t0m 5.02s
user\t0m 0.00s
sys\t0m 0.00s
real\t0m 10.03s
user\t0m 0.00s
sys\t0m 0.00s`,
      'insufficient-evidence',
      ['Of 3 name lookups 2 took 5 s'],
    ],
    [
      'by getent',
      `$ time getent hosts orders.shop
10.96.44.7      orders.shop.svc.cluster.local

real\t0m5.013s
user\t0m0.002s
sys\t0m0.001s`,
      'insufficient-evidence',
      ['took 5 s or more'],
    ],
  ]);
});

describe('bare values behind the names of hosts', () => {
  it.each([
    [
      'of pdsh, mixed',
      `$ pdsh -w node[1-2] 'sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max'
node2: 31002
node1: 262140
node1: 262144
node2: 262144`,
    ],
    [
      'of pssh',
      `$ pssh -i -H "10.0.1.4 10.0.1.5" 'sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max'
[1] 10:31:02 [SUCCESS] 10.0.1.4
262143
262144
[2] 10:31:02 [SUCCESS] 10.0.1.5
1811
262144`,
    ],
    [
      'of a loop, on one line',
      `$ for n in node1 node2; do echo -n "$n: "; ssh $n sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max | xargs; done
node1: 262144 262144
node2: 31002 262144`,
    ],
  ])('are each host’s own: %s', (_, text) => {
    const hosts = diagnosedHosts(text);
    expect(hosts).toHaveLength(2);
    expect(['near-full', 'table-full']).toContain(hosts[0]?.diagnosis.verdict);
    expect(hosts[1]?.diagnosis.verdict).toBe('insufficient-evidence');
  });
});

describe('what was asked of several metrics', () => {
  it('is each query’s own answer', () => {
    const text =
      'rate(node_nf_conntrack_stat_drop[5m])\n{instance="10.0.3.7:9100"} 12.4\nrate(node_nf_conntrack_stat_insert_failed[5m])\n{instance="10.0.3.7:9100"} 0\nrate(http_requests_total[5m])\n{instance="10.0.3.7:9100"} 811\n';
    const { told } = answer(text);
    expect(told).toContain('drop rose by 12.4 a second');
    expect(told).toContain('insert_failed did not rise');
    expect(told).not.toContain('811');
  });
});

describe('a count and a limit in one sentence', () => {
  it.each([
    'If nf_conntrack_count is 261,900 and nf_conntrack_max 262,144 you should raise it.',
    'We would want nf_conntrack_count at 1,000 and nf_conntrack_max 262,144.',
  ])('are no reading where they are a wish or a rule: %s', (text) => {
    expect(answer(text).verdict).toBe('insufficient-evidence');
  });
});

describe('when a full table was logged', () => {
  it('is told by the age of an event', () => {
    const rows =
      'LAST SEEN   TYPE      REASON          OBJECT                 MESSAGE\n3m12s       Warning   ConntrackFull   node/ip-10-0-3-7       nf_conntrack: nf_conntrack: table full, dropping packet\n';
    expect(answer(rows).headline).toContain('once, 3 min ago');
  });

  it('is told of lines that are weeks old, beside two samples that lost nothing', () => {
    const sample = (second: string) =>
      `Thu Nov 26 10:00:${second} UTC 2026\ncpu=0   found=811 invalid=4 insert=0 insert_failed=31 drop=31 early_drop=0 error=2 search_restart=811 clash_resolve=120 chaintoolong=0\nnet.netfilter.nf_conntrack_count = 140221\nnet.netfilter.nf_conntrack_max = 262144\n`;
    const line = '[Sat Nov  7 03:12:44 2026] nf_conntrack: nf_conntrack: table full, dropping packet\n';
    const { headline, verdict } = answer(`${sample('00')}${sample('30')}${line}`);
    expect(verdict).toBe('insufficient-evidence');
    expect(headline).toContain('logged a full table 19 days ago (1 line)');
  });
});
