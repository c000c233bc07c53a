import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPaste } from '../../../../src/core/paste/read-paste.ts';
import { pastedCases } from '../../support/corpus.ts';
import { diagnosedHosts } from '../../support/pastes.ts';

const cases = pastedCases();
const lines = cases.flatMap(({ pasted }) => pasted ?? []);

function verdictsOf(text: string): readonly string[] {
  return diagnosedHosts(text).map(({ diagnosis }) => diagnosis.verdict);
}

describe('a paste', () => {
  it('is read whatever it holds, and no mix of lines without a time between them offers a raise', () => {
    const line = fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 80 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (mix) => {
        const offered = diagnosedHosts(mix.join('\n')).filter(
          ({ host, diagnosis }) => host.capture.clock.windowSeconds === undefined && diagnosis.offer.raise,
        );
        expect(offered).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('has the same verdict with any line ends, fences, quote marks and prose around it', () => {
    const wrap = fc.record({
      end: fc.constantFrom('\n', '\r\n'),
      before: fc.constantFrom('', 'Hi, our pods are slow:\n\n', '```console\n', 'Any idea? Thanks!\n'),
      after: fc.constantFrom('', '\n```\n', '\n\nWhat should we look at next?'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...cases), wrap, ({ text }, { end, before, after }) => {
        const wrapped = `${before}${text}${after}`.replaceAll('\n', end);
        expect(verdictsOf(wrapped)).toEqual(verdictsOf(text));
      }),
      { numRuns: 200 },
    );
  });

  it('is read in bounded time however long and odd it is', () => {
    const odd = [
      'a'.repeat(200_000),
      `1 |${' '.repeat(200_000)}`,
      `${'[a] '.repeat(50_000)}$ dmesg`,
      '='.repeat(50_000),
      'x=1 '.repeat(40_000),
      `cpu=0 ${'drop=1 '.repeat(30_000)}`,
      '"Sum": 1, '.repeat(20_000),
    ];
    for (const text of odd) expect(() => readPaste(`${text}\n${text}`)).not.toThrow();
    expect(readPaste(`${lines.join('\n')}\n`.repeat(50))).toBeDefined();
  });
});
