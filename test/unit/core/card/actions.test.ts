import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardActions } from '../../../../src/core/card/actions.ts';
import type { CardAction } from '../../../../src/core/card/model.ts';
import { alarmToCollectAgain } from '../../../../src/core/incident/collect-again.ts';
import { decide } from '../../../../src/core/incident/decide.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { changedNodes } from '../../../../src/core/remediation/steps.ts';
import { ANA, buildIncident, INCIDENT_STATES, NOW } from '../../support/incidents.ts';

const KINDS = ['apply-one', 'apply-all', 'dismiss', 'rollback', 'rollback-one'] as const;

/** Which decisions the record would take from an approver who clicks in time. */
function takenBy({ head }: Incident, planDigest: string | undefined): string[] {
  const changed = changedNodes(head);
  const rules = { now: NOW, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 };
  return KINDS.filter((action) => {
    const isOne = action === 'rollback-one';
    if (isOne && changed.length < 2) return false;
    const request = {
      kind: isOne ? 'rollback' : action,
      actor: ANA,
      ...(planDigest === undefined ? {} : { planDigest }),
      ...(isOne ? { instanceIds: changed.slice(1, 2) } : {}),
    };
    return typeof decide(head, request, rules) !== 'string';
  });
}

const NOTHING_OPEN = { openIncidentOf: () => Promise.resolve(undefined) };
const deciding = (actions: readonly CardAction[]) => actions.filter(({ kind }) => kind !== 'collect-again');

describe('cardActions', () => {
  it.each(INCIDENT_STATES)('offers in %s exactly what the record takes', (state) => {
    const incident = buildIncident(state, { nodes: 3 });
    const { actions, runbook } = cardActions(incident, catalogue);
    const taken = takenBy(incident, actions[0]?.planDigest ?? runbook?.planDigest);
    expect(deciding(actions).map(({ kind }) => kind)).toEqual(taken);
  });

  it.each(INCIDENT_STATES)('offers to collect again in %s exactly where that is done', async (state) => {
    const incident = buildIncident(state, { nodes: 3 });
    const asked = { user: ANA.id, approvers: [ANA.id], now: NOW };
    const alarm = await alarmToCollectAgain(incident, asked, NOTHING_OPEN);
    const isOffered = cardActions(incident, catalogue).actions.some(({ kind }) => kind === 'collect-again');
    expect(isOffered).toBe(typeof alarm !== 'string');
  });

  it.each([
    ['lacks the tag', 'i-0abc was not asked: it lacks the tag eks:cluster-name=shop; tag it.', true],
    ['is of a platform that nobody can ask', 'i-0abc was not asked: EKS Auto Mode lets nobody.', false],
  ])('offers to try a node that %s again where the others are healed: %#', (_name, gap, isOffered) => {
    const incident = buildIncident('resolved', { nodes: 3, head: { nodeGaps: [gap] } });
    const labels = cardActions(incident, catalogue).actions.map(({ label }) => label);
    expect(labels.includes('Try the others again')).toBe(isOffered);
  });

  it('offers to try a node again that could not be read where the others are healed', async () => {
    const { collections, ...rest } = buildIncident('resolved', { nodes: 3 });
    const [first] = collections;
    if (first === undefined) throw new Error('No collection.');
    const unread = { kind: 'failed', why: 'i-0abc was not asked: IAM denies it.' } as const;
    const incident = {
      ...rest,
      collections: [...collections, { ...first, instanceId: 'i-0abc', outcome: unread }],
    };
    expect(cardActions(incident, catalogue).actions.map(({ label }) => label)).toContain(
      'Try the others again',
    );
    const asked = { user: ANA.id, approvers: [ANA.id], now: NOW };
    expect(await alarmToCollectAgain(incident, asked, NOTHING_OPEN)).toMatchObject({ state: 'ALARM' });
  });

  it('carries in every button the digest that the record expects', () => {
    for (const state of INCIDENT_STATES) {
      const incident = buildIncident(state, { nodes: 3 });
      const { actions } = cardActions(incident, catalogue);
      for (const { kind, planDigest } of deciding(actions))
        expect(takenBy(incident, planDigest)).toContain(kind);
    }
  });
});
