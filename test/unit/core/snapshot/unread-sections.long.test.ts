import { describe, expect, it } from 'vitest';
import type { Capture, Section } from '../../../../src/core/capture/capture.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { collectorOutput, recordedCases } from '../../support/captures.ts';

/** The collector lists the drivers of interfaces even where ethtool fails. */
const READ_WHATEVER_THE_STATUS = ['ethtool'];

const changed = (capture: Capture, source: string, change: Partial<Section>): Capture => ({
  ...capture,
  sections: capture.sections.map((section) =>
    section.source === source ? { ...section, ...change } : section,
  ),
});

const gapsOf = (...sections: readonly (readonly [string, string])[]) => {
  const capture = readCapture(collectorOutput(sections));
  return capture === undefined ? undefined : snapshotOf(capture).gaps;
};

const cases = recordedCases();
const recorded = new Set(cases.flatMap(({ capture }) => capture.sections.map(({ source }) => source)));

describe('a snapshot', () => {
  it.each([...recorded].filter((source) => !READ_WHATEVER_THE_STATUS.includes(source)))(
    'takes nothing from a section %s that was not read, whatever stands in it',
    (source) => {
      const having = cases.filter(({ capture }) => capture.sections.some((one) => one.source === source));
      for (const [index, status] of (['missing', 'denied', 'timeout'] as const).entries()) {
        const { capture } = having[index % having.length] ?? expect.unreachable();
        const [full, empty] = [
          changed(capture, source, { status }),
          changed(capture, source, { status, text: '' }),
        ];
        expect({ status, ...snapshotOf(full) }).toEqual({ status, ...snapshotOf(empty) });
      }
    },
  );

  it('says which sections this version does not know, and keeps the list short', () => {
    expect(
      gapsOf(['identity - ok 100.00', 'cores=4'], ['flowtable 0 ok 101.00', 'anything'])?.join('\n'),
    ).toBe('sections that this version does not know: flowtable → what they say was not looked at');
    const many = Array.from({ length: 40 }, (_, index) => [`new-${index} - ok 101.00`, ''] as const);
    expect(gapsOf(['identity - ok 100.00', 'cores=4'], ...many)?.join('\n')).toBe(
      'sections that this version does not know: new-0, new-1, new-2, new-3, new-4 and 35 more → what they say was not looked at',
    );
  });
});
