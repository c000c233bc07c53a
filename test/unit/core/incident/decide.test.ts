import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  awaitDecision,
  type DecisionRequest,
  type DecisionRules,
  decide,
  decideUnattended,
  expectedDigest,
} from '../../../../src/core/incident/decide.ts';
import { DecisionKind, IncidentHead } from '../../../../src/core/record/incident.ts';
import { isClosed } from '../../../../src/core/record/transitions.ts';
import { ANA, buildIncident, INCIDENT_STATES, NOW } from '../../support/incidents.ts';

const RULES: DecisionRules = { now: NOW, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 };
const FRESH = new Date(NOW - 60_000).toISOString();

const headIn = (state: IncidentHead['state'], changes: Partial<IncidentHead> = {}): IncidentHead =>
  buildIncident(state, { nodes: 3, head: { evidenceAt: FRESH, ...changes } }).head;

const click = (
  head: IncidentHead,
  kind: DecisionRequest['kind'],
  changes: Partial<DecisionRequest> = {},
): DecisionRequest => {
  const digest = expectedDigest(head);
  return { kind, actor: ANA, ...(digest === undefined ? {} : { planDigest: digest }), ...changes };
};

// Most tries go where a decision can be taken at all.
const state = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<IncidentHead['state'][]>('awaiting-approval', 'applied-one', 'resolved'),
  },
  { weight: 1, arbitrary: fc.constantFrom(...INCIDENT_STATES) },
);
const MANY = { numRuns: 1000 };
const UNATTENDED = ['alarm-ok', 'timeout'] as const;
const isClick = (kind: DecisionKind): kind is DecisionRequest['kind'] =>
  !UNATTENDED.some((unattended) => unattended === kind);
const CLICKS = DecisionKind.options.filter(isClick);
const kind = fc.constantFrom(...CLICKS);
const actor = fc.constantFrom<DecisionRequest['actor'][]>(ANA, {
  kind: 'slack-user',
  id: 'U0STRANGER',
  name: 'mallory',
});
const rules = fc.record({
  now: fc.oneof(fc.integer({ min: NOW, max: NOW + 600_000 }), fc.constant(NOW + 100_000_000)),
  approvers: fc.constantFrom<string[][]>([], [ANA.id], ['U0OTHER01']),
  evidenceMaxAgeSeconds: fc.constantFrom(1, 900, 1_000_000),
});

describe('awaitDecision', () => {
  const callback = { id: 'callback-2', expiresAt: new Date(NOW + 600_000).toISOString() };
  const step = { kind: 'raise-max', instanceId: 'i-0', decision: 1, claimedAt: FRESH } as const;

  test.each([
    [
      'nothing stands, because all was set aside',
      { outcome: 'refused', setAside: 'lost' },
      'awaiting-approval',
    ],
    ['a change stands', { outcome: 'raised' }, 'applied-one'],
    ['a change may stand', { outcome: 'unknown' }, 'applied-one'],
  ] as const)('where %s the next click is for what is true', (_what, news, to) => {
    const head = headIn('diagnosed', { remediations: [{ ...step, ...news }] });
    expect(awaitDecision(head, callback, FRESH).state).toBe(to);
  });
});

describe('decide', () => {
  test('takes the rollback of one changed node and refuses that of any other', () => {
    const head = headIn('resolved');
    const [first] = head.remediations.map(({ instanceId }) => instanceId);
    expect(first).toBeDefined();
    const one = decide(head, click(head, 'rollback', { instanceIds: [first ?? ''] }), RULES);
    expect(one).toMatchObject({ state: 'rolling-back' });
    expect(decide(head, click(head, 'rollback', { instanceIds: ['i-0fffffffffffffff0'] }), RULES)).toMatch(
      /^i-0fffffffffffffff0 does not stand changed by this incident/,
    );
  });

  test('stores a click under the number of its callback, with who, when and which plan', () => {
    const head = headIn('awaiting-approval');
    const decided = decide(head, click(head, 'apply-all'), RULES);
    expect(decided).toMatchObject({
      state: 'awaiting-approval',
      decisions: [
        {
          number: 1,
          kind: 'apply-all',
          actor: ANA,
          planDigest: head.plan?.digest,
          at: new Date(NOW).toISOString(),
        },
      ],
    });
  });

  test('takes one decision for each callback, whatever comes in whatever order', () => {
    const waiting = fc.constantFrom<IncidentHead['state'][]>('awaiting-approval', 'applied-one');
    const any = fc.constantFrom(...DecisionKind.options);
    const property = fc.property(waiting, fc.array(fc.tuple(any, actor, rules)), (from, tries) => {
      let head = headIn(from);
      for (const [what, who, given] of tries) {
        const next = isClick(what)
          ? decide(head, click(head, what, { actor: who }), given)
          : decideUnattended(head, what, given.now);
        head = typeof next === 'string' ? head : IncidentHead.parse(next);
      }
      const numbers = head.decisions.map(({ number }) => number);
      const answers = numbers.filter((number) => number >= (head.callback?.number ?? 0));
      return new Set(numbers).size === numbers.length && answers.length <= 1;
    });
    expect(fc.check(property, MANY)).toMatchObject({ failed: false });
  });

  test('never lets a stranger decide, nor anybody while the list is empty', () => {
    const property = fc.property(state, kind, actor, rules, (from, what, who, given) => {
      const head = headIn(from);
      const decided = decide(head, click(head, what, { actor: who }), given);
      if (typeof decided === 'string') return true;
      const stored = decided.decisions.at(-1);
      return stored?.actor.kind === 'slack-user' && given.approvers.includes(stored.actor.id);
    });
    expect(fc.check(property, MANY)).toMatchObject({ failed: false });
  });

  test('approves nothing on another plan, on old evidence or after the buttons expired', () => {
    const digest = fc.constantFrom('0'.repeat(32), 'shown');
    const property = fc.property(state, kind, digest, rules, (from, what, named, given) => {
      const head = headIn(from);
      const decided = decide(head, click(head, what, named === 'shown' ? {} : { planDigest: named }), given);
      const stored = typeof decided === 'string' ? undefined : decided.decisions.at(-1);
      if (stored?.kind !== 'apply-one' && stored?.kind !== 'apply-all') return true;
      const isFresh = given.now - Date.parse(FRESH) <= given.evidenceMaxAgeSeconds * 1000;
      const isInTime = given.now < Date.parse(head.callback?.expiresAt ?? '');
      return stored.planDigest === head.plan?.digest && isFresh && isInTime;
    });
    expect(fc.check(property, MANY)).toMatchObject({ failed: false });
  });

  test('turns an approval on old evidence into a refresh', () => {
    const head = headIn('awaiting-approval', { evidenceAt: new Date(NOW - 901_000).toISOString() });
    expect(decide(head, click(head, 'apply-one'), RULES)).toMatchObject({ decisions: [{ kind: 'refresh' }] });
  });

  test('moves a rollback after the end on at once, so that a second click finds it begun', () => {
    const head = headIn('resolved');
    const decided = decide(head, click(head, 'rollback'), RULES);
    if (typeof decided === 'string') throw new Error(decided);
    expect(decided.state).toBe('rolling-back');
    expect(decide(decided, click(decided, 'rollback'), RULES)).toContain('so this click did nothing');
  });

  test.each([
    ['alarm-ok', 'alarm', ['awaiting-approval']],
    ['timeout', 'workflow', ['awaiting-approval', 'applied-one']],
  ] as const)('takes %s from the %s only while it can count', (what, who, states) => {
    const accepted = INCIDENT_STATES.filter((from) => {
      const decided = decideUnattended(headIn(from), what, NOW);
      if (typeof decided === 'string') return false;
      expect(decided.decisions.at(-1)).toEqual({
        kind: what,
        actor: { kind: who },
        number: decided.callback?.number,
        at: new Date(NOW).toISOString(),
      });
      return true;
    });
    expect(accepted).toEqual(states);
  });

  test('lets time run out after the buttons expired, when the alarm decides no more', () => {
    const head = headIn('awaiting-approval');
    expect(decideUnattended(head, 'timeout', NOW + 1e9)).toMatchObject({ decisions: [{ kind: 'timeout' }] });
    expect(decideUnattended(head, 'alarm-ok', NOW + 1e9)).toContain('The buttons expired');
  });

  test('accepts after the end nothing but a rollback, and only while a node stands changed', () => {
    for (const from of INCIDENT_STATES.filter(isClosed)) {
      const head = headIn(from);
      for (const what of CLICKS.filter((one) => one !== 'rollback'))
        expect(decide(head, click(head, what), RULES), `${from} ${what}`).toBeTypeOf('string');
      for (const what of UNATTENDED)
        expect(decideUnattended(head, what, NOW), `${from} ${what}`).toBeTypeOf('string');
      const untouched = { ...head, remediations: [] };
      expect(decide(untouched, click(untouched, 'rollback'), RULES)).toContain('nothing to roll back');
    }
  });

  const waiting = headIn('awaiting-approval');
  const decidedBefore = decide(waiting, click(waiting, 'dismiss'), RULES);
  test.each<[string, IncidentHead | string, DecisionRequest, Partial<DecisionRules>, string]>([
    [
      'nobody is an approver',
      waiting,
      click(waiting, 'apply-one'),
      { approvers: [] },
      'MEDIC_APPROVERS is empty',
    ],
    [
      'the clicker is a stranger',
      waiting,
      click(waiting, 'dismiss', { actor: { ...ANA, id: 'U0BEN' } }),
      {},
      'not an approver',
    ],
    [
      'the plan is another',
      waiting,
      click(waiting, 'apply-one', { planDigest: 'f'.repeat(32) }),
      {},
      'newest card',
    ],
    [
      'it was decided before',
      decidedBefore,
      click(waiting, 'apply-one'),
      {},
      'Decided already by @ana (dismiss',
    ],
    ['the buttons expired', waiting, click(waiting, 'apply-one'), { now: NOW + 1e9 }, 'The buttons expired'],
    ['nothing was applied', waiting, click(waiting, 'rollback'), {}, 'not offered'],
    [
      'a change runs',
      headIn('applying-canary'),
      click(headIn('applying-canary'), 'rollback'),
      {},
      'waits for no decision',
    ],
    [
      'it has ended',
      headIn('dismissed'),
      click(headIn('dismissed'), 'apply-one'),
      {},
      'has ended (dismissed)',
    ],
  ])('refuses with a sentence when %s', (_when, head, request, given, sentence) => {
    if (typeof head === 'string') throw new Error(head);
    const refusal = decide(head, request, { ...RULES, ...given });
    expect(refusal).toContain(sentence);
    expect(refusal).toMatch(/\.$/);
  });
});
