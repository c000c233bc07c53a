import { describe, expect, test } from 'vitest';
import { auditOf, isUnchanged } from '../../../../src/core/audit/audit.ts';
import { auditMarkdown } from '../../../../src/core/audit/audit-markdown.ts';
import type { IncidentHistory } from '../../../../src/core/record/incident.ts';
import { buildIncident } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const historyOf = (state: 'rolled-back' | 'awaiting-approval'): IncidentHistory => {
  const { head, collections } = buildIncident(state, { nodes: 2 });
  return { head, collections, plans: [] };
};

describe('the audit of an incident', () => {
  test('holds the whole record: inputs, samples, plans, decisions, commands, transitions', () => {
    const { head, collections } = historyOf('rolled-back');
    const audit = auditOf({ head, collections, plans: [] });
    expect(audit).toMatchObject({
      schema: 'medic.audit/1',
      incident: head.id,
      alarm: head.alarm,
      collections,
      plans: [head.plan],
      decisions: head.decisions,
      remediations: head.remediations,
      transitions: head.transitions,
    });
  });

  test('never holds the callback, which whoever has it could complete', () => {
    const history = historyOf('awaiting-approval');
    expect(history.head.callback?.id).toBe('callback-id');
    expect(JSON.stringify(auditOf(history))).not.toContain('callback-id');
  });

  test('lists the plan on the card once, whether or not it was kept apart', () => {
    const history = historyOf('awaiting-approval');
    const plan = history.head.plan;
    expect(plan).toBeDefined();
    expect(auditOf({ ...history, plans: plan === undefined ? [] : [plan] }).plans).toEqual([plan]);
  });

  test('has a digest that any change of its content breaks and another order of keys does not', () => {
    const audit = auditOf(historyOf('rolled-back'));
    expect(isUnchanged(audit)).toBe(true);
    const reordered = Object.fromEntries(Object.entries(audit).toReversed()) as unknown as typeof audit;
    expect(isUnchanged(reordered)).toBe(true);
    expect(isUnchanged({ ...audit, decisions: audit.decisions.slice(1) })).toBe(false);
    const [step] = audit.remediations;
    expect(step).toBeDefined();
    const moved = audit.remediations.map((one) => ({ ...one, claimedAt: '2026-11-23T00:00:00.000Z' }));
    expect(isUnchanged({ ...audit, remediations: moved })).toBe(false);
  });
});

describe('as Markdown', () => {
  test('says who decided, which command with which document ran on which node, and before and after', () => {
    const text = auditMarkdown(auditOf(historyOf('rolled-back')));
    for (const said of ['ana (U0ANA0001)', '0123-0', 'a'.repeat(64), '131,072 → 262,144', 'rolled-back'])
      expect(text).toContain(said);
  });

  test('leaves foreign text literal', () => {
    const history = historyOf('rolled-back');
    const reason = '<img src=x> | [link](https://example.com) `code`';
    const head = { ...history.head, alarm: { ...history.head.alarm, reason } };
    const text = auditMarkdown(auditOf({ ...history, head }));
    expect(text).toContain('\\<img src=x\\> \\| \\[link\\](https://example.com) \\`code\\`');
    expect(text).not.toMatch(/[^\\]<img/);
  });

  test('calls nothing ruled out that no fact speaks against, as the conclusion from all others', () => {
    const { head, collections, earlier } = recordedIncident('awaiting-approval', [
      recordedReading('i-a', 'table-full/held-open-32768'),
    ]);
    const text = auditMarkdown(auditOf({ head, collections: [...earlier, ...collections], plans: [] }));
    const [, ruledOut = ''] = /^Ruled out: (.*)\.$/m.exec(text) ?? [];
    expect(ruledOut).toContain('listen-overflow');
    expect(ruledOut).not.toContain('not-the-node');
  });
});
