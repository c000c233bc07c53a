import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { manualAlarm } from '../../../src/core/incident/manual-alarm.ts';
import { Alarm } from '../../../src/core/record/alarm.ts';
import { selectorsOfAlarm } from '../../../src/core/resolve/alarm-tree.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import { idleParts } from './idle-parts.ts';
import { SIGNING_SECRET, signedRequest, startSlackStandIn } from './slack-stand-in.ts';

const CHANNEL = 'C0INCIDENTS';
const ANA = 'U0ANA';
const TEAM = 'T0TEAM001';
const CORP = 'E0CORP0001';
const NODE = 'i-0f1e2d3c4b5a69780';

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
const opened: { ids: readonly string[]; by: string }[] = [];
let outcome = 'opened';
let team: string | undefined;

beforeAll(async () => {
  slack = await startSlackStandIn();
});
afterAll(() => slack.close());
beforeEach(() => {
  opened.length = 0;
  outcome = 'opened';
  team = undefined;
});

async function type(text: string, changes: Record<string, string> = {}, secret = SIGNING_SECRET) {
  const handle = slackHandler({
    ...idleParts(slack.apiUrl),
    team,
    approvers: [ANA],
    channel: CHANNEL,
    openByHand: (ids, by) => {
      if (outcome === 'failed') return Promise.reject(new Error('the table is gone'));
      opened.push({ ids, by });
      return Promise.resolve(outcome);
    },
  });
  const fields = {
    command: '/medic',
    text,
    user_id: ANA,
    channel_id: CHANNEL,
    team_id: TEAM,
    ...changes,
  };
  const { statusCode, body } = await handle(
    signedRequest(new URLSearchParams(fields).toString(), { secret, base64: true }),
  );
  return {
    statusCode,
    answer: body.startsWith('{') ? (JSON.parse(body) as { text: string }).text : '',
    body,
  };
}

test('opens an incident for the nodes, and answers only who asked', async () => {
  const { statusCode, answer, body } = await type(`${NODE}, i-0aaaaaaaaaaaaaaaa`);
  expect(statusCode).toBe(200);
  expect(answer).toContain('Reading 2 nodes');
  expect(JSON.parse(body)).toMatchObject({ response_type: 'ephemeral' });
  expect(opened).toEqual([{ ids: [NODE, 'i-0aaaaaaaaaaaaaaaa'], by: `<@${ANA}>` }]);
});

test.each(['', 'help', 'help me'])('explains itself to %j', async (text) => {
  expect((await type(text, { user_id: 'U0BEN', channel_id: 'C0OTHER' })).answer).toContain('/medic i-');
  expect(opened).toEqual([]);
});

describe('refuses in one sentence, and opens nothing', () => {
  test.each([
    [
      'somebody who is no approver',
      { user_id: 'U0BEN' },
      NODE,
      'are not an approver, so nothing was done. Ask <@',
    ],
    ['another channel', { channel_id: 'C0OTHER' }, NODE, `<#${CHANNEL}>`],
    ['what is no instance id', {}, 'i-0f1e2d3c4b5a69780; reboot', 'instance ids'],
    ['a user id that is none', { user_id: '<!here>' }, NODE, 'without a user'],
    ['more nodes than an incident asks', {}, Array.from({ length: 21 }, () => NODE).join(' '), 'at most 20'],
  ])('%s', async (_who, changes, text, sentence) => {
    expect((await type(text, changes)).answer).toContain(sentence);
    expect(opened).toEqual([]);
  });

  test('a request that Slack did not sign', async () => {
    expect(await type(NODE, {}, 'another-secret')).toMatchObject({
      statusCode: 401,
      body: expect.stringMatching(/no signature of Slack that counts/),
    });
    expect(opened).toEqual([]);
  });
});

describe('where one workspace or enterprise is pinned', () => {
  test.each([
    ['a command from it', TEAM, {}],
    ['a command from a workspace of it', CORP, { team_id: 'T0OTHER01', enterprise_id: CORP }],
  ])('takes %s', async (_what, pinned, changes) => {
    team = pinned;
    expect((await type(NODE, changes)).answer).toContain('Reading');
    expect(opened).toHaveLength(1);
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['another workspace', TEAM, { team_id: 'T0OTHER01' }, 'came from T0OTHER01'],
    ['a workspace without a name', TEAM, { team_id: '' }, 'came from no workspace that Slack named'],
    ['another enterprise', CORP, { enterprise_id: 'E0OTHER01' }, 'came from E0OTHER01'],
    ['no enterprise', CORP, {}, 'came from no enterprise that Slack named'],
    ['what is no id', TEAM, { team_id: '<!channel>' }, 'came from no workspace'],
  ])(
    'refuses a command from %s to an approver alone, and opens nothing',
    async (_what, pinned, changes, why) => {
      team = pinned;
      for (const text of [NODE, 'help']) {
        const { statusCode, answer, body } = await type(text, changes);
        expect(statusCode).toBe(200);
        expect(JSON.parse(body)).toMatchObject({ response_type: 'ephemeral' });
        expect(answer).toContain(`This command ${why}`);
        expect(answer).toMatch(/nothing was done\.$/);
      }
      expect(opened).toEqual([]);
    },
  );
});

test('says where the card is when the nodes are looked at already', async () => {
  outcome = 'already-open';
  expect((await type(NODE)).answer).toContain('being looked at already');
});

test('a failure is told, and not as success', async () => {
  outcome = 'failed';
  expect((await type(NODE)).answer).toContain('This failed here');
});

test('the same nodes in any order are the same alarm, other nodes another one', async () => {
  const home = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
  const wish = (instanceIds: string[]) =>
    Alarm.parse(manualAlarm({ instanceIds, by: '<@U0ANA>', at: '2026-11-23T14:02:11.123Z' }, home));
  const two = wish([NODE, 'i-0aaaaaaaaaaaaaaaa']);
  expect(wish(['i-0aaaaaaaaaaaaaaaa', NODE, NODE])).toEqual(two);
  expect(wish([NODE]).arn).not.toBe(two.arn);
  expect((await selectorsOfAlarm(undefined, two, [])).selectors).toEqual([
    { kind: 'instance', instanceId: 'i-0aaaaaaaaaaaaaaaa' },
    { kind: 'instance', instanceId: NODE },
  ]);
});
