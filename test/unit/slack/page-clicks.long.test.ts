import { describe, expect, it } from 'vitest';
import { buildIncident } from '../support/incidents.ts';
import { BO, decisionsOf, press, setUpClicks, slack, stored, world } from './clicking.ts';

setUpClicks();

const PAGE = { action: 'medic.show-page', plan: undefined } as const;

describe('a click on "Page"', () => {
  it.each(['awaiting-approval', 'resolved', 'failed'] as const)(
    'of an approver has the page made for that person, and decides nothing: %s',
    async (state) => {
      const incident = await stored(state);
      const before = await decisionsOf(incident);
      expect(await press(incident, PAGE)).toEqual([]);
      expect(world.pages).toEqual([
        {
          schema: 'medic.page-request/1',
          incidentId: incident.head.id,
          user: world.approvers[0],
          responseUrl: slack.responseUrl,
        },
      ]);
      expect(await decisionsOf(incident)).toEqual(before);
      expect(world.woken).toEqual([]);
    },
  );

  it('of anybody else is refused with who may, because a page holds addresses', async () => {
    const incident = await stored('awaiting-approval');
    const told = await press(incident, { ...PAGE, user: BO });
    expect(told).toEqual([expect.stringMatching(/addresses.*approvers only.*U0BOB0002.*Ask <@U0ANA0001>/)]);
    expect(world.pages).toEqual([]);
  });

  it.each([{ channel: 'C0OTHER01' }, { message: '1795442521.999999' }])(
    'from elsewhere than the card is refused: %j',
    async (place) => {
      const incident = await stored('awaiting-approval');
      expect(await press(incident, { ...PAGE, ...place })).toEqual([
        expect.stringMatching(/^This button is not on the card of/),
      ]);
      expect(world.pages).toEqual([]);
    },
  );

  it('from another workspace is refused', async () => {
    const incident = await stored('awaiting-approval');
    world.team = 'T0OTHER001';
    expect(await press(incident, PAGE)).toEqual([expect.stringMatching(/nothing was done/)]);
    expect(world.pages).toEqual([]);
  });

  it('is told of an incident that is gone', async () => {
    const incident = buildIncident('awaiting-approval', { head: { id: 'inc-not-there-any-more' } });
    expect(await press(incident, PAGE)).toEqual([expect.stringMatching(/is not known here any more/)]);
  });
});
