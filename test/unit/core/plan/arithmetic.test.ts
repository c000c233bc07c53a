import fc from 'fast-check';
import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { changeNumbers, costOf } from '../../../../src/core/plan/kinds.ts';
import { type SizingInput, sizeRaise } from '../../../../src/core/plan/sizing.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';

const NUMBER = String.raw`\d[\d,]*(?:\.\d+)?`;
const EQUATION = new RegExp(
  String.raw`((?:${NUMBER}[^\d×÷+]*[×÷+] )+${NUMBER})[^\d×÷+=≈]*([=≈]) (${NUMBER})( MiB)?`,
  'gu',
);
const ROUNDING = new RegExp(
  String.raw`(${NUMBER})(?: entries)?, (up|down) to a multiple of (${NUMBER}) → (${NUMBER})`,
  'gu',
);

const numberOf = (text: string): number => Number(text.replaceAll(',', ''));

/** What numbers come to that stand with ×, ÷ and + between them. */
function valueOf(side: string): number {
  return side
    .split(' + ')
    .map((product) =>
      Array.from(product.matchAll(new RegExp(`([×÷]?) ?(${NUMBER})`, 'gu'))).reduce(
        (value, [, sign, digits = '']) =>
          sign === '÷' ? value / numberOf(digits) : value * numberOf(digits),
        1,
      ),
    )
    .reduce((sum, one) => sum + one, 0);
}

/** The equations and roundings of a plan that are false as they are read; each line goes on from the one before. */
function falseOnes(lines: readonly string[]): readonly string[] {
  let result = '';
  return lines.flatMap((line) => {
    const text = line.startsWith('÷') ? `${result} ${line}` : line;
    const equations = Array.from(text.matchAll(EQUATION));
    result = equations.at(-1)?.[3] ?? result;
    const wrong = equations.filter(([, left = '', sign, right = '', unit]) => {
      const value = valueOf(left) / (unit === undefined ? 1 : 2 ** 20);
      // Mebibytes are whole; what is told as near rests on factors that are rounded themselves.
      const most = unit !== undefined ? 0.5 : sign === '≈' ? 1 + value / 50 : 1e-6;
      return Math.abs(value - numberOf(right)) > most;
    });
    const rounded = Array.from(text.matchAll(ROUNDING)).filter(([, value = '', way, step = '', to = '']) => {
      const steps = numberOf(value) / numberOf(step);
      return (way === 'up' ? Math.ceil(steps) : Math.floor(steps)) * numberOf(step) !== numberOf(to);
    });
    return [...wrong, ...rounded].length === 0 && !/(?:rounded (?:up|down) to \d)/.test(text) ? [] : [text];
  });
}

const planned = recordedCases().flatMap(({ name, capture }) => {
  const { plan } = diagnose(snapshotOf(capture), catalogue, 'i-0123456789abcdef0');
  return plan === undefined ? [] : [{ name, plan }];
});

it('of the plans of all recorded nodes reads true', () => {
  expect(planned.length).toBeGreaterThan(10);
  expect(planned.map(({ name, plan }) => [name, falseOnes(plan.arithmetic)])).toEqual(
    planned.map(({ name }) => [name, []]),
  );
});

it('of a plan gives memory and its share as the line above it does', () => {
  const said = planned.map(({ name, plan }) => {
    const text = [changeNumbers(plan), costOf(plan) ?? '', ...plan.arithmetic].join('\n');
    const all = (pattern: RegExp) => new Set(Array.from(text.matchAll(pattern), ([one]) => one));
    return [name, Math.max(all(/(?:< )?[\d.,]+ % of memory/g).size, all(/(?:< )?[\d.,]+ MiB/g).size)];
  });
  expect(said.filter(([, different]) => Number(different) > 1)).toEqual([]);
});

it('of any size reads true', () => {
  const input = fc.record<SizingInput>({
    count: fc.integer({ min: 1_000, max: 4_000_000 }),
    max: fc.integer({ min: 1_000, max: 4_000_000 }),
    buckets: fc.integer({ min: 1_000, max: 4_000_000 }),
    peak: fc.option(fc.integer({ min: 1, max: 4_000_000 }), { nil: undefined }),
    isSaturated: fc.boolean(),
    flow: fc.option(
      fc.record({
        perSecond: fc.double({ min: 50, max: 20_000, noNaN: true }),
        lifetimeSeconds: fc.double({ min: 50, max: 600, noNaN: true }),
      }),
      { nil: undefined },
    ),
    memoryTotalBytes: fc.integer({ min: 2 ** 30, max: 2 ** 38 }),
    memoryAvailableBytes: fc.constant(2 ** 38),
    objectBytes: fc.option(fc.integer({ min: 256, max: 512 }), { nil: undefined }),
    kernel: fc.constant('6.1.141'),
  });
  const readsTrue = fc.property(input, (one) => {
    const size = sizeRaise(one);
    return typeof size === 'string' || falseOnes(size.arithmetic).length === 0;
  });
  expect(fc.check(readsTrue, { numRuns: 2_000 })).toMatchObject({ failed: false, counterexample: null });
});
