import { beforeEach, describe, expect, it } from 'vitest';
import { CARD, TEAM } from '../support/incidents.ts';
import { decisionsOf, press, setUpClicks, slack, stored, tableText, world } from './clicking.ts';

setUpClicks();

const CORP = 'E0CORP0001';
const OTHER = 'T0OTHER01';
type Payload = { readonly team: object; readonly user: object };
const change = (changes: (payload: Payload) => object) => (payload: object) => ({
  ...payload,
  ...changes(payload as Payload),
});
const personOf = (id: string) => change(({ user }) => ({ user: { ...user, team_id: id } }));

describe('where one workspace or enterprise is pinned', () => {
  beforeEach(() => {
    world.team = TEAM;
  });

  it.each([
    ['from the workspace', TEAM, change(() => ({}))],
    [
      'that does not say where the person is from',
      TEAM,
      change(({ user }) => ({ user: { ...user, team_id: null } })),
    ],
    ['from a workspace of the enterprise', CORP, change(() => ({ enterprise: { id: CORP } }))],
    [
      'of an app that the whole enterprise installed',
      CORP,
      change(({ user }) => ({
        enterprise: { id: CORP },
        team: null,
        is_enterprise_install: true,
        user: { ...user, team_id: CORP },
      })),
    ],
  ])('a click %s is taken', async (_what, pinned, payload) => {
    world.team = pinned;
    const incident = await stored('awaiting-approval');
    expect(await press(incident, { payload })).toEqual([]);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  const foreign: readonly (readonly [string, string, (payload: object) => object, string])[] = [
    ['another workspace', TEAM, change(() => ({ team: { id: OTHER } })), OTHER],
    ['a person of another workspace in a shared channel', TEAM, personOf(OTHER), OTHER],
    ['a person of an enterprise in a shared channel', TEAM, personOf('E0OTHER01'), 'E0OTHER01'],
    ['no workspace', TEAM, change(() => ({ team: null })), 'no workspace that Slack named'],
    ['a workspace that is no id', TEAM, change(() => ({ team: { id: '<!channel>' } })), 'no workspace'],
    ['no enterprise', CORP, change(() => ({})), 'no enterprise that Slack named'],
    ['another enterprise', CORP, change(() => ({ enterprise: { id: 'E0OTHER01' } })), 'E0OTHER01'],
    [
      'a person of another enterprise in a shared channel',
      CORP,
      change(({ user }) => ({ enterprise: { id: CORP }, user: { ...user, team_id: 'E0OTHER01' } })),
      'E0OTHER01',
    ],
  ];
  it.each(foreign)(
    'an approver’s click from %s is refused and stores nothing',
    async (_what, pinned, payload, origin) => {
      world.team = pinned;
      const incident = await stored('awaiting-approval');
      const before = await tableText();
      const [told, ...more] = await press(incident, { payload });
      expect(told).toContain(`This click came from ${origin}`);
      expect(told).toMatch(/^[^.]*so nothing was done\.$/);
      expect(more).toEqual([]);
      expect(slack.calls.map(({ body }) => body['response_type'])).toEqual(['ephemeral']);
      expect(await tableText()).toBe(before);
      expect(world.woken).toEqual([]);
    },
  );

  it.each(['show-runbook', 'collect-again'])('%s is refused too', async (kind) => {
    const incident = await stored('resolved');
    const told = await press(incident, { action: `medic.${kind}`, payload: personOf(OTHER), ...CARD });
    expect(told).toEqual([expect.stringContaining(`came from ${OTHER}`)]);
    expect(slack.calls).toHaveLength(1);
    expect(world.alarms).toEqual([]);
  });
});

it('without a pinned one an approver’s click counts from every workspace', async () => {
  const incident = await stored('awaiting-approval');
  expect(await press(incident, { payload: personOf(OTHER) })).toEqual([]);
  expect(await decisionsOf(incident)).toHaveLength(1);
});
