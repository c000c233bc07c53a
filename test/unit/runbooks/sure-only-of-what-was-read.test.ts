import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { readCapture } from '../../../src/core/capture/capture.ts';
import { diagnose } from '../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../src/core/snapshot/snapshot-of.ts';
import { flood, refusals } from '../support/built-nodes.ts';
import { type BuiltNode, nodeOutput } from '../support/node-output.ts';
import { diagnosedHosts } from '../support/pastes.ts';

function diagnosed(node: BuiltNode) {
  const capture = readCapture(nodeOutput(node)) ?? expect.unreachable();
  return diagnose(snapshotOf(capture), catalogue, 'i-0123456789abcdef0').diagnosis;
}

const stateOf = ({ findings }: ReturnType<typeof diagnosed>, mode: string) =>
  findings.find((finding) => finding.mode === mode)?.state;

/** A kernel log of a node that is up for a day, with lines of a full table so many seconds before the end. */
const log = (agesSeconds: readonly number[], completeSeconds = 80_000) => ({
  'kernel-log - ok 90000.00': [
    `window_seconds=${completeSeconds}`,
    'ring_start=3',
    ...agesSeconds.map(
      (age) => `[${(90_000 - age).toFixed(6)}] nf_conntrack: nf_conntrack: table full, dropping packet`,
    ),
  ].join('\n'),
});

describe('a table that was full and is calm', () => {
  const later = (node: BuiltNode, lines: ReturnType<typeof log>) => {
    const [[header, body] = ['', '']] = Object.entries(lines);
    const text = nodeOutput({ ...node, sections: { ...node.sections, 'kernel-log -': undefined } })
      .replaceAll(
        / ok (\d+)\.(\d+)$/gm,
        (_, seconds: string, rest: string) => ` ok ${89_880 + Number(seconds)}.${rest}`,
      )
      .replace(
        '=== medic/1 a1b2c3d4e5f6a7b8 end',
        `=== medic/1 a1b2c3d4e5f6a7b8 ${header}\n${body}\n=== medic/1 a1b2c3d4e5f6a7b8 end`,
      );
    const capture = readCapture(text) ?? expect.unreachable();
    return diagnose(snapshotOf(capture), catalogue, 'i-0123456789abcdef0').diagnosis;
  };

  it('is told with time and numbers, and the node is not called clean at high confidence', () => {
    const twentyMinutes = later({}, log([1_210, 1_200]));
    expect(twentyMinutes).toMatchObject({
      verdict: 'not-the-node',
      confidence: 'low',
      offer: { raise: false },
    });
    expect(twentyMinutes.headline).toContain(
      'but until 20 min ago a connection-tracking table was full (2 kernel messages): collect again during the next peak, or let an alarm at 80 % of the table do it',
    );
    expect(later({}, log([18_000])).confidence).toBe('medium');
    expect(later({}, log([])).confidence).toBe('high');
  });

  it('is not full now because a line from before the samples says so, whatever is evicted meanwhile', () => {
    const node = { count: 131_000, counters: { early_drop: 9_000 }, sections: { 'entries -': flood(3) } };
    const past = later(node, log([600]));
    expect(stateOf(past, 'table-full')).toBe('absent');
    expect(past.offer.raise).toBe(false);
    expect(past.verdict).not.toBe('table-full');
    const facts = past.findings.find(({ mode }) => mode === 'table-full')?.because ?? [];
    expect(facts.find(({ fact }) => fact === 'newest "table full" line')?.value).toBe('10 min');
    expect(stateOf(later({ ...node, counters: { drop: 50 } }, log([600])), 'table-full')).toBe('present');
  });
});

describe('connections that nobody answers or all are refused', () => {
  it('are no flood where operating systems send the SYNs: a backend is down', () => {
    const dead = diagnosed({ sections: refusals(28_000, 50.6) });
    expect(dead.verdict).toBe('not-the-node');
    expect(dead.headline).toContain(
      'about 2,800 connections a second are refused, so look for a backend that is down',
    );
    expect(stateOf(dead, 'half-open-flood')).toBe('absent');
  });

  it('are a flood where the SYNs are crafted', () => {
    expect(diagnosed({ sections: refusals(28_000, 40.2) }).verdict).toBe('half-open-flood');
  });

  it('are neither where the size of the packets was not read', () => {
    const { 'netstat 1': _, ...counted } = refusals(28_000, 40);
    expect(stateOf(diagnosed({ sections: counted }), 'half-open-flood')).toBe('unknown');
  });

  const silent = (busiestSource: number) =>
    diagnosed({
      count: 131_000,
      counters: { early_drop: 9_000 },
      sections: { 'entries -': flood(busiestSource) },
    });

  it('are no flood where a few dozen clients wait for one destination', () => {
    expect(stateOf(silent(60), 'half-open-flood')).toBe('absent');
    expect(stateOf(silent(2), 'half-open-flood')).toBe('present');
  });

  it('may be either where the clients are many, and then it is said', () => {
    const finding = silent(2);
    expect(finding.confidence).toBe('medium');
    expect(finding.headline).toContain('or a backend that answers none of its many clients');
  });

  it('are pointed at on a node with room, with the share of the table that waits', () => {
    const { verdict, headline } = diagnosed({ sections: { 'entries -': flood(300) } });
    expect(verdict).toBe('not-the-node');
    expect(headline).toContain('90 % of the table’s entries wait for the first answer of one destination');
  });
});

describe('clashes of translated ports', () => {
  const clashes = (ranges: string | undefined, pools: readonly [number, number][]) =>
    diagnosed({
      count: 1_000,
      counters: { insert_failed: 550, drop: 550 },
      sections: {
        'entries -': [
          'sampled=1000 complete=yes',
          'state 1000 tcp TIME_WAIT assured',
          'halfopen 0 0 0',
          ...pools.map(([count, port]) => `translated ${count} tcp 198.18.1.1 198.18.1.2 ${port}`),
        ].join('\n'),
        ...(ranges === undefined ? {} : { 'snat-ranges -': ranges }),
      },
    });
  const pools: readonly [number, number][] = [
    [120, 8_080],
    [51, 8_081],
  ];

  it('are a race for sure only where the ranges of the rules were read', () => {
    const unread = clashes(undefined, pools);
    expect(unread).toMatchObject({ verdict: 'snat-race', confidence: 'medium' });
    expect(stateOf(unread, 'snat-ports-exhausted')).toBe('unknown');
    const open = clashes('source_rules=1 narrowed=0 unread=0 complete=yes', pools);
    expect(open).toMatchObject({ verdict: 'snat-race', confidence: 'high' });
    expect(stateOf(open, 'snat-ports-exhausted')).toBe('absent');
    const partly = clashes('source_rules=1 narrowed=0 unread=1 complete=yes', pools);
    expect(partly).toMatchObject({ verdict: 'snat-race', confidence: 'medium' });
  });

  it('are used-up ports where a rule leaves as few, also of a destination that is not the busiest', () => {
    const narrow = clashes('source_rules=1 narrowed=1 unread=0 complete=yes\nrange tcp 30000 30050', [
      [51, 8_081],
    ]);
    expect(narrow).toMatchObject({ verdict: 'snat-ports-exhausted', confidence: 'high' });
    const one = clashes('source_rules=2 narrowed=1 unread=0 complete=yes\nrange tcp 30000 30050', pools);
    expect(one).toMatchObject({ verdict: 'snat-ports-exhausted', confidence: 'medium' });
    expect(one.headline).toContain('about 51 of 51 translated ports to tcp port 8081');
  });

  it('are no used-up ports of a range that the connections do not fit into', () => {
    const wide = clashes('source_rules=2 narrowed=1 unread=0 complete=yes\nrange tcp 30000 30050', [
      [120, 8_080],
    ]);
    expect(stateOf(wide, 'snat-ports-exhausted')).not.toBe('present');
  });
});

describe('a table of entries by state', () => {
  const text =
    "$ conntrack -C\n65400\n$ sysctl -n net.netfilter.nf_conntrack_max\n65536\n$ conntrack -L | awk '{print $4}' | sort | uniq -c\n";
  const judged = (rows: string) => {
    const [only] = diagnosedHosts(`${text}${rows}`);
    return only?.diagnosis ?? expect.unreachable();
  };

  it('does not call half-open entries an attack whose senders were not read', () => {
    const { verdict, headline, findings, offer } = judged(
      '  51022 SYN_SENT\n   9021 ESTABLISHED\n   4001 TIME_WAIT',
    );
    const state = findings.find(({ mode }) => mode === 'half-open-flood')?.state;
    expect({ verdict, flood: state, raise: offer.raise }).toEqual({
      verdict: 'near-full',
      flood: 'unknown',
      raise: false,
    });
    expect(headline).toMatch(
      /half-open connections \(.* was not read\): a flood, or clients of something that does not answer/,
    );
  });

  it('rules out neither a single busy end nor stale flows, which it does not show', () => {
    const { findings } = judged('  51022 ESTABLISHED\n   9021 TIME_WAIT\n   4001 SYN_SENT');
    const states = ['connection-leak', 'stale-udp-entry'].map(
      (mode) => findings.find((finding) => finding.mode === mode)?.state,
    );
    expect(states).toEqual(['unknown', 'unknown']);
    expect(JSON.stringify(findings)).not.toMatch(/busiest source|port –/);
  });
});
