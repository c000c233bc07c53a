import { describe, expect, test } from 'vitest';
import type { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import { outcomeFromNode } from '../../../../src/core/remediation/outcome.ts';
import { buildDiagnosis, instanceId } from '../../support/diagnoses.ts';

const id = instanceId(0);
const claim: Remediation = {
  kind: 'raise-max',
  instanceId: id,
  decision: 1,
  claimedAt: '2026-11-23T15:00:00.000Z',
};

function seen(max: number | undefined, halfApplied = false, buckets?: number): NodeCollection {
  return {
    instanceId: id,
    collection: 2,
    collectedAt: '2026-11-23T15:01:00.000Z',
    outcome: {
      kind: 'diagnosed',
      diagnosis: buildDiagnosis(),
      figures: { ...(max !== undefined && { max }), ...(buckets !== undefined && { buckets }) },
      halfApplied,
    },
  };
}

const unreadable: NodeCollection = { ...seen(1), outcome: { kind: 'failed', why: `${id}: gone.` } };
const numbers = {
  values: [{ key: 'net.netfilter.nf_conntrack_max', before: 1000, after: 4000 }],
};

describe('outcomeFromNode', () => {
  test.each<[string, Partial<Remediation>, NodeCollection, boolean, string | undefined]>([
    ['raised when the new limit is in force', {}, seen(4000), false, 'raised'],
    [
      'failed when the old limit is and the command is over',
      { outcome: 'unknown', commandId: 'c-1' },
      seen(1000),
      true,
      'failed',
    ],
    [
      'refused when the old limit is and what was sent without an answer can not arrive any more',
      { outcome: 'unknown' },
      seen(1000),
      true,
      'refused',
    ],
    ['unknown when the old limit is and the command may still arrive', {}, seen(1000), false, 'unknown'],
    ['unknown on any other limit', { outcome: 'unknown' }, seen(2000), true, 'unknown'],
    ['unknown when the limit cannot be read', {}, seen(undefined), true, 'unknown'],
    ['unknown while the change is half done', { outcome: 'failed' }, seen(4000, true), true, 'unknown'],
    ['unknown when the node cannot be read', { outcome: 'unknown' }, unreadable, true, 'unknown'],
    [
      'raised although the script said failed, when the node shows it',
      { outcome: 'failed' },
      seen(4000),
      true,
      'raised',
    ],
    ['left alone when the answer is known', { outcome: 'refused' }, seen(4000), true, undefined],
    [
      'rolled back when the old limit is in force again',
      { kind: 'rollback' },
      seen(1000),
      false,
      'rolled-back',
    ],
  ])('is %s', (_what, step, collection, isOver, outcome) => {
    expect(
      outcomeFromNode({ ...claim, ...step }, { ...numbers, against: [], isOver }, collection).outcome,
    ).toBe(outcome);
  });
});

describe('a raise of buckets too', () => {
  const both = [...numbers.values, { key: 'net.netfilter.nf_conntrack_buckets', before: 512, after: 4096 }];
  const told = (step: Partial<Remediation>, max: number, buckets?: number) =>
    outcomeFromNode(
      { ...claim, outcome: 'unknown', commandId: 'c-1', ...step },
      { values: both, against: [], isOver: true },
      seen(max, false, buckets),
    );

  test.each<[string, number, number | undefined, string]>([
    ['as planned', 4000, 4096, 'raised'],
    ['rounded up to pages of 64 KiB', 4000, 8192, 'raised'],
    ['far more buckets than planned', 4000, 4_194_304, 'unknown'],
    ['fewer buckets than planned', 4000, 512, 'unknown'],
    ['buckets that cannot be read', 4000, undefined, 'unknown'],
    ['another limit than planned', 5000, 4096, 'unknown'],
    ['the old limit and the new buckets', 1000, 4096, 'unknown'],
    ['neither', 1000, 512, 'failed'],
  ])('is told by limit and buckets alike: %s', (_what, max, buckets, outcome) => {
    expect(told({}, max, buckets).outcome).toBe(outcome);
  });

  test('that worked after all is told with its numbers, as its script would have', () => {
    expect(told({}, 4000, 4096)).toMatchObject({
      max: { before: 1000, after: 4000 },
      buckets: { before: 512, after: 4096 },
    });
  });

  test.each([
    [4000, 4096],
    [1000, 512],
    [5000, 4096],
  ])('whose answer was not the plan stays unknown, whatever the node shows: %i, %i', (max, buckets) => {
    const news = told({ differs: true, detail: 'It answered 5000.' }, max, buckets);
    expect(news.outcome).toBe('unknown');
    expect(news.detail).toContain('It answered 5000; the node was read at 15:01:00Z and has');
    expect(news).not.toHaveProperty('max');
  });
});

describe('a deletion whose answer was lost', () => {
  const deletion = { ...claim, kind: 'delete-udp-entries' } as const;
  const expectation = { values: [], against: ['made-up-mode'], isOver: true };
  const found = (state: 'present' | 'absent' | 'unknown'): NodeCollection => ({
    ...seen(1000),
    outcome: {
      kind: 'diagnosed',
      diagnosis: buildDiagnosis({ findings: [{ mode: 'made-up-mode', state, because: [] }] }),
      figures: {},
      halfApplied: false,
    },
  });

  test.each([
    ['absent', 'changed'],
    ['present', 'unknown'],
    ['unknown', 'unknown'],
  ] as const)('is told by its failure mode, seen %s: %s', (state, outcome) => {
    expect(outcomeFromNode(deletion, expectation, found(state)).outcome).toBe(outcome);
  });
});

describe('a rollback that says it worked', () => {
  const rollback = { ...claim, kind: 'rollback', outcome: 'rolled-back', detail: 'Restored.' } as const;
  const told = (collection: NodeCollection, values = numbers.values) =>
    outcomeFromNode(rollback, { values, against: [], isOver: true }, collection);

  test('is not believed where all that was changed is still in force', () => {
    expect(told(seen(4000))).toEqual({
      outcome: 'failed',
      detail: 'Restored; the node was read at 15:01:00Z and still has nf_conntrack_max 4,000.',
    });
  });

  test.each([
    ['the old limit', seen(1000)],
    ['one that somebody else has set', seen(3000)],
    ['none that can be read', seen(undefined)],
    ['nothing, for it could not be read', unreadable],
  ])('is, where the node shows %s', (_what, collection) => {
    expect(told(collection)).toEqual({});
  });

  test('is, where buckets alone were changed: they stay', () => {
    expect(told(seen(4000), [])).toEqual({});
  });
});
