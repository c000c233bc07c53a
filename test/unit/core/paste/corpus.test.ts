import { describe, expect, it } from 'vitest';
import { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { fieldCases, pastedCases } from '../../support/corpus.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

describe.each(pastedCases())('$id ($source)', ({ text, expected, notYet }) => {
  const { used, ignored } = pasteOf(text);
  const diagnosis = diagnosedPaste(text);

  it.skipIf(notYet !== undefined)('gets an accepted verdict from what was pasted alone', () => {
    expect(expected.accepted).toContain(diagnosis.verdict);
  });

  it('is never offered a raise on one sample', () => {
    expect(diagnosis.offer).toMatchObject({
      raise: false,
      why: expect.stringMatching(/\.$/),
      remediations: [],
    });
  });

  it('keeps the public contract and ends its gaps with the command that settles it', () => {
    expect(Diagnosis.parse(diagnosis)).toEqual(diagnosis);
    expect(diagnosis.gaps.at(-1)).toMatch(/^to find out, run this on the node/);
  });

  it('has every line either used or told as ignored, or it is a command or blank', () => {
    const told = [...used, ...ignored];
    for (const [index, line] of text.split('\n').entries()) {
      const isTold = told.some(({ from, to }) => from <= index + 1 && index + 1 <= to);
      const isSilent = /^\s*$|^\s*\[?\.{2,}\]?\s*|^[#$]|^\S+[@:]\S+[#$]/.test(line);
      expect(isTold || isSilent, `line ${index + 1}: ${line}`).toBe(true);
    }
  });
});

describe('the field cases', () => {
  it('hold output or facts, and name their source', () => {
    const cases = fieldCases();
    expect(cases.length).toBe(89);
    for (const one of cases) {
      expect([one.pasted, one.told].filter((part) => part !== undefined)).toHaveLength(1);
      expect(one.source).not.toBe('');
    }
  });
});
