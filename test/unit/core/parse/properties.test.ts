import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import type { Capture, Section } from '../../../../src/core/capture/capture.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { parseCilium } from '../../../../src/core/parse/cilium.ts';
import { parseProcCounters, parseToolCounters } from '../../../../src/core/parse/conntrack-counters.ts';
import { parseEntries } from '../../../../src/core/parse/entries/entries.ts';
import { parseBusiestPairs, parseStateCounts } from '../../../../src/core/parse/entries/lists.ts';
import { parseEntrySummary } from '../../../../src/core/parse/entries/summary.ts';
import { parseEthtool } from '../../../../src/core/parse/ethtool.ts';
import { parseKernelLog } from '../../../../src/core/parse/kernel-log.ts';
import { parseKeyValues } from '../../../../src/core/parse/key-values.ts';
import { parseListeners } from '../../../../src/core/parse/listeners.ts';
import { parseMeminfo, parseSlabinfo, parseSockstat } from '../../../../src/core/parse/memory.ts';
import { parseNatRules } from '../../../../src/core/parse/nat-rules.ts';
import { parsePerCpuTable } from '../../../../src/core/parse/per-cpu-table.ts';
import { parsePodCounters } from '../../../../src/core/parse/pod-counters.ts';
import { parsePodSockets } from '../../../../src/core/parse/pod-sockets.ts';
import { parseProtocolCounters } from '../../../../src/core/parse/proc-net.ts';
import { parseQueueing } from '../../../../src/core/parse/queueing.ts';
import { parseSoftnet } from '../../../../src/core/parse/softnet.ts';
import type { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { anyText } from '../../support/any-text.ts';
import { recordedCases } from '../../support/captures.ts';
import { nodeOutput } from '../../support/node-output.ts';

const PARSERS = {
  parseBusiestPairs,
  parseCilium,
  parseEntries,
  parseEntrySummary,
  parseEthtool,
  parseKernelLog,
  parseKeyValues,
  parseListeners,
  parseMeminfo,
  parseNatRules,
  parsePerCpuTable,
  parsePodCounters,
  parsePodSockets,
  parseProcCounters,
  parseProtocolCounters,
  parseQueueing,
  parseSlabinfo,
  parseSockstat,
  parseSoftnet,
  parseStateCounts,
  parseToolCounters,
};

const MODES_THAT_MAY_RAISE = ['table-full', 'near-full', 'netns-table-full'];

const cases = recordedCases();
const anyCase = fc.constantFrom(...cases);
const judge = (capture: Capture) => diagnose(snapshotOf(capture), catalogue, 'i-1').diagnosis;
const present = ({ verdict, contributing }: Diagnosis) => [verdict, ...contributing];
const withSections = (capture: Capture, sections: readonly Section[]): Capture => ({ ...capture, sections });

/** Text that looks like a tool's output with something wrong in it, or any bytes at all. */
const hostileText = fc.oneof(
  anyText(400),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => new TextDecoder().decode(bytes)),
  fc
    .tuple(
      anyCase.chain(({ capture }) => fc.constantFrom(...capture.sections)),
      fc.nat(),
      fc.nat(),
      fc.string({ maxLength: 12 }),
    )
    .map(([{ text }, from, to, insert]) => {
      const [a, b] = [from % (text.length + 1), to % (text.length + 1)];
      return text.slice(0, Math.min(a, b)) + insert + text.slice(Math.max(a, b));
    }),
);

describe.each(Object.entries(PARSERS))('%s', (_, parse) => {
  it('gives an answer to any text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(() => parse(text)).not.toThrow();
      }),
      { numRuns: 100 },
    );
  });
});

describe('a diagnosis', { timeout: 60_000 }, () => {
  it('is the same whatever the order of the sections', () => {
    fc.assert(
      fc.property(
        anyCase.chain(({ capture }) =>
          fc.tuple(
            fc.constant(capture),
            fc.shuffledSubarray([...capture.sections], { minLength: capture.sections.length }),
          ),
        ),
        ([capture, sections]) => {
          expect(judge(withSections(capture, sections)).verdict).toBe(judge(capture).verdict);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is the same with Windows line ends and fields that nobody knows', () => {
    const noted = (section: Section) => ({
      ...section,
      text: `${section.text}\nmade_up_field = 12\nnothing to see here`.replaceAll('\n', '\r\n'),
    });
    for (const { capture } of cases) {
      const changed = judge(withSections(capture, capture.sections.map(noted)));
      const plain = judge(capture);
      expect([changed.verdict, changed.offer]).toEqual([plain.verdict, plain.offer]);
    }
  });

  it('is the same on any number of CPUs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 192 }), fc.nat({ max: 5_000 }), (cpus, drop) => {
        const verdict = (count: number) => {
          const output = nodeOutput({ count: 131_072, counters: { drop }, cpus: count });
          const capture = readCapture(output);
          return capture === undefined ? undefined : judge(capture).verdict;
        };
        expect(verdict(cpus)).toBe(verdict(1));
      }),
      { numRuns: 30 },
    );
  });

  it('never turns healthy, and never into an offer, because sections are missing', () => {
    fc.assert(
      fc.property(
        anyCase.chain(({ capture }) => fc.tuple(fc.constant(capture), fc.subarray([...capture.sections]))),
        ([capture, kept]) => {
          const [whole, part] = [judge(capture), judge(withSections(capture, kept))];
          const sick = whole.verdict !== 'not-the-node' && whole.verdict !== 'conntrack-not-in-use';
          const seen = (source: string) =>
            kept.filter((section) => section.source === source && section.status === 'ok').length >=
            capture.sections.filter((section) => section.source === source).length;
          // Some modes show in one source alone: without it a node may look well, and says what it could not see.
          const decisive = [
            'ct-states',
            'ct-sample',
            'ct-top',
            'entries',
            'iptables-save',
            'nstat-pod',
            'pods',
            'udp-rules',
          ];
          const isBlind = decisive.some((source) => !seen(source));
          const isHealthy = part.verdict === 'not-the-node';
          expect({
            turnsHealthy: sick && isHealthy && (!isBlind || part.confidence === 'high'),
            turnsIntoAnOffer: part.offer.raise && !whole.offer.raise,
            changesWhatIsNotThere:
              part.offer.remediations.length > 0 && !present(whole).includes(part.verdict),
            offersElsewhere: part.offer.raise && !MODES_THAT_MAY_RAISE.includes(part.verdict),
          }).toEqual({
            turnsHealthy: false,
            turnsIntoAnOffer: false,
            changesWhatIsNotThere: false,
            offersElsewhere: false,
          });
        },
      ),
      { numRuns: 80 },
    );
  });
});
