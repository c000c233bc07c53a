import { describe, expect, it } from 'vitest';
import { parseKernelLog } from '../../../../src/core/parse/kernel-log.ts';

describe('parseKernelLog', () => {
  it.each([
    ['[12345.678901] nf_conntrack: table full, dropping packet', 'table-full', undefined],
    ['[12345.678901] nf_conntrack: nf_conntrack: table full, dropping packet', 'table-full', undefined],
    [
      'Feb 23 16:44:36 host kernel: [38775494.393661] ip_conntrack: table full, dropping packet.',
      'table-full',
      undefined,
    ],
    [
      'nf_conntrack: nf_conntrack: table full in netns 4026532246, dropping packet',
      'table-full',
      '4026532246',
    ],
    ['nf_conntrack:table full,dropping packet.', 'table-full', undefined],
    ['[36572.424531] nf_conntrack: expectation table full', 'expectation-table-full', undefined],
    ['neighbour: arp_cache: neighbor table overflow!', 'neighbour-table-overflow', undefined],
    [
      'TCP: request_sock_TCP: Possible SYN flooding on port 10.0.0.5:443. Sending cookies.',
      'syn-flooding',
      undefined,
    ],
    ['TCP: out of memory -- consider tuning tcp_mem', 'tcp-out-of-memory', undefined],
  ])('knows %s', (line, kind, netns) => {
    expect(parseKernelLog(line)).toEqual([expect.objectContaining({ kind, netns })]);
  });

  it('leaves other lines out', () => {
    expect(parseKernelLog('[1.0] eth0: link up\nnf_conntrack: falling back to vmalloc.')).toEqual([]);
  });

  it.each([
    [
      '[12345.678901] x callbacks suppressed: 12 callbacks suppressed',
      { clock: 'uptime', seconds: 12345.678901 },
    ],
    [
      '[Mon Nov 23 18:38:32 2026] net_ratelimit: 8824 callbacks suppressed',
      { clock: 'epoch', ms: Date.UTC(2026, 10, 23, 18, 38, 32) },
    ],
    [
      '2026-11-23T18:38:32,696661+00:00 net_ratelimit: 8824 callbacks suppressed',
      { clock: 'epoch', ms: Date.UTC(2026, 10, 23, 18, 38, 32, 696) },
    ],
    [
      '2026-11-23T20:38:32+0200 net_ratelimit: 8824 callbacks suppressed',
      { clock: 'epoch', ms: Date.UTC(2026, 10, 23, 18, 38, 32) },
    ],
    ['Nov 23 18:38:32 host kernel: net_ratelimit: 8824 callbacks suppressed', { clock: 'none' }],
  ])('reads the time of %s', (line, stamp) => {
    expect(parseKernelLog(line)[0]?.stamp).toEqual(stamp);
  });
});
