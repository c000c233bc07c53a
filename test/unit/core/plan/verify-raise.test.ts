import { describe, expect, it } from 'vitest';
import { raiseMax } from '../../../../src/core/plan/raise-max.ts';
import type { Diagnosed, NodeCollection } from '../../../../src/core/record/collection.ts';
import type { RaisePlan } from '../../../../src/core/record/plan.ts';
import { verifyChange } from '../../../../src/core/remediation/verify.ts';

const plan: RaisePlan = {
  kind: 'raise-max',
  instanceId: 'i-0abc',
  max: { from: 4096, to: 16_384 },
  buckets: { from: 4096, to: 16_384 },
  memoryBytes: 1,
  memoryTotalBytes: 1,
  arithmetic: [],
  chainWhenFull: 2,
  layers: [],
  warnings: [],
};

function collection(number: number, figures: Diagnosed['figures'], halfApplied = false): NodeCollection {
  const diagnosis: Diagnosed['diagnosis'] = {
    schema: 'medic.diagnosis/1',
    verdict: 'table-full',
    confidence: 'high',
    contributing: [],
    offer: { raise: false, why: '.', remediations: [] },
    findings: [],
    gaps: [],
    headline: '.',
  };
  return {
    instanceId: 'i-0abc',
    collection: number,
    collectedAt: '2026-11-23T12:00:00.000Z',
    outcome: { kind: 'diagnosed', diagnosis, figures, halfApplied },
  };
}

const before = collection(1, { bootId: 'a', max: 4096, count: 4096, fullDrops: 900, windowSeconds: 10 });
const healed: Diagnosed['figures'] = {
  bootId: 'a',
  max: 16_384,
  buckets: 16_384,
  count: 6000,
  fullDrops: 0,
  windowSeconds: 10,
};

describe('a raise', () => {
  it('passes on the planned limit, no drops and room to spare', () => {
    expect(verifyChange(raiseMax, plan, before, collection(2, healed))).toEqual({
      passed: true,
      why: 'i-0abc: 0 drops in 10 s, 36 % of 16,384 in use.',
    });
  });

  it('is not verified where nobody could read whether it is only half done', () => {
    const after = collection(2, healed);
    if (after.outcome.kind !== 'diagnosed') throw new Error('It was read.');
    const unread = { ...after, outcome: { ...after.outcome, halfAppliedUnread: true as const } };
    expect(verifyChange(raiseMax, plan, before, unread)).toMatchObject({
      passed: false,
      why: expect.stringContaining('could not be read'),
    });
  });

  it.each([
    ['another limit', { ...healed, max: 4506 }, /nf_conntrack_max is 4,506, not 16,384/],
    ['too few buckets', { ...healed, buckets: 4096 }, /nf_conntrack_buckets is 4,096/],
    ['drops that go on', { ...healed, fullDrops: 12 }, /still 12 packets dropped/],
    ['a limit that is nearly used up', { ...healed, count: 12_000 }, /73 % of the new limit/],
    ['a reboot', { ...healed, bootId: 'b' }, /rebooted/],
    [
      'drops that could not be read',
      { bootId: 'a', max: 16_384, buckets: 16_384, count: 1, windowSeconds: 10 },
      /not verified/,
    ],
    ['a limit that could not be read', { bootId: 'a' }, /nf_conntrack_max is unknown/],
  ])('fails on %s', (_, figures, why) => {
    expect(verifyChange(raiseMax, plan, before, collection(2, figures))).toEqual({
      passed: false,
      why: expect.stringMatching(why),
    });
  });

  it('fails on evidence that is not newer than the plan', () => {
    expect(verifyChange(raiseMax, plan, before, collection(1, healed)).passed).toBe(false);
  });

  it('fails on a change that is half done', () => {
    expect(verifyChange(raiseMax, plan, before, collection(2, healed, true)).passed).toBe(false);
  });
});
