import { describe, expect, test } from 'vitest';
import { planIncident } from '../../../../src/core/plan/plan-incident.ts';
import type { DecisionKind, IncidentHead, Remediation } from '../../../../src/core/record/incident.ts';
import { refuseRemediation } from '../../../../src/core/remediation/authorise.ts';
import { claimRemediation, updateRemediation } from '../../../../src/core/remediation/claim.ts';
import { nextStep, type RolloutEnd, rolloutEnd } from '../../../../src/core/remediation/rollout.ts';
import { buildNodePlan, instanceId } from '../../support/diagnoses.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';

const AT = '2026-11-23T15:00:00.000Z';

/** What a node does with the change that is sent to it, and what it shows when it is read. */
type Fate =
  | 'good'
  | 'gone'
  | 'refuses'
  | 'fails'
  | 'unhealed'
  | 'lost, arrived'
  | 'lost, never read'
  | 'bad document';
const FATES: readonly Fate[] = [
  'good',
  'gone',
  'refuses',
  'fails',
  'unhealed',
  'lost, arrived',
  'lost, never read',
  'bad document',
];
const ASIDE: ReadonlySet<Fate> = new Set(['gone', 'refuses']);
/** What ends with a change that was verified. */
const DONE: ReadonlySet<Fate> = new Set(['good', 'lost, arrived']);

const ANSWERS: Readonly<Record<Fate, Partial<Remediation>>> = {
  good: { outcome: 'raised' },
  gone: { outcome: 'refused', setAside: 'not-reached', detail: 'it is gone.' },
  refuses: { outcome: 'refused', setAside: 'refused', detail: 'value-moved.' },
  fails: { outcome: 'failed', detail: 'write-failed.' },
  unhealed: { outcome: 'raised' },
  'lost, arrived': { outcome: 'unknown', detail: 'no answer.' },
  'lost, never read': {},
  'bad document': { outcome: 'refused', detail: 'the raise could not be sent: InvalidDocument' },
};

const passed = (isPassed: boolean) => ({
  verification: { passed: isPassed, why: isPassed ? 'fine' : 'still dropping', collection: 2 },
});
const READINGS: Readonly<Record<Fate, Partial<Remediation>>> = {
  ...ANSWERS,
  good: { ...passed(true) },
  unhealed: { ...passed(false) },
  'lost, arrived': { outcome: 'raised', ...passed(true) },
  'lost, never read': { outcome: 'unknown' },
};

const approved = new Map<number, ReturnType<typeof buildApproved>>();

/** It is only read, and thousands of orders begin with the same. */
function approvedFor(nodes: number): ReturnType<typeof buildApproved> {
  const built = approved.get(nodes) ?? buildApproved(nodes);
  approved.set(nodes, built);
  return built;
}

function buildApproved(nodes: number) {
  const { head } = buildIncident('applying-canary', { nodes });
  const plans = Array.from({ length: nodes }, (_, index) => buildNodePlan({ instanceId: instanceId(index) }));
  const plan = planIncident(head.id, 1, plans);
  if (plan === undefined) throw new Error('There is no plan.');
  return { head, plan };
}

/** Carries an approval out on nodes with these fates, as the workflow does, under the eyes of what authorises it. */
function carryOut(
  fates: readonly Fate[],
  kind: DecisionKind,
  waiting: Pick<IncidentHead, 'planRest'> = {},
): { sent: string[][]; head: IncidentHead; end: RolloutEnd } {
  const ids = fates.map((_fate, index) => instanceId(index));
  const fateOf = new Map(ids.map((id, index) => [id, fates[index] ?? 'good']));
  const { head: built, plan } = approvedFor(fates.length);
  const decisions = built.decisions.map((one) => ({ ...one, kind, planDigest: plan.digest }));
  let head: IncidentHead = { ...built, ...waiting, plan, decisions, remediations: [] };
  const decision = { number: 1, kind };
  const [read, sent] = [new Set<string>(), [] as string[][]];
  for (let round = 0; round < 50; round++) {
    const next = nextStep(head, decision, read);
    if (next.kind === 'done') return { sent, head, end: rolloutEnd(head, decision, read) };
    const order = { kind: next.change, decision: 1, instanceIds: next.instanceIds };
    if (next.kind === 'change') {
      sent.push([...next.instanceIds]);
      head = { ...head, state: next.isFirst ? 'applying-canary' : 'applying-rest' };
      expect(refuseRemediation(head, order, [ANA.id])).toBeUndefined();
      const claimed = claimRemediation(head, order, AT);
      if (typeof claimed === 'string') throw new Error(claimed);
      head = claimed;
    } else {
      for (const id of next.instanceIds) read.add(id);
    }
    const learnt = next.kind === 'change' ? ANSWERS : READINGS;
    head = updateRemediation(head, order, (step) => learnt[fateOf.get(step.instanceId) ?? 'good']);
  }
  throw new Error(`It never ends: ${fates.join(', ')}`);
}

const orders = (length: number): Fate[][] =>
  length === 0 ? [[]] : orders(length - 1).flatMap((some) => FATES.map((fate) => [...some, fate]));
const EVERY = [...orders(1), ...orders(2), ...orders(3), ...orders(4)];

describe('an approval of all nodes', () => {
  test('goes past whoever is set aside and stops at the first that failed, in every order', () => {
    for (const fates of EVERY) {
      const { sent, head, end } = carryOut(fates, 'apply-all');
      const verified = head.remediations.filter(({ verification }) => verification?.passed === true);
      // Until a node was verified each goes alone, and the first that is not set aside decides.
      const first = fates.findIndex((fate) => !ASIDE.has(fate));
      const heads = first === -1 ? fates.length : first + 1;
      const isGood = DONE.has(fates[first] ?? 'fails');
      const done = isGood ? fates.filter((fate) => DONE.has(fate)).length : 0;
      const state = done === fates.length ? 'resolved' : isGood ? 'partially-applied' : 'failed';
      expect({
        fates,
        sent: sent.flat(),
        heads: sent.slice(0, heads).map((some) => some.length),
        verified: verified.length,
        state: end.state,
        isSilent: end.why === '',
        left: end.left.length,
      }).toEqual({
        fates,
        sent: fates.slice(0, isGood ? fates.length : heads).map((_fate, index) => instanceId(index)),
        heads: Array.from({ length: heads }, () => 1),
        verified: done,
        state,
        isSilent: state === 'resolved',
        left: fates.length - done,
      });
    }
  });

  test.each<Fate>(['fails', 'unhealed', 'lost, never read', 'bad document'])(
    'after a node that %s no further command is sent, however many nodes wait',
    (fate) => {
      const many: Fate[] = Array.from({ length: 24 }, () => 'good');
      many[4] = fate;
      const { sent, end } = carryOut(many, 'apply-all');
      // An unhealed node answers as a healed one does: only the reading at the end tells.
      const expected = fate === 'unhealed' ? [1, 10, 10, 3] : [1, 10];
      expect(sent.map(({ length }) => length)).toEqual(expected);
      expect(end.state).toBe('partially-applied');
    },
  );

  test('goes on to the nodes that wait past any number that are set aside or whose answer was found by reading', () => {
    const many: Fate[] = Array.from({ length: 24 }, (_, index) =>
      index % 3 === 0 ? 'gone' : index % 3 === 1 ? 'good' : 'lost, arrived',
    );
    const { sent, end } = carryOut(many, 'apply-all');
    expect(sent.flat()).toHaveLength(24);
    expect(end.left).toHaveLength(8);
    expect(end.why).toContain(
      `${instanceId(0)}: it is gone; ${instanceId(1)} took its place as the first node.`,
    );
    expect(end.why).toContain('7 other nodes were set aside too');
  });
});

describe('an approval of as many nodes as one click may change, while others wait', () => {
  const REST = [instanceId(40), instanceId(41)];
  const end = (fates: readonly Fate[], kind: DecisionKind = 'apply-all') =>
    carryOut(fates, kind, { planRest: REST }).end;

  test('sends nothing to those that wait, and asks about them once its own are verified', () => {
    const { sent, end: ended } = carryOut(['good', 'good', 'good'], 'apply-all', { planRest: REST });
    expect(sent.flat()).toEqual([instanceId(0), instanceId(1), instanceId(2)]);
    expect(ended).toEqual({ state: 'open', why: '', left: REST });
    expect(end(['good', 'good'], 'apply-one')).toEqual({
      state: 'open',
      why: '',
      left: [instanceId(1), ...REST],
    });
  });

  test('asks about those that were set aside, too, and says so', () => {
    const ended = end(['good', 'gone', 'good']);
    expect(ended).toMatchObject({ state: 'open', left: [instanceId(1), ...REST] });
    expect(ended.why).toContain('it is gone');
  });

  test.each<Fate>(['fails', 'unhealed', 'lost, never read', 'bad document'])(
    'is over for them all after a node that %s',
    (fate) => {
      expect(end(['good', fate, 'good'])).toMatchObject({ state: 'partially-applied' });
      expect(end([fate, 'good'])).toMatchObject({
        state: 'failed',
        left: [instanceId(0), instanceId(1), ...REST],
      });
      expect(end(['gone', 'gone'])).toMatchObject({ state: 'failed' });
    },
  );
});

describe('an approval of one node', () => {
  test('changes one node in every order, in the place of those before it that are set aside', () => {
    for (const fates of EVERY) {
      const { sent, end } = carryOut(fates, 'apply-one');
      const first = fates.findIndex((fate) => !ASIDE.has(fate));
      const tried = first === -1 ? fates.length : first + 1;
      const state = !DONE.has(fates[first] ?? 'fails') ? 'failed' : fates.length === 1 ? 'resolved' : 'open';
      expect({ fates, sent, state: end.state }).toEqual({
        fates,
        sent: Array.from({ length: tried }, (_, index) => [instanceId(index)]),
        state,
      });
    }
  });
});

test('a node other than the first stays forbidden where the first was not set aside', () => {
  const { head } = carryOut(['fails', 'good'], 'apply-all');
  const order = { kind: 'raise-max', decision: 1, instanceIds: [instanceId(1)] } as const;
  expect(refuseRemediation({ ...head, state: 'applying-canary' }, order, [ANA.id])).toContain(
    'Only the first node',
  );
});
