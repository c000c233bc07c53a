import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { decide } from '../../../../src/core/incident/decide.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { claimRemediation } from '../../../../src/core/remediation/claim.ts';
import { decisionLifeOver } from '../../../../src/core/remediation/decision-life.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';

const MINUTE = 60_000;
const waiting = buildIncident('awaiting-approval', { nodes: 2 });
const CLICKED = Date.parse(waiting.head.evidenceAt ?? '') + MINUTE;
const rules = (minutes: number) => ({ now: CLICKED + minutes * MINUTE, lifeSeconds: 300 });

function decided(kind: 'apply-one' | 'apply-all' | 'dismiss'): IncidentHead {
  const { digest = '' } = waiting.head.plan ?? {};
  const expiresAt = new Date(CLICKED + 60 * MINUTE).toISOString();
  const { callback = { number: 1, id: 'c', expiresAt } } = waiting.head;
  const head = decide(
    { ...waiting.head, callback: { ...callback, expiresAt } },
    { kind, actor: ANA, planDigest: digest, slack: { team: 'T', channel: 'C', message: '1' } },
    { now: CLICKED, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
  );
  if (typeof head === 'string') throw new Error(head);
  return head;
}
const OK_AT = new Date(CLICKED + MINUTE).toISOString();

describe('the life of a decision', () => {
  it('ends after its time, and says when it began and how long it was', () => {
    expect(decisionLifeOver(decided('apply-one'), 1, rules(5))).toBeUndefined();
    expect(decisionLifeOver(decided('apply-one'), 1, rules(5.1))).toMatchObject({
      kind: 'expired',
      why: expect.stringContaining('was not begun within 5 minutes, so nothing was sent'),
    });
  });

  it('ends when the alarm is OK before anything was sent', () => {
    expect(decisionLifeOver({ ...decided('apply-all'), alarmOkAt: OK_AT }, 1, rules(1))).toMatchObject({
      kind: 'alarm-ok',
    });
  });

  it('does not end once its first command was claimed, whatever comes after', () => {
    const head = decided('apply-all');
    const instanceIds = [head.plan?.nodes[0]?.instanceId ?? ''];
    const begun = claimRemediation(head, { kind: 'raise-max', decision: 1, instanceIds }, OK_AT);
    if (typeof begun === 'string') throw new Error(begun);
    expect(decisionLifeOver({ ...begun, alarmOkAt: OK_AT }, 1, rules(60))).toBeUndefined();
  });

  it('of a click for the rest does not end by an OK that was on the card when it was made', () => {
    const head = buildIncident('applied-one', { nodes: 2 }).head;
    const at = new Date(CLICKED).toISOString();
    const number = head.decisions.length + 1;
    const rest: IncidentHead = {
      ...head,
      decisions: [...head.decisions, { number, kind: 'apply-all', actor: ANA, at }],
    };
    const early = new Date(CLICKED - MINUTE).toISOString();
    expect(decisionLifeOver({ ...rest, alarmOkAt: early }, number, rules(1))).toBeUndefined();
    expect(decisionLifeOver({ ...rest, alarmOkAt: OK_AT }, number, rules(1))).toMatchObject({
      kind: 'alarm-ok',
    });
  });

  it('does not matter to what sends nothing', () => {
    expect(decisionLifeOver(decided('dismiss'), 1, rules(600))).toBeUndefined();
  });
});

it('shows on the card at once who decided, and no button that would only be refused', () => {
  const card = cardOf({ ...waiting, head: decided('apply-one') }, catalogue, CLICKED);
  expect(card.lead).toMatch(/^Approved by @ana, .*: starting\./);
  expect(card.actions).toEqual([]);
  expect(card.context.join()).not.toContain('buttons work');
});
