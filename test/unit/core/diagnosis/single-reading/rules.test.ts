import { describe, expect, it } from 'vitest';
import { diagnosedPaste } from '../../../support/pastes.ts';

const counters = (values: string) =>
  `cpu=0 found=3 invalid=900 insert=0 ${values} error=0 search_restart=7 clash_resolve=0`;

describe('counters of one sample', () => {
  it.each([
    ['hash-chains-long', counters('insert_failed=18776 drop=2 early_drop=0 chaintoolong=18774')],
    ['table-full', counters('insert_failed=0 drop=195603 early_drop=118583 chaintoolong=0')],
    ['near-full', counters('insert_failed=0 drop=0 early_drop=118583 chaintoolong=0')],
    ['softnet-drops', '000bb344 00000471 00000000 00000000 00000000 00000000 00000000 00000000 00000000'],
    [
      'listen-overflow',
      '    3349020159 passive connection openings\n    5191585 times the listen queue of a socket overflowed',
    ],
    ['ena-conntrack-allowance', 'conntrack_allowance_exceeded: 182733\nlinklocal_allowance_exceeded: 0'],
    ['ena-link-local-allowance', 'conntrack_allowance_exceeded: 0\nlinklocal_allowance_exceeded: 51234'],
    ['ena-throughput-allowance', 'bw_in_allowance_exceeded: 38750610\nlinklocal_allowance_exceeded: 0'],
    ['memory-pressure', '    91823 connections aborted due to memory pressure'],
  ])('prove a past %s at low confidence', (verdict, text) => {
    const diagnosis = diagnosedPaste(text);
    expect(diagnosis).toMatchObject({ verdict, confidence: 'low', offer: { raise: false } });
    expect(diagnosis.headline).toMatch(/\b(?:was|were|claimed|overflowed)\b/);
    expect(diagnosis.headline).toMatch(/since (?:boot|the driver was loaded)/);
  });

  it.each([
    ['a few clashes over a long time', counters('insert_failed=318 drop=318 early_drop=0 chaintoolong=0')],
    ['packets called invalid', counters('insert_failed=0 drop=0 early_drop=0 chaintoolong=0')],
    ['a handful of long chains', counters('insert_failed=12 drop=0 early_drop=0 chaintoolong=12')],
    ['time_squeeze', '000bb344 00000000 00100000 00000000 00000000 00000000 00000000 00000000 00000000'],
    [
      'a millionth of packets in the backlog',
      '3fffffff 00000471 00000000 00000000 00000000 00000000 00000000 00000000 00000000',
    ],
    ['overflows without what to compare them with', '    6350 times the listen queue of a socket overflowed'],
    [
      'the background of a busy interface',
      'bw_in_allowance_exceeded: 11072\nbw_out_allowance_exceeded: 0\npps_allowance_exceeded: 3',
    ],
    ['retransmissions', '    16932 segments retransmited\n    186 fast retransmits'],
  ])('make no verdict of %s', (_, text) => {
    expect(diagnosedPaste(text)).toMatchObject({ verdict: 'insufficient-evidence', confidence: 'low' });
  });

  it('tell of a table that was full and is calm now', () => {
    const drops = counters('insert_failed=0 drop=48213 early_drop=900 chaintoolong=0');
    const { verdict, confidence, headline, offer } = diagnosedPaste(
      `${drops}\nnf_conntrack_count = 91750\nnf_conntrack_max = 262144`,
    );
    expect({ verdict, confidence, raise: offer.raise }).toEqual({
      verdict: 'table-full',
      confidence: 'low',
      raise: false,
    });
    expect(headline).toMatch(
      /was full: 48,213 packets .* since boot; it is calm now, 91,750 of 262,144 entries\.$/,
    );
  });

  it('are named among the gaps, with what they do not prove', () => {
    expect(diagnosedPaste(counters('insert_failed=318 drop=318 early_drop=0 chaintoolong=0')).gaps).toContain(
      'since boot: drop 318, insert_failed 318 → it happened, but not when, and not whether it still does',
    );
  });

  it('weigh as much as the uptime says where it was pasted', () => {
    const losses = counters('insert_failed=5000 drop=5000 early_drop=0 chaintoolong=0');
    const uptime = (words: string) =>
      `$ uptime\n 12:00:00 up ${words},  1 user,  load average: 0.00, 0.00, 0.00\n${losses}`;
    expect(diagnosedPaste(uptime('30 min')).verdict).toBe('snat-race');
    expect(diagnosedPaste(uptime('34 days,  3:12')).verdict).toBe('insufficient-evidence');
  });
});

describe('a table at its limit', () => {
  it('is full on one reading, without a raise', () => {
    expect(diagnosedPaste('nf_conntrack_count = 65536\nnf_conntrack_max = 65536')).toMatchObject({
      verdict: 'table-full',
      offer: { raise: false },
    });
  });
});

describe('a paste that clears connection tracking', () => {
  const clean = `${counters('insert_failed=0 drop=0 early_drop=0')}\nnf_conntrack_count = 2148\nnf_conntrack_max = 1048576`;

  it('says so of connection tracking alone, at low confidence', () => {
    const diagnosis = diagnosedPaste(clean);
    expect(diagnosis).toMatchObject({ verdict: 'not-the-node', confidence: 'low' });
    expect(diagnosis.headline).toContain('was not pasted');
  });

  it.each([
    ['the limit', clean.replace(/nf_conntrack_max.*/, '')],
    ['a loss counter', clean.replace('early_drop=0 ', '')],
    ['any entry', clean.replace('= 2148', '= 0')],
    [
      'any event',
      clean
        .replace('found=3 invalid=900', 'found=0 invalid=0')
        .replace('search_restart=7', 'search_restart=0'),
    ],
  ])('needs %s', (_, text) => {
    expect(diagnosedPaste(text).verdict).not.toBe('not-the-node');
  });

  it.each([
    ['a kernel message', `${clean}\nTCP: out of memory -- consider tuning tcp_mem`],
    ['another loss', `${clean}\nconntrack_allowance_exceeded: 182733\nlinklocal_allowance_exceeded: 0`],
  ])('gives way to %s', (_, text) => {
    expect(diagnosedPaste(text).verdict).not.toBe('not-the-node');
  });
});

describe('sources that only a paste has', () => {
  it.each([
    [
      'stale-udp-entry',
      'E0228 20:13:53.795782 1 proxier.go:610] Failed to delete kube-system/kube-dns:dns endpoint connections, error: error deleting conntrack entries for UDP peer {100.64.0.10, 100.110.33.231}, error: con...',
    ],
    [
      'snat-ports-exhausted',
      '{"Label": "ErrorPortAllocation", "Datapoints": [{"Timestamp": "2023-01-01T10:00:00Z", "Sum": 1523.0, "Unit": "Count"}]}',
    ],
    [
      'netns-table-full',
      '[123.4] nf_conntrack: nf_conntrack: table full in netns 4026533012, dropping packet',
    ],
    [
      'cilium-map-full',
      'Jan  5 12:00:00.123: default/a:1 <> 10.0.0.1:80 CT: Map insertion failed DROPPED (TCP Flags: SYN)',
    ],
    [
      'listen-overflow',
      'State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 129    128          *:8080            *:*',
    ],
    [
      'stale-udp-entry',
      'E0101 00:00:00.000000 1 proxier.go:800] "Failed to delete stale service connections" err="error deleting connection tracking state for UDP service IP: 10.96.0.10, error: exit status 1"',
    ],
    [
      'memory-pressure',
      'TCP: inuse 4 orphan 0 tw 3 alloc 6 mem 42400\nnet.ipv4.tcp_mem = 21180   28243   42360',
    ],
    ['ena-conntrack-allowance', '{"conntrack_allowance_exceeded": "182733"}'],
    [
      'conntrack-not-in-use',
      'sysctl: cannot stat /proc/sys/net/netfilter/nf_conntrack_max: No such file or directory',
    ],
  ])('show %s', (verdict, text) => {
    expect(diagnosedPaste(text)).toMatchObject({ verdict, offer: { raise: false } });
  });

  it('do not show a port shortage where the gateway refused nothing', () => {
    expect(diagnosedPaste('ErrorPortAllocation 0').verdict).toBe('insufficient-evidence');
  });
});

describe('lines of a full table beside counters since boot', () => {
  const { headline, offer } = diagnosedPaste(
    [
      'cpu=0   found=0 invalid=7 ignore=2 insert=0 insert_failed=0 drop=195603 early_drop=1 error=0 search_restart=2',
      'net.netfilter.nf_conntrack_count = 257273',
      'net.netfilter.nf_conntrack_max = 262144',
      '[Tue Apr  6 18:12:30 2021] nf_conntrack: nf_conntrack: table full, dropping packet',
    ].join('\n'),
  );

  it('do not say that a line with a date has none', () => {
    expect(headline).toMatch(/; the kernel logged drops; how long ago, the text does not tell\.$/);
  });

  it('do not say that the counters were not read', () => {
    expect(offer).toMatchObject({
      raise: false,
      why: expect.stringMatching(/^Without two samples of the counters/),
    });
  });
});

describe('messages without a time', () => {
  it.each([
    [
      'neighbour: arp_cache: neighbor table overflow!',
      /1 time, so packets .* were dropped; how long ago, the text does not tell\.$/,
    ],
    [
      'TCP: out of memory -- consider tuning tcp_mem',
      /^TCP out of memory \(1 kernel message\): .* stalled or were reset; how long ago,/,
    ],
    ['nf_conntrack: expectation table full', /TFTP failed; how long ago, the text does not tell\.$/],
    [
      'kswapd0: page allocation failure: order:0, mode:0x484020(GFP_ATOMIC)',
      /were dropped; how long ago, the text does not tell\.$/,
    ],
  ])('are told in the past tense: %s', (text, headline) => {
    expect(diagnosedPaste(text).headline).toMatch(headline);
  });
});
