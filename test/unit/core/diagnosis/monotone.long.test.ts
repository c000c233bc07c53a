import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { Confidence, type Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';
import { mixedCases } from '../../support/mixed.ts';
import { PIECES } from '../../support/paste-pieces.ts';
import { diagnosedHosts } from '../../support/pastes.ts';
import { MONOTONE_RUNS } from '../../support/property-runs.ts';

const SEED = 14;

/** What speaks of all other modes may end with any piece. */
const CONCLUSIONS = new Set(catalogue.filter(({ conclude }) => conclude !== undefined).map(({ id }) => id));

/** Modes that may end where a more exact one takes their place: the same loss, told closer. */
const GIVES_WAY: Readonly<Record<string, readonly string[]>> = {
  'near-full': ['table-full'],
  'snat-race': ['snat-ports-exhausted', 'branch-eni-race', 'dns-race'],
};

/** What more evidence took away, a clause each. */
function lost(less: Diagnosis, more: Diagnosis): readonly string[] {
  const states = new Map(more.findings.map(({ mode, state }) => [mode, state]));
  const isPresent = (mode: string) => states.get(mode) === 'present';
  const ended = less.findings.filter(
    ({ mode, state }) =>
      state === 'present' &&
      !CONCLUSIONS.has(mode) &&
      !isPresent(mode) &&
      !(GIVES_WAY[mode] ?? []).some(isPresent),
  );
  const weight = ({ confidence }: Diagnosis) => Confidence.options.indexOf(confidence);
  const isDoubted =
    less.verdict === more.verdict && !CONCLUSIONS.has(less.verdict) && weight(more) > weight(less);
  return [
    ...ended.map(({ mode }) => `${mode} becomes ${states.get(mode)}`),
    ...(isDoubted ? [`${less.verdict} falls from ${less.confidence} to ${more.confidence}`] : []),
  ];
}

/** Two samples that measured no drop for a full table: a line or a count of another moment is past then. */
const isMeasuredQuiet = (piece: string) => /sleep 30/.test(piece) && !piece.includes('drop=1900');

describe('a piece of a paste of one moment', () => {
  it(`takes no finding away and makes no verdict less sure, in ${MONOTONE_RUNS.pastes} runs`, () => {
    // One sample and two of the same counters are not of one moment.
    const kinds = Object.keys(PIECES);
    const chosen = fc
      .subarray(kinds, { minLength: 2, maxLength: 6 })
      .filter((names) => !(names.includes('counters') && names.includes('two samples')))
      // A count of all states and a sample that says otherwise are not of one moment either.
      .filter((names) => !(names.includes('states') && names.includes('entries')));
    const text = (pieces: readonly string[]) => pieces.join('\n');
    fc.assert(
      fc.property(
        chosen,
        fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
        fc.nat(),
        (names, picks, nth) => {
          const pieces = names.map((name, index) => {
            const readings = PIECES[name] ?? [];
            return readings[(picks[index] ?? 0) % readings.length] ?? '';
          });
          const added = nth % pieces.length;
          const [less] = diagnosedHosts(text(pieces.filter((_, index) => index !== added)));
          const [more] = diagnosedHosts(text(pieces));
          if (less === undefined || more === undefined) return;
          const gone = lost(less.diagnosis, more.diagnosis).filter(
            (clause) => !(clause.startsWith('table-full becomes') && isMeasuredQuiet(pieces[added] ?? '')),
          );
          expect(gone).toEqual([]);
        },
      ),
      { numRuns: MONOTONE_RUNS.pastes, seed: SEED },
    );
  });
});

describe('a section of a capture', () => {
  it(`takes no finding away and makes no verdict less sure, in ${MONOTONE_RUNS.captures} runs`, () => {
    const captures = [...recordedCases(), ...mixedCases()].map(({ capture }) => capture);
    const at = fc.nat(captures.length - 1);
    fc.assert(
      fc.property(at, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (index, picks) => {
        const capture = captures[index];
        if (capture === undefined) return;
        const sources = [...new Set(capture.sections.map(({ source }) => source))];
        const removed = new Set(picks.map((pick) => sources[pick % sources.length]));
        const [restored] = removed;
        const without = (left: ReadonlySet<unknown>) =>
          diagnose(
            snapshotOf({ ...capture, sections: capture.sections.filter(({ source }) => !left.has(source)) }),
            catalogue,
            'i-1',
          ).diagnosis;
        const more = new Set([...removed].filter((source) => source !== restored));

        // Counters of two samples that show no drop make what the kernel logged before them past.
        const isMeasured = restored === 'stat-nf_conntrack' || restored === 'conntrack-S';
        const gone = lost(without(removed), without(more)).filter(
          (clause) => !(isMeasured && clause.startsWith('table-full becomes')),
        );
        expect(gone).toEqual([]);
      }),
      { numRuns: MONOTONE_RUNS.captures, seed: SEED },
    );
  });

  it('keeps what the kernel logged beside a calm count, where its drops were not read', () => {
    const found = recordedCases().find(({ name }) => name === 'held-open-32768-rolled-back');
    if (found === undefined) throw new Error('The recorded case is gone.');
    const { capture } = found;
    const sections = capture.sections.filter(({ source }) => source !== 'stat-nf_conntrack');
    const { diagnosis } = diagnose(snapshotOf({ ...capture, sections }), catalogue, 'i-1');
    expect(diagnosis).toMatchObject({ verdict: 'table-full', confidence: 'low', offer: { raise: false } });
    expect(diagnosis.headline).toMatch(/was full: the kernel logged it 55 times .*it is calm now, 2,042 of/);
  });
});
