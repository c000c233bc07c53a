import { describe, expect, it } from 'vitest';
import { cardActions } from '../../../../src/core/card/actions.ts';
import type { Association } from '../../../../src/core/record/association.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { buildIncident } from '../../support/incidents.ts';

const SLACK_MAX = 300;

const dialogsOf = (incident: Incident) => {
  const { actions } = cardActions(incident);
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
});
