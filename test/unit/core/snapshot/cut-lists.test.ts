import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { freshLines } from '../../../../src/core/diagnosis/log-lines.ts';
import { parseNatRules } from '../../../../src/core/parse/nat-rules.ts';
import { unreadRival } from '../../../../src/core/plan/rival-lines.ts';
import { valueOf } from '../../../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { collectorOutput, recordedCases } from '../../support/captures.ts';

type Sections = readonly (readonly [header: string, body: string])[];

const CONNTRACK = 'nf_conntrack_count=100\nnf_conntrack_max=1000';

function snapshotFrom(...sections: Sections): Snapshot {
  const capture = readCapture(
    collectorOutput([
      ['identity - ok 100.00', 'kernel=6.1.0'],
      ['conntrack 0 ok 100.00', CONNTRACK],
      ['conntrack 1 ok 110.00', CONNTRACK],
      ...sections,
    ]),
  );
  return snapshotOf(capture ?? expect.unreachable());
}

const NAMES = 'names TcpPassiveOpens TcpExtListenOverflows';

function pods(
  first: readonly string[],
  second: readonly string[],
  read: readonly [number, number],
): Snapshot {
  const text = (rows: readonly string[], found: number) =>
    [`namespaces=${found} read=${found} hidden=0`, NAMES, ...rows].join('\n');
  return snapshotFrom(
    ['pods 0 ok 100.00', text(first, read[0])],
    ['pods 1 ok 110.00', text(second, read[1])],
  );
}

const overflowsIn = (snapshot: Snapshot) => valueOf(snapshot.podProtocol)?.get('TcpExtListenOverflows');

describe('counters of pods', () => {
  it('are a gap where they were read and cut from the list, and hide overflows where those listed have some', () => {
    const eight = Array.from({ length: 8 }, (_, index) => `netns ${100 + index} 50 ${400 + index}`);
    const cut = pods(eight, eight, [9, 9]);
    expect({ unread: cut.unreadPods, hides: cut.hidesPodOverflows }).toEqual({ unread: 1, hides: true });
    const none = Array.from({ length: 8 }, (_, index) => `netns ${100 + index} 50 0`);
    const clean = pods(none, none, [9, 9]);
    expect({ unread: clean.unreadPods, hides: clean.hidesPodOverflows }).toEqual({ unread: 1, hides: false });
  });

  it('are all told where the rest was added up', () => {
    const seen = pods(
      ['netns 100 50 400', 'others 3 9 40'],
      ['netns 100 50 400', 'began 101 3 2', 'others 3 9 45'],
      [4, 5],
    );
    expect({ overflows: overflowsIn(seen), unread: seen.unreadPods }).toEqual({ overflows: 7n, unread: 0 });
  });

  it('of a namespace that began between the samples are its own rise, where it surely did', () => {
    const began = pods(['netns 100 50 400'], ['netns 100 50 400', 'netns 101 9 12'], [1, 2]);
    expect({ overflows: overflowsIn(began), unread: began.unreadPods }).toEqual({
      overflows: 12n,
      unread: 0,
    });
    const doubtful = pods(['netns 100 50 400'], ['netns 100 50 400', 'netns 101 9 12'], [2, 2]);
    expect({ overflows: overflowsIn(doubtful), unread: doubtful.unreadPods }).toEqual({
      overflows: 0n,
      unread: 1,
    });
  });

  it('that went back are those of another namespace under the same number', () => {
    expect(overflowsIn(pods(['netns 100 50 400'], ['netns 100 2 3'], [1, 1]))).toBe(3n);
  });

  it('that were cut leave no verdict that the node is healthy', () => {
    const healthy = recordedCases().find(({ name }) => name === 'healthy-busy') ?? expect.unreachable();
    const rows = Array.from({ length: 8 }, (_, index) => `netns ${100 + index} 50 400`).join('\n');
    const text = `namespaces=9 read=9 hidden=0\n${NAMES}\n${rows}`;
    const section = (sample: 0 | 1, uptimeSeconds: number) =>
      ({ source: 'pods', sample, status: 'ok', uptimeSeconds, text }) as const;
    const others = healthy.capture.sections.filter(
      ({ source }) => source !== 'pods' && source !== 'nstat-pod',
    );
    const capture = { ...healthy.capture, sections: [...others, section(0, 100), section(1, 110)] };
    const { diagnosis } = diagnose(snapshotOf(capture), catalogue, 'i-0123456789abcdef0');
    expect(diagnosis.verdict).toBe('insufficient-evidence');
    expect(diagnosis.headline).toContain('listen queues of every pod');
  });
});

describe('what a kernel log no longer holds', () => {
  const log = (window: string, ...lines: readonly string[]) =>
    snapshotFrom(
      ['netstat 1 ok 50110.00', ''],
      ['kernel-log - ok 50112.00', [`window_seconds=${window}`, 'ring_start=3', ...lines].join('\n')],
    );

  it('is a gap, and lines that it may have held between the samples are not called absent', () => {
    const short = log('4', '[50110.000001] possible SYN flooding on port 80');
    expect(short.gaps).toContain('kernel-log: reaches back 4 s only → earlier kernel messages unknown');
    expect(freshLines(short, 'expectation-table-full')).toBeUndefined();
    expect(freshLines(short, 'syn-flooding')).toHaveLength(1);
  });

  it('is none where the log is long enough', () => {
    const long = log('900');
    expect(long.gaps.join()).not.toContain('reaches back');
    expect(freshLines(long, 'expectation-table-full')).toEqual([]);
  });
});

describe('counters of interfaces that were cut', () => {
  const eth = (name: string, packets: number) =>
    `== ${name} driver=ena\nconntrack_allowance_exceeded: ${packets}\nbw_in_allowance_exceeded: 5`;
  const both = (first: string, second: string) =>
    snapshotFrom(['ethtool 0 truncated 100.00', first], ['ethtool 1 truncated 110.00', second]).ena;

  it('prove what grew, and nothing of what stands still', () => {
    expect(valueOf(both(eth('eth0', 1), eth('eth0', 9)))).toEqual(
      new Map([['conntrack_allowance_exceeded', 8n]]),
    );
    expect(both(eth('eth0', 1), eth('eth0', 1))).toMatchObject({ known: false, kind: 'unknown' });
  });

  it('are not compared with those of an interface that only one sample lists', () => {
    expect(both(eth('eth0', 1), eth('eth1', 900))).toMatchObject({ known: false, kind: 'unknown' });
  });

  it('do not hide a rise behind an interface that went away', () => {
    const { ena } = snapshotFrom(
      ['ethtool 0 ok 100.00', `${eth('eth0', 10)}\n${eth('eth1', 5_000)}`],
      ['ethtool 1 ok 110.00', eth('eth0', 60)],
    );
    expect(valueOf(ena)?.get('conntrack_allowance_exceeded')).toBe(50n);
  });
});

describe('lists of entries, rules and files that were cut', () => {
  it('let any state of entries have what the listed ones leave', () => {
    const { entries } = snapshotFrom([
      'entries - ok 110.00',
      'sampled=100 complete=yes\nstate 90 tcp CLOSE -',
    ]);
    expect(valueOf(entries)?.stateError).toBeCloseTo(0.1);
  });

  it('say that rules were not all looked at', () => {
    const rules = (count: number) =>
      `*nat\n${'-A POSTROUTING -p udp -j DNAT --to-destination 10.0.0.1:53\n'.repeat(count)}`;
    expect(parseNatRules(rules(30_000))?.isCut).toBe(true);
    expect(parseNatRules(rules(30))?.isCut).toBe(false);
  });

  it('leave open what more files or lines of configuration set at boot', () => {
    const facts = (more: string) =>
      valueOf(snapshotFrom(['persistence - ok 110.00', `builtin=no\n${more}`]).persistence);
    const cut = facts('unread_more=2\nunlisted=1') ?? expect.unreachable();
    expect(unreadRival(cut)).toBe('what 2 more files and 1 more line of configuration may set was not read');
    expect(unreadRival(facts('') ?? expect.unreachable())).toBeUndefined();
  });
});
