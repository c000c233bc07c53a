import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { type Fate, lossOf } from '../../../../src/core/trace/fate.ts';
import { fatesOf } from '../../../../src/core/trace/match.ts';
import { namesOf } from '../../../../src/core/trace/names.ts';
import { readTrace, type Trace } from '../../../../src/core/trace/output.ts';
import { readPcap } from '../../../../src/core/trace/pcap.ts';
import { consequencesOf, sentencesOf, summaryOf } from '../../../../src/core/trace/summary.ts';
import { FATE, pcapsOf, RECORDED_TRACE, traced } from '../../support/recorded-trace.ts';

const AGAIN = { attempts: 2, answeredAfter: 1, gap: 1 } as const;

describe('a recorded trace', () => {
  const trace = traced(RECORDED_TRACE);

  it('is told in the sentence that names hop and cause', () => {
    const [first = '', second = ''] = sentencesOf(trace, namesOf(trace));
    expect(first).toMatch(/^\d+ of \d+ new connections to tcp 30080 \(\d+ %\) were delayed 1\.0 s or more/);
    expect(second).toMatch(
      /^In \d+ the first SYN was seen on eth0 and not on the pod's interface on the node \(eni0a1\): lost in netfilter or routing on this node, where \d+ packets were dropped by a rule of nftables\.$/,
    );
  });

  it('has the same fates whether the node puts packets together or we do', () => {
    const packets = [...pcapsOf(RECORDED_TRACE)].flatMap(([point, bytes]) => {
      const file = readPcap(bytes, point);
      if (typeof file === 'string') throw new Error(file);
      return file.packets;
    });
    expect(packets.length).toBeGreaterThan(300);
    const from = Number(/^epoch=(\d+)$/m.exec(RECORDED_TRACE)?.[1]);
    const fates = fatesOf(packets, {
      places: new Map(trace.points.map(({ number, place, pod }) => [number, { place, pod }])),
      window: { from, to: from + trace.seconds },
      pods: new Set(['198.18.1.2']),
    });
    const key = (fate: Fate) => JSON.stringify(Object.entries(fate).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(fates.map(key).toSorted()).toEqual(trace.fates?.map(key).toSorted());
  });

  it('keeps whole connections as examples, matched across NAT', () => {
    const fates = fatesOf(trace.packets, {
      places: new Map(trace.points.map(({ number, place, pod }) => [number, { place, pod }])),
    });
    expect(fates.length).toBeGreaterThan(0);
    for (const fate of fates) expect(lossOf(fate)).toMatchObject({ edge: 'node', packet: 'SYN' });
  });

  it('is none where its end is cut off, or another run wrote it', () => {
    expect(readTrace(RECORDED_TRACE.slice(0, RECORDED_TRACE.indexOf(' end - ok')))).toBeUndefined();
    expect(readTrace(RECORDED_TRACE, 'aaaaaaaaaaaaaaaa')).toBeUndefined();
  });

  it('takes no line that the script does not write', () => {
    const forged = RECORDED_TRACE.replace(
      / trace-flows - ok ([\d.]+)\n/,
      ' trace-flows - ok $1\n99 in uplink 1 1 1 pod uplink 0.0 - 0 0; id\n-1 in uplink 1 1 1 pod uplink 0.0 - 0 0\n',
    );
    expect(traced(forged).fates).toEqual(trace.fates);
  });
});

describe('where a packet went missing', () => {
  it.each([
    ['the first SYN on the node', { ...AGAIN, seen: 'uplink', back: undefined }, 'node', 'SYN'],
    ['the first SYN before the pod', { ...AGAIN, seen: 'veth', back: undefined }, 'link', 'SYN'],
    ['the first SYN in the pod', { ...AGAIN, seen: 'pod', back: undefined }, 'inside', 'SYN'],
    ['the answer behind the pod', { ...AGAIN, back: 'pod' }, 'link', 'answer'],
    ['the answer on the node', { ...AGAIN, back: 'veth' }, 'node', 'answer'],
    ['the answer behind the node', { ...AGAIN, answeredAfter: 0, back: 'uplink' }, 'outside', 'answer'],
    [
      'a SYN that nobody answered',
      { seen: 'uplink', back: undefined, answeredAfter: undefined },
      'node',
      'SYN',
    ],
    [
      'a SYN of a pod behind the node',
      { ...AGAIN, way: 'out', start: 'pod', seen: 'uplink', back: undefined },
      'outside',
      'SYN',
    ],
    [
      'a SYN of a pod on the node',
      { ...AGAIN, way: 'out', start: 'pod', seen: 'veth', back: undefined },
      'node',
      'SYN',
    ],
  ] as const)('is told for %s', (_, change, edge, packet) => {
    expect(lossOf({ ...FATE, ...change })).toMatchObject({ edge, packet });
  });

  it('is on the node for an answer of which only its repetition came, or where packets show it', () => {
    const again = { ...FATE, ...AGAIN, answeredAfter: 1 } as const;
    expect(lossOf(again)).toMatchObject({ edge: 'node', packet: 'answer', last: 'veth', missing: 'uplink' });
    expect(lossOf({ ...again, attempts: 1, gap: undefined })).toMatchObject({
      edge: 'node',
      packet: 'answer',
    });
    const packet = (point: number, at: number, kind: 'SYN' | 'SYN-ACK') => ({
      point,
      at,
      kind,
      from: '192.0.2.1',
      fromPort: 1,
      to: '198.18.1.2',
      toPort: 8080,
      stamp: at,
      sequence: kind === 'SYN' ? 6 : 9,
      acknowledged: kind === 'SYN' ? 0 : 7,
    });
    const packets = [
      ...[0, 1, 2].map((point) => ({ ...packet(point, 100 + point / 1000, 'SYN'), stamp: 1 })),
      packet(2, 100.004, 'SYN-ACK'),
      ...[2, 1, 0].map((point) => packet(point, 101.01, 'SYN-ACK')),
      { ...packet(0, 101.03, 'SYN'), stamp: 2 },
    ];
    const points = (['uplink', 'veth', 'pod'] as const).map((place, number) => ({
      number,
      place,
      pod: Math.min(number, 1),
      interfaceName: 'eth0',
      address: undefined,
    }));
    const { lost, delayed } = summaryOf([{ ...again, count: 5 }], {
      counters: [],
      drops: [],
      packets,
      points,
    });
    expect(lost).toEqual([
      expect.objectContaining({ edge: 'link', packet: 'answer', last: 'pod', missing: 'veth', count: 5 }),
    ]);
    expect(delayed).toBe(5);
  });

  it('is nowhere for what was answered at once, refused or began too late', () => {
    expect(lossOf(FATE)).toBeUndefined();
    expect(lossOf({ ...FATE, isRefused: true })).toBeUndefined();
    expect(lossOf({ ...FATE, answeredAfter: undefined, back: undefined, isLate: true })).toBeUndefined();
  });
});

describe('why', () => {
  const lost = [{ ...FATE, ...AGAIN, count: 209, seen: 'uplink' as const, back: undefined }];
  const fine = [{ ...FATE, count: 1271 }];
  const table = (name: string, before: number, after: number) => ({ where: 'table', name, before, after });
  const full = [table('drop', 1000, 1209), table('count', 65_536, 65_530), table('max', 65_536, 65_536)];
  const told = (counters: Trace['counters'], drops?: Trace['drops'], fates: readonly Fate[] = lost) =>
    sentencesOf(
      { fates: [...fates, ...fine], thin: 1, port: 30080, counters, drops },
      { uplink: 'eth0', veth: 'the veth', pod: 'the pod' },
    ).join('\n');

  it('is a full table where its counter rose and it was full', () => {
    expect(told(full, [{ place: 'nf_hook_slow', reason: 'NETFILTER_DROP', count: 210 }])).toBe(
      '209 of 1,480 new connections to tcp 30080 (14 %) were delayed 1.0 s or more, or not answered.\n' +
        'In 209 the first SYN was seen on eth0 and not on the veth: lost in netfilter or routing on this node, where 209 packets were dropped because the table was full.',
    );
  });

  it('is no entry to be had where the table had room at both readings', () => {
    const counters = [
      table('drop', 1000, 1209),
      table('count', 40_000, 41_000),
      table('max', 65_536, 65_536),
    ];
    const drops = [{ place: 'nf_hook_slow', reason: 'NETFILTER_DROP', count: 210 }];
    expect(told(counters, drops)).toMatch(
      /209 packets were dropped because no new entry could be had: the table was full for a moment/,
    );
    expect(consequencesOf(summaryOf([...lost, ...fine], { counters, drops }), catalogue)).toEqual([
      expect.objectContaining({ mode: 'not-the-node', speaks: 'against' }),
    ]);
  });

  it('is a clash, and neither a full table nor a rule, where what was dropped had failed to be inserted', () => {
    const counters = [
      table('drop', 0, 209),
      table('insert_failed', 0, 209),
      table('count', 65_536, 65_530),
      table('max', 65_536, 65_536),
    ];
    const { lost: places } = summaryOf([...lost, ...fine], {
      counters,
      drops: [{ place: 'nf_hook_slow', reason: 'NETFILTER_DROP', count: 300 }],
      kernel: '6.12.40-63.114.amzn2023.x86_64',
    });
    expect(places[0]?.causes.map(({ id, dropped }) => [id, dropped])).toEqual([
      ['insert-failed', 209],
      ['iptables-rule', 91],
    ]);
  });

  it.each([
    { kernel: undefined, rule: 'nftables or iptables' },
    { kernel: '6.1.158-180.294.amzn2023.x86_64', rule: 'nftables or iptables' },
    { kernel: '5.10.245-241.978.amzn2.x86_64', rule: 'nftables or iptables' },
    { kernel: '6.7.0', rule: 'legacy iptables' },
    { kernel: '6.12.40-63.114.amzn2023.x86_64', rule: 'legacy iptables' },
    { kernel: '7.3.4+deb13-cloud-amd64', rule: 'legacy iptables' },
  ])('is a rule of $rule on Linux $kernel, where nothing was counted', ({ kernel, rule }) => {
    const drops = [{ place: 'nf_hook_slow', reason: 'NETFILTER_DROP', count: 209 }];
    const [place] = summaryOf([...lost, ...fine], { counters: [table('drop', 5, 5)], drops, kernel }).lost;
    expect(place?.causes.map(({ clause }) => clause).join()).toContain(`a rule of ${rule}, most likely`);
  });

  it('is a queue inside the pod, where one dropped packets and its own answers are missing', () => {
    const inside = [{ ...FATE, ...AGAIN, count: 30, back: undefined }];
    const drops = [{ place: '__dev_queue_xmit', reason: 'QDISC_DROP', count: 30 }];
    expect(told([], drops, inside)).toContain('30 packets were dropped by a queue of an interface');
  });

  it('is NAT where no entry could be inserted', () => {
    expect(told([table('insert_failed', 0, 209)])).toContain('NAT had no port left');
  });

  it('is the listener where its queue overflowed', () => {
    const inside = [{ ...FATE, ...AGAIN, count: 30, back: undefined }];
    const counters = [{ where: 'pod1', name: 'ListenOverflows', before: 0, after: 30 }];
    expect(told(counters, undefined, inside)).toContain("the listener's queue was full");
    // Of whose queue it was the kernel tells nothing.
    const elsewhere = [{ place: '__dev_queue_xmit', reason: 'QDISC_DROP', count: 400 }];
    expect(told(counters, elsewhere, inside)).toContain("the listener's queue was full");
    expect(told(counters, elsewhere, inside)).not.toContain('queue of an interface');
    expect(
      consequencesOf(summaryOf([...inside, ...fine], { counters, drops: undefined }), catalogue),
    ).toContainEqual(expect.objectContaining({ mode: 'listen-overflow', speaks: 'for' }));
  });

  it('is not this node where every first SYN was answered, or its answer left', () => {
    expect(consequencesOf(summaryOf(fine, { counters: [], drops: [] }), catalogue)).toEqual([
      expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
    ]);
    const after = [{ ...FATE, ...AGAIN, answeredAfter: 0, count: 40 }];
    expect(consequencesOf(summaryOf([...after, ...fine], { counters: full, drops: [] }), catalogue)).toEqual([
      expect.objectContaining({ mode: 'not-the-node', speaks: 'for' }),
    ]);
  });

  it('is told with a margin where one connection in several was looked at', () => {
    const [first, second] = sentencesOf(
      { fates: [...lost, ...fine], thin: 4, port: undefined, counters: [], drops: undefined },
      { uplink: 'eth0', veth: 'v', pod: 'p' },
    );
    expect(first).toContain('(14 % ± 1.8 points)');
    expect(second).toBe('One connection in 4 was looked at.');
  });

  it('says what it cannot tell where no packet was looked at', () => {
    const [first, second] = sentencesOf(
      { fates: undefined, thin: 1, port: undefined, counters: full, drops: undefined },
      { uplink: 'eth0', veth: 'v', pod: 'p' },
    );
    expect(first).toMatch(/neither the connections nor the hop/);
    expect(second).toBe('In these seconds 209 packets were dropped because the table was full.');
  });
});
