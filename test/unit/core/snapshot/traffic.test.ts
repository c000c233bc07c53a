import { expect, it } from 'vitest';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { trafficEvidence, trafficFigures } from '../../../../src/core/diagnosis/traffic.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { collectorOutput } from '../../support/captures.ts';

const NAMES = 'IpExt: InOctets OutOctets InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts';

/** A node that received and sent so many bytes and packets in ten seconds. */
function snapshotWith(
  changes: {
    readonly first?: string;
    readonly second?: string;
    readonly others?: readonly (readonly [string, string])[];
  } = {},
): Snapshot {
  const { first = '1000 1000 100 0 0 0', second = '1500001000 750001000 1000100 10 20 30' } = changes;
  const netstat = (values: string) => `${NAMES}\nIpExt: ${values}`;
  const capture = readCapture(
    collectorOutput([
      ['identity - ok 100.00', 'kernel=6.1.0\ninitial_netns=yes'],
      ['netstat 0 ok 100.00', netstat(first)],
      ['netstat 1 ok 110.00', netstat(second)],
      ...(changes.others ?? []),
    ]),
  );
  return snapshotOf(capture ?? expect.unreachable());
}

const saidOf = (snapshot: Snapshot) => trafficEvidence(snapshot).map(({ fact, value }) => `${fact} ${value}`);

it('tells bits and packets a second of both samples, packets as the wire had them', () => {
  expect(saidOf(snapshotWith())).toEqual([
    'IPv4, at most 1.2 Gbit/s in, 600 Mbit/s out, 100,006 packets/s in',
  ]);
});

it.each<[what: string, Parameters<typeof snapshotWith>[0]]>([
  ['a counter that began anew', { second: '10 10 10 0 0 0' }],
  ['one sample', { others: [['netstat 1 denied 110.00', '']] }],
  ['Cilium, which goes past the counters', { others: [['kube-proxy - ok 110.00', 'interfaces=cilium']] }],
  ['another network namespace', { others: [['identity - ok 100.00', 'kernel=6.1\ninitial_netns=no']] }],
])('says nothing of %s', (_, changes = {}) => {
  const sections: (readonly [string, string])[] = [
    ['identity - ok 100.00', 'kernel=6.1.0\ninitial_netns=yes'],
    ['netstat 0 ok 100.00', `${NAMES}\nIpExt: ${changes.first ?? '1000 1000 100 0 0 0'}`],
    ['netstat 1 ok 110.00', `${NAMES}\nIpExt: ${changes.second ?? '1500001000 750001000 1000100 10 20 30'}`],
  ];
  const named = new Map(
    sections.map(([header, body]) => [header.split(' ').slice(0, 2).join(' '), [header, body] as const]),
  );
  for (const [header, body] of changes.others ?? [])
    named.set(header.split(' ').slice(0, 2).join(' '), [header, body]);
  const capture = readCapture(collectorOutput([...named.values()])) ?? expect.unreachable();
  const snapshot = snapshotOf(capture);
  expect(saidOf(snapshot).filter((line) => /IPv4/.test(line))).toEqual([]);
  expect(trafficFigures(snapshot)?.receivedBits).toBeUndefined();
});

it('keeps what EC2 counted and what queues refused beside it, and nothing that was not read', () => {
  const ethtool = (bw: number, ring: number) =>
    `== eth0 driver=ena\nbw_in_allowance_exceeded: ${bw}\npps_allowance_exceeded: 0\nrx_overruns: ${ring}`;
  const softnet = (drops: string) => `00000010 ${drops} 00000000`;
  const counted = snapshotWith({
    others: [
      ['ethtool 0 ok 100.00', ethtool(4, 1)],
      ['ethtool 1 ok 110.00', ethtool(9, 3)],
      ['softnet_stat 0 ok 100.00', softnet('00000000')],
      ['softnet_stat 1 ok 110.00', softnet('00000005')],
    ],
  });
  expect(trafficFigures(counted)).toEqual({
    receivedBits: 1.2e9,
    sentBits: 6e8,
    receivedPackets: 100_006,
    allowances: { bw_in: 5, pps: 0 },
    queueDrops: 7,
  });
  expect(Object.keys(trafficFigures(snapshotWith()) ?? {})).toEqual([
    'receivedBits',
    'sentBits',
    'receivedPackets',
  ]);
});
