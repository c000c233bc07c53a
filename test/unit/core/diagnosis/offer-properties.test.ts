import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { NodePlan, type SettingChange } from '../../../../src/core/record/plan.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';
import { type BuiltNode, entries, nodeOutput } from '../../support/node-output.ts';

const MODES_THAT_MAY_RAISE = ['table-full', 'near-full', 'netns-table-full'];

const anyCase = fc.constantFrom(...recordedCases());

describe('an offer', { timeout: 60_000 }, () => {
  /** Numbers of the capture changed here and there, so that every threshold is crossed in both directions. */
  const mutated = anyCase.chain(({ capture }) =>
    fc
      .array(
        fc.tuple(
          fc.nat({ max: Math.max(0, capture.sections.length - 1) }),
          fc.nat({ max: 40 }),
          fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 5_000_000 })),
        ),
        { maxLength: 12 },
      )
      .map((changes) => {
        const sections = capture.sections.map((section) => ({ ...section }));
        for (const [index, position, value] of changes) {
          const section = sections[index];
          if (section === undefined) continue;
          let seen = -1;
          section.text = section.text.replaceAll(/\b\d{1,9}\b/g, (digits) => {
            seen += 1;
            return seen === position ? String(value).padStart(digits.length, '0') : digits;
          });
        }
        return { ...capture, sections };
      }),
  );

  /** Nodes built to need each of the changes that no recorded node needs, with their numbers varied. */
  const built = fc
    .record({
      mode: fc.constantFrom('timeouts', 'neighbours', 'buckets'),
      share: fc.integer({ min: 0, max: 1_000 }),
      seconds: fc.integer({ min: 1, max: 500_000 }),
      limit: fc.integer({ min: 1, max: 100_000 }),
      unanswered: fc.integer({ min: 0, max: 120 }),
    })
    .map(({ mode, share, seconds, limit, unanswered }) => {
      const arp = (fulls: number) =>
        `entries allocs destroys res_failed table_fulls\n${[
          limit,
          fulls * 2,
          0,
          fulls === 0 ? 0 : unanswered,
          fulls,
        ]
          .map((value) => value.toString(16).padStart(8, '0'))
          .join(' ')}`;
      const nodes: Readonly<Record<string, BuiltNode>> = {
        timeouts: {
          count: 110_000,
          sections: {
            'timeouts -': `nf_conntrack_tcp_timeout_established=${seconds}\nnf_conntrack_tcp_timeout_close_wait=${seconds}\nnf_conntrack_tcp_timeout_time_wait=${seconds}`,
            'entries -': entries([
              `state ${share} tcp CLOSE_WAIT assured`,
              `state ${1_000 - share} tcp ESTABLISHED assured`,
              `established ${1_000 - share} ${1_000 - share}`,
            ]),
          },
        },
        neighbours: {
          sections: {
            'neighbours -': `gc_thresh1=${Math.ceil(limit / 8)}\ngc_thresh2=${Math.ceil(limit / 2)}\ngc_thresh3=${limit}\nentries=${limit}`,
            'arp_cache 0': arp(0),
            'arp_cache 1': arp(50),
          },
        },
        buckets: { count: limit, buckets: limit, counters: { chainlength: 20, insert_failed: 20 } },
      };
      const capture = readCapture(nodeOutput(nodes[mode]));
      if (capture === undefined) throw new Error('a built node can not be read');
      return capture;
    });

  it('is made in the allowed modes only, never downward and never above the memory bound', () => {
    fc.assert(
      fc.property(mutated, (capture) => {
        const snapshot = snapshotOf(capture);
        const { diagnosis, plan } = diagnose(snapshot, catalogue, 'i-1');
        expect(plan?.kind === 'raise-max').toBe(diagnosis.offer.raise);
        if (plan?.kind !== 'raise-max') return;
        expect(MODES_THAT_MAY_RAISE).toContain(diagnosis.verdict);
        expect(plan.max.to).toBeGreaterThan(plan.max.from);
        expect(plan.max.to).toBeLessThanOrEqual(plan.max.from * 4);
        expect(plan.buckets.to).toBeGreaterThanOrEqual(plan.buckets.from);
        if (!snapshot.memory.known) throw new Error('a raise without knowing the memory');
        const { totalBytes, availableBytes } = snapshot.memory.value;
        expect(plan.memoryBytes).toBeLessThanOrEqual(Math.min(0.05 * totalBytes, 0.5 * availableBytes));
        expect(diagnosis.contributing.filter((mode) => mode.startsWith('ena-'))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  /** Lowest value that a click may set a timeout to. */
  const TIMEOUT_FLOORS: Readonly<Record<string, number>> = {
    'net.netfilter.nf_conntrack_tcp_timeout_close_wait': 60,
    'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 60,
    'net.netfilter.nf_conntrack_tcp_timeout_established': 86_400,
  };

  it('is of one kind, that of its mode, and within the bounds of that kind', () => {
    const kinds: Readonly<Record<string, string>> = {
      'table-full': 'raise-max',
      'near-full': 'raise-max',
      'hash-chains-long': 'raise-buckets',
      'timeout-bloat': 'shorten-timeouts',
      'neighbour-overflow': 'raise-neighbour-thresholds',
      'stale-udp-entry': 'delete-udp-entries',
    };
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(mutated, built), (capture) => {
        const snapshot = snapshotOf(capture);
        const { diagnosis, plan } = diagnose(snapshot, catalogue, 'i-1');
        expect(diagnosis.offer.remediations.map(({ kind }) => kind)).toEqual(
          plan === undefined ? [] : [plan.kind],
        );
        if (plan === undefined) return;
        seen.add(plan.kind);
        expect(NodePlan.parse(plan)).toEqual(plan);
        expect(plan.kind).toBe(kinds[diagnosis.verdict]);
        if (plan.kind === 'raise-max' || plan.kind === 'delete-udp-entries') return;
        for (const { key, from, to } of plan.changes satisfies readonly SettingChange[]) {
          expect(snapshot.settings.known && snapshot.settings.value.get(key)).toBe(from);
          const floor = TIMEOUT_FLOORS[key];
          if (floor === undefined) expect(to).toBeGreaterThan(from);
          else expect([to < from, to >= floor]).toEqual([true, true]);
          if (key.endsWith('buckets')) expect(to).toBeLessThanOrEqual(4_194_304);
          if (key.includes('gc_thresh')) expect(to).toBeLessThanOrEqual(65_536);
        }
      }),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual([...new Set(Object.values(kinds))].sort());
  });
});

/** A node whose table held so many entries of 131,072 at the first sample and so many at the second. */
const tableOf = (first: number, second: number): BuiltNode => ({
  sections: Object.fromEntries(
    [first, second].map((count, sample) => [
      `conntrack ${sample}`,
      `nf_conntrack_count=${count}\nnf_conntrack_max=131072\nnf_conntrack_buckets=131072`,
    ]),
  ),
});

it.each([
  [120_000, 1_000],
  [131_072, 10],
  [4_194_304, 1_000],
])('a table that went from %d to %d entries without a loss gets no raise', (first, second) => {
  const capture = readCapture(nodeOutput(tableOf(first, second)));
  if (capture === undefined) throw new Error('the built node can not be read');
  const { diagnosis, plan } = diagnose(snapshotOf(capture), catalogue, 'i-1');
  expect(diagnosis.offer.raise).toBe(false);
  expect(plan).toBeUndefined();
});
