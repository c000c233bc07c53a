import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';

const ids = catalogue.map(({ id }) => id);

describe.each(recordedCases())('$mode/$name', ({ capture, expected }) => {
  const { diagnosis, plan } = diagnose(snapshotOf(capture), catalogue, 'i-1');

  it('gets its verdict', () => {
    const accepted = [expected.verdict, ...(expected.acceptable ?? [])];
    const isKnownMode = accepted.some((id) => ids.includes(id));
    expect(isKnownMode ? accepted : ['insufficient-evidence', 'not-the-node', ...ids]).toContain(
      diagnosis.verdict,
    );
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
