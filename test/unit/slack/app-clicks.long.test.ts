import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/core/record/incident.ts';
import { ANA, buildIncident, CARD, TEAM } from '../support/incidents.ts';
import {
  BO,
  decisionsOf,
  type Press,
  press,
  pressAgain,
  setUpClicks,
  stored,
  world,
  writtenByNewer,
} from './clicking.ts';

setUpClicks();

describe('a click on the card', () => {
  it('of an approver becomes one stored decision and wakes the workflow', async () => {
    const incident = await stored('awaiting-approval');
    expect(await press(incident)).toEqual([]);
    expect(await decisionsOf(incident)).toEqual([
      {
        number: 1,
        kind: 'apply-one',
        planDigest: incident.head.plan?.digest,
        actor: ANA,
        at: expect.any(String) as string,
        slack: {
          team: TEAM,
          channel: CARD.channel,
          message: CARD.message,
          signed: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      },
    ]);
    expect(world.woken).toEqual(['callback-id']);
  });

  it.each<[string, Press, RegExp]>([
    [
      'a stranger',
      { user: BO },
      /^You \(U0BOB0002\) are not an approver, so nothing was changed\. Ask <@U0ANA0001>, or /,
    ],
    ['an older plan', { plan: 'b'.repeat(32) }, /^The plan is not the one on this card any more/],
    ['no plan', { plan: undefined }, /./],
    [
      'another channel',
      { channel: 'C0OTHER01' },
      /^This button is not on the card of inc-click-\d+, so nothing was done/,
    ],
    ['another message', { message: '1795442521.999999' }, /^This button is not on the card of/],
    [
      'a button that is not offered now',
      { action: 'medic.rollback' },
      /^rollback is not offered while the incident is awaiting-approval/,
    ],
  ])('with %s stores nothing and says why', async (what, given, sentence) => {
    const incident = await stored('awaiting-approval');
    const withoutPlan = { ...incident, head: { ...incident.head, plan: undefined } } as unknown as Incident;
    const told = await press(what === 'no plan' ? withoutPlan : incident, given);
    expect(told).toEqual([expect.stringMatching(sentence)]);
    expect(await decisionsOf(incident)).toEqual([]);
    expect(world.woken).toEqual([]);
  });

  it('on a record that a newer version has written is answered with what to do', async () => {
    const incident = await stored('awaiting-approval');
    await writtenByNewer(incident);
    expect(await press(incident)).toEqual([
      expect.stringMatching(/was written by a newer version .* Try again when the deployment is over/),
    ]);
    expect(world.woken).toEqual([]);
  });

  it('stores nothing while no approver is configured', async () => {
    world.approvers = [];
    const incident = await stored('awaiting-approval');
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^Nobody may approve yet, so nothing was changed/),
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });

  it('stores nothing after the buttons have expired', async () => {
    const incident = await stored('awaiting-approval', {}, 9 * 60);
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^The buttons expired at .*, so nothing was changed/),
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });

  it('on old evidence is stored as a wish to collect again and says that a second click is needed', async () => {
    const incident = await stored('awaiting-approval', {}, 20);
    expect(await press(incident)).toEqual([
      expect.stringMatching(/too old, so nothing was changed: .* click once more\.$/),
    ]);
    expect((await decisionsOf(incident)).map(({ kind }) => kind)).toEqual(['refresh']);
    expect(world.woken).toEqual(['callback-id']);
  });

  it('made twice decides once; the second says who decided', async () => {
    const incident = await stored('awaiting-approval');
    await press(incident);
    const told = await press(incident, { action: 'medic.dismiss' });
    expect(told).toEqual([expect.stringMatching(/^Decided already by @ana \(apply-one, /)]);
    expect((await decisionsOf(incident)).map(({ kind }) => kind)).toEqual(['apply-one']);
  });

  it('made by two approvers at the same moment decides once', async () => {
    world.approvers = [ANA.id, BO.id];
    const incident = await stored('awaiting-approval');
    await Promise.all([press(incident), press(incident, { user: BO, action: 'medic.apply-all' })]);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('that Slack sends again changes nothing and is answered as before', async () => {
    const incident = await stored('awaiting-approval', {}, 20);
    const told = await press(incident);
    world.woken = [];
    expect(await pressAgain()).toEqual(told);
    expect(await decisionsOf(incident)).toHaveLength(1);
    expect(world.woken).toEqual(['callback-id']);
    expect(await press(incident)).toEqual([expect.stringMatching(/^Decided already by @ana/)]);
  });

  it('that was stored but did not reach the workflow is delivered by the next click', async () => {
    const incident = await stored('awaiting-approval');
    world.isWorkflowDown = true;
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^Your decision is stored, but the workflow could not be woken/),
    ]);
    world.isWorkflowDown = false;
    expect(await press(incident)).toEqual([expect.stringMatching(/^Decided already by @ana/)]);
    expect(world.woken).toEqual(['callback-id']);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('on another message does not deliver what is stored', async () => {
    const incident = await stored('awaiting-approval');
    world.isWorkflowDown = true;
    await press(incident);
    world.isWorkflowDown = false;
    await press(incident, { message: '1.1' });
    expect(world.woken).toEqual([]);
  });

  it('on an incident that is gone says so', async () => {
    const incident = buildIncident('awaiting-approval', { head: { id: 'inc-gone-for-good' } });
    expect(await press(incident)).toEqual([
      'inc-gone-for-good is not known here any more, so nothing was done.',
    ]);
  });

  it('leaves a running change alone', async () => {
    const incident = await stored('applying-canary');
    expect(await press(incident, { action: 'medic.apply-all' })).toEqual([
      expect.stringMatching(/^The incident is applying-canary since @ana decided/),
    ]);
    expect(await decisionsOf(incident)).toHaveLength(1);
    expect(world.woken).toEqual([]);
  });
});

describe('a click on an incident whose workflow has stopped', () => {
  it('is stored, says so and has it gone on with; the card is drawn at once', async () => {
    const incident = await stored('awaiting-approval');
    world.isHeard = false;
    expect((await press(incident)).join()).toContain('had stopped; it is being taken up again');
    expect(await decisionsOf(incident)).toMatchObject([{ kind: 'apply-one' }]);
    expect(world.carriedOn).toEqual([incident.head.id]);
    expect(world.shown).toEqual([incident.head.id]);
  });

  it('says so too where the click itself is refused', async () => {
    const incident = await stored('applying-canary');
    world.isHeard = false;
    const answer = (await press(incident)).join();
    expect(answer).toContain('waits for no decision');
    expect(answer).toContain('it is being taken up again');
  });
});

it('a click that is heard looks for no execution', async () => {
  await press(await stored('awaiting-approval'));
  expect(world.carriedOn).toEqual([]);
});
