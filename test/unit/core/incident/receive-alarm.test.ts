import { describe, expect, test } from 'vitest';
import { awaitDecision } from '../../../../src/core/incident/decide.ts';
import {
  incidentId,
  noteAlarmOk,
  noteFiring,
  openIncident,
} from '../../../../src/core/incident/open-incident.ts';
import { endAbandoned, isAbandoned } from '../../../../src/core/incident/receive-alarm.ts';
import { IncidentHead } from '../../../../src/core/record/incident.ts';
import { isClosed } from '../../../../src/core/record/transitions.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { buildIncident, INCIDENT_STATES, NOW } from '../../support/incidents.ts';

const LATER = '2026-11-23T15:00:00.000Z';
const EARLIER = '2026-11-23T13:00:00.000Z';

describe('incidentId', () => {
  test('is the same for the same state change and another for any other', () => {
    const id = incidentId(buildAlarm());
    expect(id).toMatch(/^inc-[0-9a-f]{20}$/);
    expect(incidentId(buildAlarm({ reason: 'said otherwise' }))).toBe(id);
    expect(incidentId(buildAlarm({ changedAt: LATER }))).not.toBe(id);
    expect(incidentId(buildAlarm({ arn: `${buildAlarm().arn}2` }))).not.toBe(id);
  });
});

describe('a firing of an open incident', () => {
  const head = openIncident(buildAlarm(), LATER);

  test('is counted once, and only a new one moves the count, whenever it comes', () => {
    const again = noteFiring(head, LATER, 2);
    expect(again.seen).toEqual({ count: 2, lastAt: LATER });
    expect(noteFiring(again, LATER, 2)).toBe(again);
    expect(noteFiring(again, EARLIER, 2)).toBe(again);
    expect(noteFiring(again, EARLIER, 3).seen).toEqual({ count: 3, lastAt: LATER });
  });

  test('takes back that the alarm was OK', () => {
    const ok = noteAlarmOk(head, '2026-11-23T14:30:00.000Z', NOW);
    expect(ok.alarmOkAt).toBeDefined();
    expect(noteFiring(ok, LATER, 2)).not.toHaveProperty('alarmOkAt');
  });
});

describe('an alarm that is OK again', () => {
  test('decides while a click is waited for', () => {
    const { head } = buildIncident('awaiting-approval');
    const noted = IncidentHead.parse(noteAlarmOk(head, LATER, NOW));
    expect(noted.decisions).toMatchObject([{ number: 1, kind: 'alarm-ok', actor: { kind: 'alarm' } }]);
  });

  test('decides nothing once a change was ordered, and is noted', () => {
    const { head } = buildIncident('verifying');
    const noted = noteAlarmOk(head, LATER, NOW);
    expect(noted.alarmOkAt).toBe(LATER);
    expect(noted.decisions).toEqual(head.decisions);
  });

  test('changes nothing when it is older than the newest firing, or noted before', () => {
    const { head } = buildIncident('awaiting-approval');
    expect(noteAlarmOk(head, EARLIER, NOW)).toBe(head);
    const noted = noteAlarmOk(head, LATER, NOW);
    expect(noteAlarmOk(noted, LATER, NOW)).toBe(noted);
  });

  test('decides as soon as the incident would wait, when it came while collecting', () => {
    const { head } = buildIncident('diagnosed', { head: { alarmOkAt: LATER } });
    const waiting = awaitDecision(head, { id: 'c1', expiresAt: LATER }, LATER);
    expect(waiting).toMatchObject({
      state: 'awaiting-approval',
      decisions: [{ number: 1, kind: 'alarm-ok' }],
    });
  });
});

describe('an incident whose workflow died', () => {
  const HOUR = 3_600_000;

  test.each(INCIDENT_STATES.filter((state) => !isClosed(state)))(
    'is told by long silence when it is %s, and ends as failed',
    (state) => {
      const { head } = buildIncident(state, { nodes: 2 });
      const silent = Date.parse(head.callback?.expiresAt ?? head.transitions.at(-1)?.at ?? '');
      expect(isAbandoned(head, silent + HOUR / 10)).toBe(false);
      expect(endAbandoned(head, silent + HOUR / 10)).toBe(head);
      const ended = IncidentHead.parse(endAbandoned(head, silent + 2 * HOUR));
      expect(ended.state).toBe('failed');
      expect(ended.transitions.at(-1)?.why).toContain(`while the incident was ${state}`);
    },
  );

  test('is not one that is closed, nor one that waits for its click for hours', () => {
    const { head } = buildIncident('awaiting-approval');
    expect(isAbandoned(head, Date.parse(head.callback?.expiresAt ?? '') - 1)).toBe(false);
    expect(isAbandoned(buildIncident('resolved').head, NOW + 1000 * HOUR)).toBe(false);
  });
});

describe('awaitDecision', () => {
  test('waits as applied-one once a change was ordered, and repeated changes nothing', () => {
    const { head } = buildIncident('verifying', { nodes: 2 });
    const waiting = awaitDecision(head, { id: 'c2', expiresAt: LATER }, LATER);
    expect(waiting).toMatchObject({ state: 'applied-one', callback: { id: 'c2', number: 2 } });
    expect(awaitDecision(waiting, { id: 'c2', expiresAt: LATER }, LATER)).toBe(waiting);
  });

  test('puts a new callback in the place of one that was completed without a decision', () => {
    const { head } = buildIncident('awaiting-approval');
    const waiting = awaitDecision(head, { id: 'next', expiresAt: LATER }, LATER);
    expect(waiting.callback).toEqual({ id: 'next', number: 1, expiresAt: LATER });
    expect(waiting.transitions).toEqual(head.transitions);
  });
});
