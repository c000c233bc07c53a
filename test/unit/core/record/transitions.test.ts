import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IncidentHead, type IncidentState } from '../../../../src/core/record/incident.ts';
import { isClosed, LEGAL_MOVES, transition } from '../../../../src/core/record/transitions.ts';
import { buildIncident, INCIDENT_STATES } from '../../support/incidents.ts';

const WORKFLOW = { kind: 'workflow' } as const;
const AT = '2026-11-23T15:00:00.000Z';
const state = fc.constantFrom(...INCIDENT_STATES);

function attempt(head: IncidentHead, to: IncidentState): IncidentHead | undefined {
  try {
    return transition(head, to, WORKFLOW, AT, 'because');
  } catch {
    return undefined;
  }
}

test('a move passes when it is legal and throws otherwise, whatever led to the state', () => {
  const property = fc.property(state, fc.array(state, { maxLength: 12 }), (from, wishes) => {
    let { head } = buildIncident(from);
    return wishes.every((to) => {
      const next = attempt(head, to);
      const isLegal = LEGAL_MOVES[head.state].includes(to);
      if (next === undefined) return !isLegal;
      const last = next.transitions.at(-1);
      const isTold = last?.from === head.state && last.to === to && last.why === 'because';
      const isAppended = next.transitions.length === head.transitions.length + 1;
      head = IncidentHead.parse(next);
      return isLegal && isTold && isAppended && next.state === to;
    });
  });
  expect(fc.check(property)).toMatchObject({ failed: false });
});

test('leaving a state that waits takes the callback along', () => {
  const { head } = buildIncident('awaiting-approval');
  expect(head.callback).toBeDefined();
  expect(transition(head, 'applying-canary', WORKFLOW, AT)).not.toHaveProperty('callback');
});

test.each<IncidentState>(['failed', 'expired', 'dismissed', 'no-fix-offered'])('%s needs a reason', (to) => {
  const from = INCIDENT_STATES.find((one) => LEGAL_MOVES[one].includes(to)) ?? 'collecting';
  expect(() => transition(buildIncident(from).head, to, WORKFLOW, AT)).toThrow('without a reason');
});

test('nothing but a rollback follows the end', () => {
  const after = INCIDENT_STATES.filter(isClosed).flatMap((closed) => LEGAL_MOVES[closed]);
  expect(new Set(after)).toEqual(new Set(['rolling-back']));
});

test('every state can be reached from the first one', () => {
  const reached = new Set<IncidentState>(['collecting']);
  for (const from of reached) for (const to of LEGAL_MOVES[from]) reached.add(to);
  expect([...reached].toSorted()).toEqual(INCIDENT_STATES.toSorted());
});
