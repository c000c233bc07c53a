import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenLocally, readBody } from '../../local/http-server.ts';
import { APPROVER, CHANNEL, STRANGER } from '../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../local/slack/server.ts';
import { verifyRequest } from '../../src/slack/verify-request.ts';

const SECRET = 'local-signing-secret';

let slack: LocalSlack;
let client: WebClient;
let appUrl: string;
let close: () => Promise<void>;
let received: { headers: Record<string, string>; body: Buffer }[] = [];

beforeAll(async () => {
  const app = await listenLocally(async (request, response) => {
    received.push({
      headers: { ...(request.headers as Record<string, string>) },
      body: await readBody(request),
    });
    response.end();
  });
  appUrl = app.url;
  slack = await startSlack({
    botToken: 'xoxb-local',
    signingSecret: SECRET,
    interactivityUrl: () => appUrl,
    labels: { nodes: 'none' },
    secondMs: 1,
  });
  client = connect('xoxb-local');
  close = async () => {
    await slack.close();
    await app.close();
  };
});

afterAll(() => close());

function connect(token: string | undefined): WebClient {
  return new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
}

const card = {
  channel: CHANNEL.id,
  text: 'banner',
  attachments: [
    {
      color: '#d72b3f',
      blocks: [
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: 'medic.dismiss',
              value: 'stored-value',
              text: { type: 'plain_text', text: 'Dismiss' },
            },
          ],
        },
      ],
    },
  ],
} as const;

const post = (changes: object = {}) =>
  client.apiCall('chat.postMessage', { ...card, ...changes }) as Promise<{ ts?: string }>;

async function pageAs(userId: string): Promise<string> {
  return await (await fetch(`${slack.url}/?as=${userId}`)).text();
}

/** Clicks the only button of a message. */
async function click(ts: string, changes: object = {}) {
  const blockId = slack.workspace.message(ts)?.attachments[0]?.blocks[0]?.block_id ?? '';
  return await fetch(`${slack.url}/click`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: APPROVER.id, ts, blockId, actionId: 'medic.dismiss', ...changes }),
  });
}

test.each([
  ['a wrong token', 'xoxb-other', 'invalid_auth'],
  ['no token', undefined, 'not_authed'],
])('the Web API refuses %s', async (_what, token, error) => {
  await expect(connect(token).auth.test()).rejects.toMatchObject({ data: { error } });
});

test.each<[string, object, string]>([
  ['a channel that the app is not in', { channel: 'C0UNKNOWN1' }, 'channel_not_found'],
  ['an empty message', { text: '', attachments: [] }, 'no_text'],
  ['a thread that does not exist', { thread_ts: '1.000001' }, 'thread_not_found'],
  [
    'blocks over a limit',
    { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'h'.repeat(151) } }] },
    'invalid_blocks',
  ],
])('chat.postMessage refuses %s', async (_what, changes, error) => {
  await expect(post(changes)).rejects.toMatchObject({ data: { error } });
});

test('a message can be edited in place, and the page shows only the new text', async () => {
  const { ts = '' } = await post({ text: 'first words' });
  await client.chat.update({ channel: CHANNEL.id, ts, text: 'second words', attachments: [] });
  const page = await pageAs(APPROVER.id);
  expect(page).toContain('second words');
  expect(page).not.toContain('first words');
  await expect(client.chat.update({ channel: CHANNEL.id, ts: '1.000001', text: 'x' })).rejects.toMatchObject({
    data: { error: 'message_not_found' },
  });
});

test('an ephemeral message is shown to its addressee only', async () => {
  await client.chat.postEphemeral({ channel: CHANNEL.id, user: STRANGER.id, text: 'not you' });
  expect(await pageAs(STRANGER.id)).toContain('not you');
  expect(await pageAs(APPROVER.id)).not.toContain('not you');
});

test('a reply stands in the thread of its message', async () => {
  const { ts = '' } = await post();
  await post({ thread_ts: ts, text: 'the reply' });
  expect(slack.workspace.threadAs(APPROVER.id, ts).map(({ text }) => text)).toEqual(['the reply']);
  expect(slack.workspace.channelAs(APPROVER.id).map(({ text }) => text)).not.toContain('the reply');
});

test('a click reaches the app signed, with the stored value and a trigger that opens one modal', async () => {
  const { ts = '' } = await post();
  received = [];
  expect((await click(ts)).status).toBe(200);
  const [request] = received;
  const body = request?.body.toString('utf8') ?? '';
  const checked = verifyRequest({ headers: request?.headers ?? {}, body }, SECRET, Date.now());
  expect(checked).toMatchObject({ ok: true });
  const payload = JSON.parse(new URLSearchParams(body).get('payload') ?? '');
  expect(payload).toMatchObject({
    type: 'block_actions',
    user: { id: APPROVER.id },
    container: { message_ts: ts, channel_id: CHANNEL.id },
    actions: [{ action_id: 'medic.dismiss', value: 'stored-value', type: 'button' }],
  });

  const title = { type: 'plain_text', text: 'Runbook' } as const;
  const view = { type: 'modal', title, blocks: [{ type: 'divider' }] } as const;
  const open = (triggerId: string) =>
    client.views.open({ trigger_id: triggerId, view: { ...view, blocks: [...view.blocks] } });
  await expect(open(payload.trigger_id)).resolves.toMatchObject({ ok: true });
  await expect(open(payload.trigger_id)).rejects.toMatchObject({ data: { error: 'exchanged_trigger_id' } });
  await expect(open('12345.678')).rejects.toMatchObject({ data: { error: 'invalid_trigger_id' } });

  const answer = { text: 'only for you', response_type: 'ephemeral' };
  await fetch(payload.response_url, { method: 'POST', body: JSON.stringify(answer) });
  expect(await pageAs(APPROVER.id)).toContain('only for you');
  expect(await pageAs(STRANGER.id)).not.toContain('only for you');
});

test('a click on a button that is not there reaches nobody', async () => {
  const { ts = '' } = await post();
  received = [];
  const response = await click(ts, { actionId: 'medic.apply-all' });
  expect([response.status, await response.text()]).toEqual([
    502,
    'That button is not on the message any more.',
  ]);
  expect(received).toEqual([]);
});

test('the page cannot be driven from another site', async () => {
  const { ts = '' } = await post();
  const body = JSON.stringify({ as: APPROVER.id, ts });
  const form = await fetch(`${slack.url}/click`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain' },
  });
  expect(form.status).toBe(415);
  const page = await fetch(slack.url);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
});
