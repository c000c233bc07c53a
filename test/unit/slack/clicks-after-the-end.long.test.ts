import { describe, expect, it } from 'vitest';
import { findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { BO, decisionsOf, press, setUpClicks, slack, store, stored, world } from './clicking.ts';

setUpClicks();

describe('a rollback after the end', () => {
  it('is stored once and starts its own execution', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.rollback' })).toEqual([]);
    expect(world.rollbacks.map(({ number: n, kind }) => [n, kind])).toEqual([[2, 'rollback']]);
    expect((await store.head(incident.head.id))?.state).toBe('rolling-back');
    expect(world.woken).toEqual([]);
  });

  it('clicked twice is still one decision, and the same execution is asked for again', async () => {
    const incident = await stored('resolved');
    await press(incident, { action: 'medic.rollback' });
    const told = await press(incident, { action: 'medic.rollback' });
    expect(told).toEqual([
      expect.stringMatching(/^The incident is rolling-back since @ana decided \(rollback/),
    ]);
    expect(await decisionsOf(incident)).toHaveLength(2);
    expect(new Set(world.rollbacks.map(({ number: n }) => n))).toEqual(new Set([2]));
  });

  it('ordered while the workflow waits wakes that one', async () => {
    const incident = await stored('applied-one');
    expect(await press(incident, { action: 'medic.rollback' })).toEqual([]);
    expect(world.woken).toEqual(['callback-id']);
    expect(world.rollbacks).toEqual([]);
  });
});

describe('Show runbook', () => {
  it('opens a modal for anyone who sees the card', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.show-runbook', user: BO })).toEqual([]);
    const opened = slack.calls.find(({ path }) => path === '/api/views.open');
    const view: unknown = JSON.parse(String(opened?.body['view']));
    expect(findViewLimitViolations(view)).toEqual([]);
    expect(JSON.stringify(view)).toContain(`Runbook of ${incident.head.id}`);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('opens nothing from another message', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.show-runbook', message: '1.1' })).toHaveLength(1);
    expect(slack.calls.map(({ path }) => path)).toEqual(['/response/1']);
  });
});

describe('Collect again', () => {
  const action = 'medic.collect-again';

  it.each(['expired', 'dismissed', 'no-fix-offered'] as const)(
    'of an approver on a card that is %s takes its alarm in as if it fired now',
    async (state) => {
      const incident = await stored(state);
      const [before, stays] = [new Date().toISOString(), await store.head(incident.head.id)];
      expect(await press(incident, { action })).toEqual([expect.stringContaining('a card of its own')]);
      const { arn, dimensions } = incident.head.alarm;
      expect(world.alarms).toEqual([expect.objectContaining({ arn, dimensions, state: 'ALARM' })]);
      expect((world.alarms[0]?.changedAt ?? '') >= before).toBe(true);
      expect(await store.head(incident.head.id)).toEqual(stays);
    },
  );

  it.each([
    ['a stranger', { user: BO }, /^You \(U0BOB0002\) are not an approver/],
    ['another message', { message: '1.1' }, /is not on the card of/],
  ])('refuses %s with a sentence and reads nothing', async (_who, given, sentence) => {
    const incident = await stored('expired');
    expect(await press(incident, { action, ...given })).toEqual([expect.stringMatching(sentence)]);
    expect(world.alarms).toEqual([]);
  });

  it.each(['awaiting-approval', 'applying-rest', 'resolved'] as const)(
    'does nothing while the card itself goes on: %s',
    async (state) => {
      expect(await press(await stored(state), { action })).toEqual([expect.stringContaining(state)]);
      expect(world.alarms).toEqual([]);
    },
  );

  it('leads to the newer incident of the alarm where one is open, and counts no firing on it', async () => {
    const incident = await stored('dismissed');
    await store.close(incident.head);
    const { card: _card, ...newer } = (await stored('collecting')).head;
    const open = { ...newer, id: `${newer.id}-newer`, alarm: incident.head.alarm };
    await store.open(open);
    expect(await press(incident, { action })).toEqual([expect.stringContaining(open.id)]);
    expect(world.alarms).toEqual([]);
    expect((await store.head(open.id))?.seen.count).toBe(1);
  });
});
