import { describe, expect, it } from 'vitest';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const perf = (place: string) =>
  `curl  4711 [001]  8123.120001: skb:kfree_skb: skbaddr=0xffff888 rx_sk=(nil) protocol=2048 location=${place}+0xd8 reason: NETFILTER_DROP`;

describe('packets that were seen lost', () => {
  it.each([
    [
      'perf',
      perf('nf_hook_slow'),
      /1 NETFILTER_DROP at nf_hook_slow \(connection tracking, translation or a rule \(of legacy iptables, or before Linux 6\.7 of nftables\)/,
    ],
    [
      'perf, by a rule',
      perf('nft_do_chain'),
      /at nft_do_chain \(a rule of nftables dropped them, not connection tracking\)/,
    ],
    [
      'bpftrace',
      '@[NETFILTER_DROP, nft_do_chain]: 4821\n@[NO_SOCKET, tcp_v4_rcv]: 12',
      /4,833 packets: 4,821 NETFILTER_DROP .*; 12 NO_SOCKET at tcp_v4_rcv \(nobody listens there\)/,
    ],
    ['dropwatch', '12 drops at nf_hook_slow+d8 (0xffffffff8a2) [software]', /12 at nf_hook_slow/],
    [
      'pwru',
      '0xffff9a3b8c1d2e00 3 curl(4711) 4026531840 0 eth0:2 0x0800 1500 60 10.0.1.5:51744->10.0.2.9:8080(tcp) kfree_skb_reason(SKB_DROP_REASON_NETFILTER_DROP)',
      /1 NETFILTER_DROP/,
    ],
    [
      'tcpdrop',
      "10:01:02 4711   4  10.0.1.5:51744       > 10.0.2.9:8080        CLOSE (SYN)\n\tb'tcp_drop+0x1'\n\tb'nf_hook_slow+0x9a'",
      /1 at nf_hook_slow/,
    ],
    [
      'hubble',
      'Nov 21 10:00:00.001: default/web-1:51744 (ID:1234) <> default/db-0:5432 (ID:88) Policy denied DROPPED (TCP Flags: SYN)',
      /1 for “Policy denied”/,
    ],
  ])('are told with where, and prove no cause: %s', (_, text, pattern) => {
    const { verdict, headline, offer } = diagnosedPaste(text);
    expect({ verdict, raise: offer.raise }).toEqual({ verdict: 'insufficient-evidence', raise: false });
    expect(headline).toMatch(pattern);
    expect(headline).toMatch(/where packets are lost, not why/);
  });
});

describe('what else tools show', () => {
  it.each([
    [
      'tcpretrans',
      '10:01:02 0      4  10.0.1.5:51744       R> 10.0.2.9:8080        SYN_SENT',
      /1 segment sent again; 1 SYN sent again by a client here/,
    ],
    [
      'nftables rule on INVALID',
      'ct state invalid counter packets 4821 bytes 250692 drop',
      /\(drop\) hit 4,821 packets/,
    ],
    [
      'firewall log of INVALID',
      '[1234.5] IPT-INVALID: IN=eth0 OUT= SRC=10.0.0.1 DST=10.0.0.2 LEN=40 PROTO=TCP SPT=443 DPT=51000 WINDOW=0 RST URGP=0',
      /1 packet as INVALID: 1 TCP RST/,
    ],
    [
      'sar',
      '10:00:01 AM  atmptf/s  estres/s retrans/s isegerr/s   orsts/s\n10:00:11 AM      0.20      1.00     42.10      0.00     12.00',
      /retrans\/s 42\.1/,
    ],
    [
      'ip -s link',
      '2: eth0: <UP> mtu 9001\n    RX:  bytes packets errors dropped  missed   mcast\n    120000000   900000      0     731    4954       0',
      /eth0 RX dropped 731, eth0 RX missed 4,954/,
    ],
    [
      '/proc/net/dev',
      'eth0:120000000 900000 0 731 4954 0 0 0 80000000 700000 0 0 0 0 0 0',
      /^eth0 RX 114 MiB in 900,000 packets, TX 76 MiB in 700,000 packets; eth0 RX dropped 731, eth0 RX fifo 4,954$/,
    ],
    [
      'ifconfig',
      'eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01\n          RX packets:900 errors:0 dropped:7 overruns:2 frame:0\n          TX packets:800 errors:0 dropped:0 overruns:0 carrier:0\n          RX bytes:1048576 (1.0 MiB)  TX bytes:3145728 (3.0 MiB)',
      /^eth0 RX 1 MiB in 900 packets, TX 3 MiB in 800 packets; eth0 RX dropped 7, eth0 RX overrun 2$/,
    ],
    [
      'cilium bpf ct list',
      'TCP OUT 10.0.1.5:51744 -> 10.0.2.9:8080 expires=123456 RxPackets=0 RxBytes=0 TxPackets=3',
      /1 entry of Cilium’s own map, not of the kernel’s table: 1 TCP OUT; 1 without an answer/,
    ],
    [
      'connections of Open vSwitch',
      'tcp,orig=(src=10.0.1.5,dst=10.0.2.9,sport=51744,dport=8080),reply=(src=10.0.2.9,dst=10.0.1.5,sport=8080,dport=51744),zone=5,protoinfo=(state=SYN_SENT)',
      /1 connection as Open vSwitch lists them: 1 tcp SYN_SENT/,
    ],
  ])('has a line with its numbers: %s', (name, text, says) => {
    expect(pasteOf(text).seen).toMatchObject([{ name, says: expect.stringMatching(says) }]);
  });
});

describe('two readings of the counters of interfaces', () => {
  const dev = (bytes: number, packets: number, dropped: number) =>
    `  eth0: ${bytes} ${packets} 0 ${dropped} 0 0 0 0 ${bytes} ${packets} 0 0 0 0 0 0`;
  const link = (bytes: number, packets: number, missed: number, name = 'eth0') =>
    `2: ${name}: <UP> mtu 9001\n    RX:  bytes packets errors dropped  missed   mcast\n    ${bytes} ${packets} 0 0 ${missed} 0\n    RX errors:  length crc frame fifo overrun\n    0 0 0 0 0\n    TX:  bytes packets errors dropped carrier collsns\n    ${bytes} ${packets} 0 0 0 0`;
  const headlineOf = (text: string) => diagnosedPaste(text).headline;

  it.each([
    [
      'are rates where the command waits',
      `$ cat /proc/net/dev; sleep 10; cat /proc/net/dev\n${dev(1_000_000, 1000, 5)}\n${dev(13_500_000, 11_000, 35)}`,
      'Interfaces in 10 s: eth0 10 Mbit/s in, 10 Mbit/s out (1,000 packets/s in, 1,000 packets/s out); lost in that time: eth0 RX dropped 30',
    ],
    [
      'are rates where the text says how much later',
      `${link(1000, 10, 7)}\n10 seconds later:\n${link(2000, 110, 7)}`,
      'Interfaces in 10 s: eth0 800 bit/s in, 800 bit/s out (10 packets/s in, 10 packets/s out); none lost a packet',
    ],
    [
      'are none where nobody says how far they are apart',
      `${link(1000, 10, 7)}\n${link(2000, 110, 9)}`,
      'Interfaces since they came up: eth0 RX missed 9',
    ],
    [
      'are none of an interface that was made anew',
      `${link(1000, 10, 7)}\n10 seconds later:\n${link(500, 5, 2)}`,
      'Interfaces since they came up: eth0 RX missed 2',
    ],
    [
      'are none of two interfaces',
      `${link(1000, 10, 7)}\n10 seconds later:\n${link(2000, 20, 9, 'eth1')}`,
      'Interfaces since they came up: eth0 RX missed 7, eth1 RX missed 9',
    ],
  ])('%s', (_, text, says) => {
    expect(headlineOf(text)).toContain(says);
  });
});
