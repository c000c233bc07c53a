import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pressButton } from '../../../local/demo/auto-clicks.ts';
import { type LocalServer, listenLocally, readBody } from '../../../local/http-server.ts';
import { CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';

let app: LocalServer;
let slack: LocalSlack;
let client: WebClient;
let ts = '';
let clicks = 0;
/** What the app does before it answers; one that is `false` never does. */
let onClick: (click: number) => Promise<boolean>;

const cardWith = (actionId: string) => ({
  channel: CHANNEL.id,
  text: 'card',
  attachments: [
    {
      blocks: [
        {
          type: 'actions',
          elements: [
            { type: 'button', action_id: actionId, value: 'v', text: { type: 'plain_text', text: 'Press' } },
          ],
        },
      ],
    },
  ],
});

beforeEach(async () => {
  clicks = 0;
  app = await listenLocally(async (request, response) => {
    await readBody(request);
    clicks += 1;
    if (await onClick(clicks)) response.end();
  });
  slack = await startSlack({
    botToken: 'xoxb-local',
    signingSecret: 'local-signing-secret',
    interactivityUrl: () => app.url,
    labels: { nodes: 'none' },
    secondMs: 1,
    patienceMs: 200,
  });
  client = new WebClient('xoxb-local', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  ts = (await client.chat.postMessage(cardWith('medic.apply-one'))).ts ?? '';
});
afterEach(async () => {
  await slack.close();
  await app.close();
});

test('a click that was stored and not answered in time is not made again', async () => {
  onClick = async () => {
    await client.chat.update({ ts, ...cardWith('medic.rollback') });
    return false;
  };
  expect(await pressButton(slack, 'medic.apply-one')).toMatchObject({ label: 'Press' });
  expect(clicks).toBe(1);
});

test('a click that was not answered and changed nothing is made again', async () => {
  onClick = (click) => Promise.resolve(click > 1);
  expect(await pressButton(slack, 'medic.apply-one')).toMatchObject({ label: 'Press' });
  expect(clicks).toBe(2);
});
