import { describe, expect, it } from 'vitest';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const syn = (time: string, rest = '') =>
  `${time} ${rest}IP 10.0.1.5.51744 > 10.0.2.9.8080: Flags [S], seq 186, win 64240, length 0`;
const answer = (time: string) =>
  `${time} IP 10.0.2.9.8080 > 10.0.1.5.51744: Flags [S.], seq 41, ack 187, win 65160, length 0`;
const LOOP =
  "$ for i in 1 2 3; do curl -so /dev/null -w '%{time_connect} %{time_total}\\n' http://10.96.0.20; done";
const FORMAT = '    time_namelookup:  0.004s\n       time_connect:  3.012s\n         time_total:  3.071s';

/** What a reader is told first. */
function headlineOf(text: string): string {
  const { headline, verdict, offer } = diagnosedPaste(text);
  expect({ verdict, raise: offer.raise }).toEqual({ verdict: 'insufficient-evidence', raise: false });
  return headline;
}

describe('a connection that waited for a SYN to be sent again', () => {
  it.each([
    [
      'a loop of curl',
      `${LOOP}\n0.001 0.004\n1.003 1.006\n3.008 3.011\n7.015 7.018`,
      /3 stood only after .*1 after 1 s \(sent again once\), 1 after 3 s \(twice\), 1 after 7 s \(3 times\)/,
    ],
    [
      'a format file of curl',
      `$ curl -w @fmt -so /dev/null http://a\n${FORMAT}`,
      /The timed connection stood only after .*3 s \(sent again twice\)/,
    ],
    [
      'a heading over the columns',
      'time_connect,time_total\n0.001,0.004\n1.003,1.006',
      /Of 2 timed connections 1 stood only after/,
    ],
    ['one request in words', 'connect: 1.004 total: 1.009', /stood only after/],
    [
      "the shell's time",
      '$ time curl -s http://10.96.12.1 >/dev/null\n\nreal\t0m3.021s\nuser\t0m0.008s\nsys\t0m0.004s',
      /took as long as if a SYN was sent again: 1 after 3 s/,
    ],
    [
      'nginx',
      '10.3.2.1 - - "GET / HTTP/1.1" 200 512 rt=1.014 uct="1.003, 0.001" urt="1.013"',
      /Of 2 timed connections 1 stood only after/,
    ],
    [
      'nginx in JSON',
      '{"status":200,"request_time":7.030,"upstream_connect_time":"7.012"}',
      /7 s \(sent again 3 times\)/,
    ],
    [
      'HAProxy',
      'haproxy[12]: 10.1.0.8:51213 [21/Nov/2026:10:00:02.001] fe be/app-2 0/0/3007/9/3016 200 412 - - ---- 2/2/0/0/1 0/0 "GET / HTTP/1.1"',
      /3 s \(sent again twice\)/,
    ],
    [
      'ab',
      'Connection Times (ms)\n              min  mean[+/-sd] median   max\nConnect:        0   53 301.2      1    3013\n  98%   1012\n 100%   3022 (longest request)',
      /time to connect lies at 3 s.* 2 % of requests took at least 1 s/,
    ],
    [
      'wrk',
      '  Latency Distribution\n     50%    3.01ms\n     99%    1.01s',
      /1 % of requests took at least 1 s/,
    ],
    [
      'hey',
      'Latency distribution:\n  99% in 1.0111 secs\n\nDetails (average, fastest, slowest):\n  DNS+dialup:\t0.0301 secs, 0.0000 secs, 3.0081 secs',
      /time to connect lies at 3 s/,
    ],
    [
      'tcpdump',
      [syn('10:01:00.0001'), syn('10:01:01.0112'), syn('10:01:03.0273'), answer('10:01:03.0276')].join('\n'),
      /10\.0\.1\.5:51744 → 10\.0\.2\.9:8080 twice \(after 1, 3 s\), answered after 3\.03 s/,
    ],
    [
      'tcpdump over midnight',
      [syn('23:59:59.5'), syn('00:00:00.51')].join('\n'),
      /once \(after 1 s\), never answered/,
    ],
    [
      'tcpdump with differences',
      `# tcpdump -ttt -ni eth0\n${[syn('00:00:00.0'), syn('00:00:01.01'), syn('00:00:02.01')].join('\n')}`,
      /twice \(after 1, 3 s\)/,
    ],
    [
      'tcpdump -v',
      '10:01:00.1 IP (tos 0x0, ttl 64)\n    10.0.1.5.51744 > 10.0.2.9.8080: Flags [S], seq 1, win 6\n10:01:01.2 IP (tos 0x0, ttl 64)\n    10.0.1.5.51744 > 10.0.2.9.8080: Flags [S], seq 1, win 6',
      /once \(after 1\.1 s\)/,
    ],
    [
      'tshark',
      '    1   0.000000     10.4.0.2 → 10.4.7.1     TCP 74 51020 → 5432 [SYN] Seq=0 Win=64240 Len=0\n    2   1.002113     10.4.0.2 → 10.4.7.1     TCP 74 [TCP Retransmission] 51020 → 5432 [SYN] Seq=0 Win=64240',
      /10\.4\.0\.2:51020 → 10\.4\.7\.1:5432 once/,
    ],
    [
      'ss -tino',
      'SYN-SENT 0 1 10.0.1.5:51744 10.0.2.9:8080 timer:(on,2.1sec,2)\n\t cubic rto:4000 backoff:2 retrans:1/2 lost:1',
      /1 in SYN_SENT had to send the SYN again, up to twice/,
    ],
  ])('is told as the symptom, never as a cause, from %s', (_, text, pattern) => {
    const headline = headlineOf(text);
    expect(headline).toMatch(pattern);
    expect(headline).toMatch(/symptom and proves no cause/);
    expect(diagnosedPaste(text).gaps.at(-1)).toMatch(/^to find out, run this on the node .*→ it tells /);
  });

  it('is told from a kernel that repeats a second apart by its own series', () => {
    expect(headlineOf(`${LOOP}\n1.01 1.02\n2.02 2.03\n3.02 3.03`)).toMatch(
      /2 s \(twice\), 1 after 3 s \(3 times\)/,
    );
  });

  it.each([
    [
      'seen on its way only',
      [syn('10:01:00.1', 'eth0  Out '), syn('10:01:01.1', 'eth0  Out ')],
      /captured at the client: the SYNs had passed its own connection tracking/,
    ],
    [
      'arriving only',
      [syn('10:01:00.1', 'eth0  In  '), syn('10:01:01.1', 'eth0  In  ')],
      /captured at the server: the SYNs arrived/,
    ],
    [
      'answered each time',
      [syn('10:01:00.1'), answer('10:01:00.2'), syn('10:01:01.1'), answer('10:01:01.2')],
      /the answers were lost after this point/,
    ],
  ])('says from which side it was captured when it is %s', (_, lines, pattern) => {
    expect(headlineOf(lines.join('\n'))).toMatch(pattern);
  });

  it('says that the machine itself lost it where it came in and only the last one went out, under another address', () => {
    const through =
      '10:01:03.2 eth0  Out IP 10.0.9.9.4444 > 10.0.7.1.80: Flags [S], seq 186, win 64240, length 0';
    const headline = headlineOf(
      [
        syn('10:01:00.1', 'veth1 In  '),
        syn('10:01:01.1', 'veth1 In  '),
        syn('10:01:03.1', 'veth1 In  '),
        through,
      ].join('\n'),
    );
    expect(headline).toMatch(/2 SYNs came in and did not go out, 1 went through: .* lost on this machine/);
  });
});

describe('what is no symptom', () => {
  it.each([
    ['slow answers', `${LOOP}\n0.001 2.304\n0.002 4.700\n0.001 1.904`, 'not-the-node'],
    [
      'connections that were answered at once',
      [syn('10:01:00.1'), answer('10:01:00.2')].join('\n'),
      'insufficient-evidence',
    ],
  ])('%s are not called one', (_, text, verdict) => {
    const { headline, verdict: given } = diagnosedPaste(text);
    expect(given).toBe(verdict);
    expect(headline).not.toMatch(/symptom|had the SYN sent again/);
  });

  it('late connections between the teeth wait for something else', () => {
    expect(headlineOf(`${LOOP}\n1.61 1.62\n2.44 2.45\n5.66 5.70`)).toMatch(
      /3 took a second or more, but not when a SYN is sent again/,
    );
  });
});

describe('local ports that ran out at a client', () => {
  it.each([
    ['an error', 'dial tcp 10.0.2.9:6379: connect: cannot assign requested address'],
    [
      'sockets counted by peer',
      "$ ss -tan | awk '{print $1, $5}' | sort | uniq -c\n  28190 TIME-WAIT 10.0.2.9:6379",
    ],
  ])('are told apart from a table: %s', (_, text) => {
    const { verdict, headline, gaps } = diagnosedPaste(text);
    expect(verdict).toBe('not-the-node');
    expect(headline).toMatch(/the client’s own limit/);
    expect(gaps.at(-1)).toMatch(/which peers hold the local ports/);
  });

  it('never hide a full table', () => {
    const text =
      'connect: cannot assign requested address\nnf_conntrack: table full, dropping packet\nnf_conntrack_count = 65536\nnf_conntrack_max = 65536';
    expect(diagnosedPaste(text).verdict).toBe('table-full');
  });
});

describe('what was seen in a text', () => {
  it.each([
    [
      'conntrack -S',
      'cpu=0 found=0 invalid=7 insert=0 insert_failed=3 drop=1900 early_drop=0 search_restart=2',
      /drop 1,900, insert_failed 3, invalid 7, search_restart 2, early_drop 0/,
    ],
    [
      'some entries of the table',
      'udp 17 28 src=10.0.0.1 dst=10.0.0.2 sport=5 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=5',
      /1 entry: 1 udp; 1 never answered \(UNREPLIED\)/,
    ],
    [
      '/proc/net/softnet_stat',
      '00000100 00000000 00000010 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000',
      /dropped 0 of 256 packets, squeezed 16 \(harmless by itself/,
    ],
    ['ethtool -S', 'NIC statistics:\n  rx_packets: 5\n  rx_missed_errors: 4711', /^rx_missed_errors 4,711$/],
    [
      'iptables rules',
      ' 4821 250K DROP  all  --  *  *  0.0.0.0/0  0.0.0.0/0  ctstate INVALID',
      /DROP of INVALID hit 4,821 packets/,
    ],
    [
      'netstat -s',
      'TcpExt:\n    312 times the listen queue of a socket overflowed\n    45 fast retransmits',
      /ListenOverflows 312/,
    ],
    [
      'Cilium metrics and drops',
      'xx drop (CT: Map insertion failed) flow 0x0 to endpoint 1',
      /seen dropped for “CT: Map insertion failed” 1/,
    ],
    ['request timings', 'connect: 0.001 total: 0.004', /1 timed request, slowest connect 1 ms/],
  ])('has a line with the telling numbers of %s', (name, text, says) => {
    const [seen] = pasteOf(text).seen;
    expect(seen?.name).toBe(name);
    expect(seen?.says).toMatch(says);
  });

  it('names each line once: as recognised or as unknown', () => {
    const { seen, unknown } = pasteOf(
      'note one\nnf_conntrack_count = 5\n\nnote two\nnf_conntrack_max = 9\nnote three',
    );
    expect(seen.map(({ lines }) => lines)).toEqual([
      [
        { from: 2, to: 2 },
        { from: 5, to: 5 },
      ],
    ]);
    expect(unknown).toEqual([
      { from: 1, to: 1 },
      { from: 4, to: 4 },
      { from: 6, to: 6 },
    ]);
  });

  it('tells what was set aside with its numbers and why', () => {
    const { seen } = pasteOf('conntrack v1.4.6 (conntrack-tools): 512 flow entries have been shown.');
    expect(seen).toMatchObject([
      { says: 'nf_conntrack_count 512', unusedFor: expect.stringContaining('a part of the table') },
    ]);
  });
});
