import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { assess } from '../../../../src/core/diagnosis/assess.ts';
import { anyText } from '../../support/any-text.ts';

const given = { instanceId: 'i-0abc', nonce: 'a1b2c3d4e5f6a7b8', catalogue };
const recorded = readFileSync(
  new URL('../../../fixtures/captures/table-full/time-wait-49152/capture.txt', import.meta.url),
  'utf8',
);
const recordedNonce = /=== medic\/1 ([a-z0-9]{16})/.exec(recorded)?.[1] ?? '';

describe('assess', () => {
  it('gives verdict, plan and figures of a full table', () => {
    const assessment = assess(recorded, { ...given, nonce: recordedNonce });
    expect(assessment).toMatchObject({
      kind: 'diagnosed',
      diagnosis: { node: 'i-0abc', verdict: 'table-full', offer: { raise: true } },
      plan: { instanceId: 'i-0abc' },
      halfApplied: false,
    });
  });

  it('keeps the busiest ports and destinations with the error of the sample, and no address of a client', () => {
    const assessment = assess(recorded, { ...given, nonce: recordedNonce });
    const figures = assessment.kind === 'diagnosed' ? assessment.figures : {};
    expect(figures.ports?.[0]).toEqual({
      protocol: 'tcp',
      port: 30_080,
      share: expect.closeTo(1, 1),
      error: expect.closeTo(1 / Math.sqrt(5_000), 3),
      isLeast: true,
    });
    // The clients are .2 to .5, the address that they ask is .1.
    expect(figures.destinations?.map(({ address, port }) => `${address}:${port}`)).toEqual([
      '198.18.0.1:30080',
    ]);
    expect(JSON.stringify(figures)).not.toMatch(/198\.18\.0\.(?!1")/);
  });

  it('offers no raise on evidence that was cut off before its second sample', () => {
    const cut = recorded.slice(0, recorded.indexOf(`${recordedNonce} conntrack 1`));
    const assessment = assess(cut, { ...given, nonce: recordedNonce });
    expect(assessment.kind === 'diagnosed' && assessment.diagnosis.offer.raise).toBe(false);
  });

  it('does not believe a section that a node smuggles in with another nonce', () => {
    const forged = recorded.replaceAll(recordedNonce, 'ffffffffffffffff');
    expect(assess(forged, given)).toEqual({
      kind: 'failed',
      why: expect.stringMatching(/^i-0abc returned no readable evidence/),
    });
  });

  it('gives an answer to any bytes a node may return', () => {
    fc.assert(
      fc.property(anyText(2000), (noise) => {
        expect(['diagnosed', 'failed']).toContain(assess(noise, given).kind);
        const mixed = `=== medic/1 ${given.nonce} conntrack 0 ok 1.00\n${noise}\n=== medic/1 ${given.nonce} kernel-log - ok 2.00\n${noise}`;
        const assessment = assess(mixed, given);
        expect(assessment.kind === 'diagnosed' && assessment.diagnosis.offer.raise).toBe(false);
      }),
    );
  });
});
