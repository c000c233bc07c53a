import { describe, expect, test } from 'vitest';
import { decide, expectedDigest } from '../../../../src/core/incident/decide.ts';
import { keepDigest, keepOffer } from '../../../../src/core/keep/keep-on-group.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { ANA, buildIncident, NOW } from '../../support/incidents.ts';

const GROUP = { cluster: 'shop', nodeGroup: 'workers' };
const RULES = { now: NOW, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 };

function resolved(changes: Partial<IncidentHead> = {}): IncidentHead {
  const { head } = buildIncident('resolved', { nodes: 2 });
  return { ...head, nodes: head.nodes.map((node) => ({ ...node, ...GROUP })), ...changes };
}

const click = (head: IncidentHead, kind: 'keep' | 'rollback') => {
  const offer = kind === 'keep' ? keepOffer(head) : '';
  const planDigest = typeof offer === 'string' ? expectedDigest(head) : keepDigest(offer);
  return decide(head, { kind, actor: ANA, ...(planDigest === undefined ? {} : { planDigest }) }, RULES);
};

describe('keeping a raise on the whole node group', () => {
  test('is offered with the smallest of the verified limits and the tags of the group', () => {
    const head = resolved();
    const remediations = head.remediations.map((step, index) =>
      index === 1 && step.max !== undefined
        ? {
            ...step,
            max: { ...step.max, after: 196_608 },
            approved: { max: 196_608, buckets: step.approved?.buckets ?? 0 },
          }
        : step,
    );
    expect(keepOffer({ ...head, remediations })).toMatchObject({
      name: 'node group workers of cluster shop',
      max: 196_608,
      tags: [
        { key: 'eks:cluster-name', value: 'shop' },
        { key: 'eks:nodegroup-name', value: 'workers' },
      ],
    });
  });

  test.each<[string, IncidentHead, RegExp]>([
    ['before the end', { ...resolved(), state: 'verifying' }, /no verified raise/],
    [
      'elsewhere than the service',
      resolved({
        nodes: resolved().nodes.map((node) => ({ ...node, account: '222233334444', region: 'eu-west-1' })),
      }),
      /in another account or region/,
    ],
    ['without a group', buildIncident('resolved', { nodes: 2 }).head, /not of one known node group/],
    [
      'on nodes of two groups',
      resolved({
        nodes: resolved().nodes.map((node, index) => ({ ...node, nodeGroup: `group-${index}` })),
      }),
      /not of one known node group/,
    ],
    [
      'when the raised table is full again',
      resolved({
        drift: [
          {
            at: '2026-11-23T15:00:00.000Z',
            collection: 3,
            nodes: [{ instanceId: 'i-0', state: 'refilled', why: 'Full again.' }],
          },
        ],
      }),
      /Full again/,
    ],
  ])('is not offered %s', (_when, head, why) => {
    expect(keepOffer(head)).toMatch(why);
  });

  test('takes no number from a node: an answer other than the plan takes the offer away', () => {
    const head = resolved();
    const answered = (change: Partial<IncidentHead['remediations'][number]>) => ({
      ...head,
      remediations: head.remediations.map((step, index) => (index === 0 ? { ...step, ...change } : step)),
    });
    for (const change of [
      { buckets: { before: 32_768, after: 4_194_304 } },
      { max: { before: 131_072, after: 4_194_304 } },
    ]) {
      expect(keepOffer(answered(change))).toMatch(/reported .*4,194,304.* instead of the approved/);
      expect(click(answered(change), 'keep')).toMatch(/instead of the approved.*Nothing was changed/);
    }
  });

  test('is not offered where the record does not hold the approved numbers', () => {
    const head = resolved();
    const remediations = head.remediations.map(({ approved: _none, ...step }) => step);
    expect(keepOffer({ ...head, remediations })).toMatch(/does not hold the approved numbers/);
  });

  test('is refused to a click on a card that offered other numbers', () => {
    const head = resolved();
    const offer = keepOffer(head);
    if (typeof offer === 'string') throw new Error(offer);
    for (const other of [{ max: 1 }, { buckets: 1 }, { name: 'node group others' }, { tags: [] }]) {
      const planDigest = keepDigest({ ...offer, ...other });
      expect(decide(head, { kind: 'keep', actor: ANA, planDigest }, RULES)).toMatch(
        /not what this card offered/,
      );
    }
  });

  test('is ordered by one click, and a second one is refused', () => {
    const ordered = click(resolved(), 'keep');
    if (typeof ordered === 'string') throw new Error(ordered);
    expect(ordered).toMatchObject({
      state: 'resolved',
      association: { decision: 2, state: 'ordered', max: 262_144 },
    });
    expect(click(ordered, 'keep')).toMatch(/kept on node group workers of cluster shop already.*Nothing was/);
  });

  test('a rollback waits while the association is being created, which could not be found and deleted yet', () => {
    const ordered = click(resolved(), 'keep');
    if (typeof ordered === 'string' || ordered.association === undefined) throw new Error('not ordered');
    expect(click(ordered, 'rollback')).toMatch(/is being created, so nothing was rolled back/);
    const old = { ...ordered.association, claimedAt: new Date(NOW - 200_000).toISOString() };
    expect(click({ ...ordered, association: old }, 'rollback')).toMatchObject({ state: 'rolling-back' });
    const done = { ...ordered.association, state: 'in-force' as const };
    expect(click({ ...ordered, association: done }, 'rollback')).toMatchObject({ state: 'rolling-back' });
  });
});
