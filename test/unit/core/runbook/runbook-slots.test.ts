import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { assessCapture } from '../../../../src/core/diagnosis/assess.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { recordedCases } from '../../support/captures.ts';

/** Slots that only an offered raise, a source that was not read, or a shaper fills. */
const CONDITIONAL = /^(?:plan\.|gaps$|ruled-out$|shaped-interface$)/;

const cases = recordedCases().filter(({ mode, expected }) => mode === expected.verdict);

describe.each(cases)('the runbook of $mode for $name', ({ capture }) => {
  const { diagnosis, figures, plan } = assessCapture(capture, { instanceId: 'i-1', catalogue });
  const text = runbookTexts[diagnosis.verdict] ?? '';
  const slots = [...new Set(Array.from(text.matchAll(/\{\{\s*([a-z.-]+)\s*\}\}/g), ([, name = '']) => name))];

  it('has evidence for every slot', () => {
    const needed = slots.filter(
      (slot) => !CONDITIONAL.test(slot) && !(slot === 'evidence' && isConclusion()),
    );
    const probe = needed.map((slot) => `${slot} is {{${slot}}}`).join('\n\n');
    const { markdown } = renderNodeRunbook({ node: 'i-1', diagnosis, figures, plan }, catalogue, {
      ...runbookTexts,
      [diagnosis.verdict]: probe,
    });
    expect(needed.filter((slot) => !new RegExp(`^${slot} is\\b`, 'm').test(markdown))).toEqual([]);
  });

  it('has every slot of the plan where a raise is offered', () => {
    const ofPlan = plan === undefined ? [] : slots.filter((slot) => slot.startsWith('plan.'));
    const probe = ofPlan.map((slot) => `${slot} is {{${slot}}}`).join('\n\n');
    const texts = { ...runbookTexts, [diagnosis.verdict]: probe };
    const { markdown } = renderNodeRunbook({ node: 'i-1', diagnosis, figures, plan }, catalogue, texts);
    expect(ofPlan.filter((slot) => !new RegExp(`^${slot} is\\b`, 'm').test(markdown))).toEqual([]);
  });

  /** A verdict that nothing was shown has no evidence of its own. */
  function isConclusion(): boolean {
    return diagnosis.verdict === 'insufficient-evidence';
  }
});
