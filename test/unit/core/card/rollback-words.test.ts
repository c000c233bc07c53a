import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardActions } from '../../../../src/core/card/actions.ts';
import type { Association } from '../../../../src/core/record/association.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

const SLACK_MAX = 300;

const dialogsOf = (incident: Incident) => {
  const { actions } = cardActions(incident, catalogue);
  const text = (kind: string) => actions.find((action) => action.kind === kind)?.confirm?.text ?? '';
  return { all: text('rollback'), one: text('rollback-one') };
};

const kept = (state: Association['state'], group: string): Incident =>
  buildIncident('resolved', {
    nodes: 3,
    head: {
      association: {
        decision: 2,
        group,
        tags: [{ key: 'eks:nodegroup-name', value: 'checkout' }],
        max: 262_144,
        buckets: 65_536,
        claimedAt: stepTime(6),
        state,
      },
    },
  });

describe('the dialogs of a rollback', () => {
  const GROUP = 'node group checkout of cluster shop';
  const SAYS = `The change is then no longer kept on ${GROUP}.`;

  it.each(['ordered', 'sent', 'in-force', 'unknown'] as const)(
    'say that the change is then no longer kept on the group where it may be (%s)',
    (state) => {
      const { all, one } = dialogsOf(kept(state, GROUP));
      expect(all).toContain(SAYS);
      expect(one).toContain(SAYS);
      expect(Math.max(all.length, one.length)).toBeLessThanOrEqual(SLACK_MAX);
    },
  );

  it.each(['refused', 'deleted'] as const)('say nothing of it where it is not kept (%s)', (state) => {
    expect(Object.values(dialogsOf(kept(state, GROUP))).join()).not.toContain('kept');
  });

  it('say so of a group with the longest name too', () => {
    const { all, one } = dialogsOf(
      kept('in-force', `node group ${'g'.repeat(63)} of cluster ${'c'.repeat(100)}`),
    );
    expect(all).toContain('The change is then no longer kept on the node group.');
    expect(one).toContain('The change is then no longer kept on the node group.');
    expect(Math.max(all.length, one.length)).toBeLessThanOrEqual(SLACK_MAX);
  });

  /** Nodes that were raised from one limit each to four times it. */
  const raisedFrom = (limits: readonly number[], group?: string): Incident => {
    const incident =
      group === undefined ? buildIncident('resolved', { nodes: limits.length }) : kept('in-force', group);
    const remediations = incident.head.remediations.map((step, index) => {
      const before = limits[index] ?? 0;
      return { ...step, max: { before, after: before * 4 } };
    });
    return { ...incident, head: { ...incident.head, remediations } };
  };

  it('say the numbers of every node', () => {
    const { all } = dialogsOf(raisedFrom([32_768, 49_152, 32_768]));
    expect(all).toContain('nf_conntrack_max (131,072 → 32,768; 196,608 → 49,152) and files');
  });

  it('say how many numbers are left out where not all fit', () => {
    const limits = Array.from({ length: 20 }, (_, index) => 32_768 + index * 512);
    const { all } = dialogsOf(raisedFrom(limits));
    const [, told = '', more] = /\((.*); \+(\d+) more\)/.exec(all) ?? [];
    expect(told.split('; ').length + Number(more)).toBe(20);
    expect(all).toContain('buckets stay. A node refuses while more than 80 % of its old limit is in use.');
    expect(all.length).toBeLessThanOrEqual(SLACK_MAX);
  });

  it('say the numbers beside the end of the keeping', () => {
    const { all } = dialogsOf(raisedFrom([32_768, 49_152, 65_536], GROUP));
    expect(all).toContain('131,072 → 32,768');
    expect(all).toContain(SAYS);
    expect(all.length).toBeLessThanOrEqual(SLACK_MAX);
  });

  it('say every kind of change that stands', () => {
    const { head, ...readings } = buildIncident('resolved');
    const [step] = head.remediations;
    if (step === undefined) throw new Error('The built incident has a raise.');
    const { max: _max, buckets: _buckets, approved: _approved, ...rest } = step;
    const values = [{ key: 'net.netfilter.nf_conntrack_tcp_timeout_close_wait', before: 3600, after: 60 }];
    const second = { ...rest, kind: 'shorten-timeouts' as const, outcome: 'changed' as const, values };
    const { all } = dialogsOf({ ...readings, head: { ...head, remediations: [step, second] } });
    expect(all).toContain('nf_conntrack_max (262,144 → 131,072) and connection-tracking timeouts (');
    expect(all).toContain('nf_conntrack_tcp_timeout_close_wait 60 → 3,600) and files');
  });
});
