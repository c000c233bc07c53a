import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { type Catalogue, defineSignature } from '../../../../src/core/diagnosis/signature.ts';
import { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { contradictions, type RecordedCase, recordedCases } from '../../support/captures.ts';

const ids = catalogue.map(({ id }) => id);
const cases = recordedCases().map((one) => ({ ...one, snapshot: snapshotOf(one.capture) }));
const listedIn = ({ modes }: RecordedCase) => [...modes.present, ...modes.absent, ...modes.unknown];

/** Modes that a capture of another mode rules out or can't tell: they are judged everywhere, a new one in its own captures. */
const judgedEverywhere = ids.filter((id) =>
  cases.some(({ mode, modes }) => mode !== id && [...modes.absent, ...modes.unknown].includes(id)),
);

describe.each(cases)('$mode/$name', (recorded) => {
  const { snapshot, expected, modes } = recorded;
  const { diagnosis, plan } = diagnose(snapshot, catalogue, 'i-1');

  it('gets its verdict', () => {
    expect([expected.verdict, ...(expected.acceptable ?? [])]).toContain(diagnosis.verdict);
  });

  it('finds in every failure mode what is true of the capture', () => {
    expect(contradictions(recorded, diagnosis.findings)).toEqual([]);
  });

  it('is judged for every failure mode once, under its real id', () => {
    const listed = listedIn(recorded);
    expect(listed.filter((id, index) => !ids.includes(id) || listed.indexOf(id) !== index)).toEqual([]);
    expect(judgedEverywhere.filter((id) => !listed.includes(id))).toEqual([]);
    expect([expected.verdict, ...(expected.acceptable ?? [])].filter((id) => !ids.includes(id))).toEqual([]);
    expect(modes.present).toContain(expected.verdict);
  });

  it('offers a change only where it helps', () => {
    expect({ raise: diagnosis.offer.raise, why: diagnosis.offer.why }).toEqual({
      raise: expected.raise,
      why: expect.stringMatching(/\.$/),
    });
    expect(plan?.kind).toBe(expected.change ?? (expected.raise ? 'raise-max' : undefined));
  });

  it('keeps the public contract', () => {
    expect(Diagnosis.parse(diagnosis)).toEqual(diagnosis);
    expect(diagnosis.findings.map(({ mode }) => mode)).toEqual(ids);
  });

  it('gets a runbook with every slot filled or its block left out', () => {
    const { markdown } = renderNodeRunbook(
      { node: 'i-1', diagnosis, figures: {}, plan },
      catalogue,
      runbookTexts,
    );
    expect(markdown).not.toMatch(/\{\{|undefined|NaN/);
  });
});

describe('a signature that matches every table that is nine tenths full', () => {
  /** Says "present" of every such table, and nothing else. */
  const careless = (id: string) =>
    defineSignature({
      id,
      title: 'Nine tenths full',
      order: { stage: 'background', position: 999 },
      evaluate({ conntrack: { use } }) {
        if (!use.known || use.value.ratio < 0.9) return { state: 'no-match', evidence: [] };
        return {
          state: 'match',
          impact: 'pressure',
          confidence: 'low',
          evidence: [],
          headline: 'Nine tenths full.',
          raise: { allowed: false, why: 'It is a mutant.' },
        };
      },
    });

  const failing = (mode: string, changed: Catalogue) =>
    cases.filter(
      (one) =>
        one.mode !== mode &&
        contradictions(one, diagnose(one.snapshot, changed, 'i-1').diagnosis.findings).some((said) =>
          said.startsWith(`${mode} `),
        ),
    );

  it('fails captures of others as a new failure mode', () => {
    expect(failing('nine-tenths-full', [careless('nine-tenths-full'), ...catalogue]).length).toBeGreaterThan(
      0,
    );
  });

  const predicates = ids.filter((id) => catalogue.find((one) => one.id === id)?.evaluate !== undefined);

  it.each(predicates)('fails captures of others in place of %s', (mode) => {
    const changed = catalogue.map((one) => (one.id === mode ? careless(mode) : one));
    expect(failing(mode, changed).length).toBeGreaterThan(0);
  });
});
