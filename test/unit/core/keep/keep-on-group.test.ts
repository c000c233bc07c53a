import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardActions } from '../../../../src/core/card/actions.ts';
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
  test('is offered with the largest of the approved limits and the tags of the group', () => {
    const head = resolved();
    const remediations = head.remediations.map((step, index) =>
      index === 1 && step.max !== undefined
        ? {
            ...step,
            max: { ...step.max, after: 196_608 },
            approved: { max: 196_608, buckets: 65_536, bucketsFrom: 32_768 },
          }
        : step,
    );
    expect(keepOffer({ ...head, remediations })).toMatchObject({
      name: 'node group workers of cluster shop',
      max: 262_144,
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
      'when a value was moved back',
      resolved({
        drift: [
          {
            at: '2026-11-23T15:00:00.000Z',
            collection: 3,
            nodes: [{ instanceId: 'i-0', state: 'moved', by: 'not-known', why: 'Moved back.' }],
          },
        ],
      }),
      /Moved back/,
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

  test('asks a node for at most four times the buckets that the approved plan started from', () => {
    const head = resolved();
    const planned = (buckets: number, bucketsFrom: number) => ({
      ...head,
      remediations: head.remediations.map((step, index) =>
        index === 0 && step.max !== undefined && step.approved !== undefined
          ? {
              ...step,
              buckets: { before: bucketsFrom, after: buckets },
              approved: { ...step.approved, buckets, bucketsFrom },
            }
          : {
              ...step,
              buckets: { before: 262_144, after: 524_288 },
              approved: { max: 262_144, buckets: 524_288, bucketsFrom: 262_144 },
            },
      ),
    });
    expect(keepOffer(planned(458_752, 32_768))).toMatchObject({ buckets: 131_072 });
    expect(keepOffer(planned(458_752, 262_144))).toMatchObject({ buckets: 524_288 });
    // What the node answered to have had before is no part of it.
    const lied = planned(458_752, 32_768);
    const remediations = lied.remediations.map((step) => ({
      ...step,
      ...(step.buckets && { buckets: { ...step.buckets, before: 4_194_304 } }),
    }));
    expect(keepOffer({ ...lied, remediations })).toMatchObject({ buckets: 131_072 });
  });

  test('is not offered where a raised node would refuse what the group needs', () => {
    const head = resolved();
    const remediations = head.remediations.map((step, index) =>
      index === 0
        ? {
            ...step,
            max: { before: 32_768, after: 131_072 },
            approved: { max: 131_072, buckets: 65_536, bucketsFrom: 32_768 },
          }
        : step,
    );
    expect(keepOffer({ ...head, remediations })).toMatch(
      /^i-\w+ had a limit of 32,768 and takes at most 4 times that, less than the 262,144 that another node of node group workers of cluster shop needs, so nothing is kept/,
    );
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

  test('is no plan: a rollback after it still goes by the plan that was approved', () => {
    // As it is stored at the end: the decisions are what is left of the plan.
    const { plan: _gone, ...ended } = resolved();
    const ordered = click(ended, 'keep');
    if (typeof ordered === 'string' || ordered.association === undefined) throw new Error('not ordered');
    const kept = { ...ordered, association: { ...ordered.association, state: 'in-force' as const } };
    const keep = kept.decisions.at(-1);
    expect(keep).toMatchObject({ kind: 'keep' });
    expect(keep?.planDigest).not.toBe(expectedDigest(kept));
    const { actions } = cardActions({ ...buildIncident('resolved'), head: kept, collections: [] }, catalogue);
    const button = actions.find(({ kind }) => kind === 'rollback');
    const rolledBack = (planDigest: string | undefined) =>
      decide(
        kept,
        { kind: 'rollback', actor: ANA, ...(planDigest === undefined ? {} : { planDigest }) },
        RULES,
      );
    expect(rolledBack(button?.planDigest)).toMatchObject({
      state: 'rolling-back',
      decisions: [{}, { kind: 'keep' }, { kind: 'rollback' }],
    });
    // The digest of what was kept allows no rollback, and without one nothing is allowed.
    expect(rolledBack(keep?.planDigest)).toMatch(/not the one on this card/);
    expect(rolledBack(undefined)).toMatch(/not the one on this card/);
  });

  test.each([
    [
      'of usual names',
      'workers',
      'shop',
      /A node refuses what its memory does not bear and more than 4 times/,
    ],
    // EKS: a node group's name has at most 63 characters, a cluster's 100.
    ['of the longest names', 'w'.repeat(63), 'c'.repeat(100), /every node\. Roll back ends it first\.$/],
  ])(
    'shows in its dialog the numbers that would be sent and the group, %s',
    (_what, nodeGroup, cluster, rest) => {
      const base = resolved();
      const head = { ...base, nodes: base.nodes.map((node) => ({ ...node, nodeGroup, cluster })) };
      const keep = (one: IncidentHead) =>
        cardActions({ ...buildIncident('resolved'), head: one, collections: [] }, catalogue).actions.find(
          ({ kind }) => kind === 'keep',
        );
      const text = keep(head)?.confirm?.text ?? '';
      expect(text).toContain(`node group ${nodeGroup} of cluster ${cluster}: `);
      expect(text).toContain('nf_conntrack_max 262,144 and 65,536 buckets');
      expect(text).toMatch(rest);
      expect(text).toMatch(/Roll back ends it first\.$/);
      // Slack, composition objects: the text of a confirmation has at most 300 characters.
      expect(text.length).toBeLessThanOrEqual(300);
      const other = {
        ...head,
        remediations: head.remediations.map(({ buckets: _answer, ...step }) => ({
          ...step,
          ...(step.approved && { approved: { ...step.approved, buckets: 49_152 } }),
        })),
      };
      expect(keep(other)?.confirm?.text).toContain('49,152 buckets');
      expect(keep(other)?.planDigest).not.toBe(keep(head)?.planDigest);
    },
  );
});
