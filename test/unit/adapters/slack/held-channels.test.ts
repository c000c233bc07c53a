import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalServer, listenLocally } from '../../../../local/http-server.ts';
import { catalogue } from '../../../../runbooks/index.ts';
import { postAnswer } from '../../../../src/adapters/slack/answer.ts';
import { SlackNotifier } from '../../../../src/adapters/slack-notifier.ts';
import type { Pace } from '../../../../src/adapters/waiting/pace.ts';
import type { DiagnoseRequest } from '../../../../src/slack/diagnose/request.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

/** The channel of the deployment; it was another one when the card was posted. */
const CHANNEL = 'C0TODAY';
const CARD = { channel: 'C0BEFORE', message: '1700000000.000100' };

let slack: LocalServer;
let client: WebClient;
let held: string[] = [];
const pace: Pace = {
  turn: async () => {},
  cardTurn: async () => {},
  hold: async (call, channel, seconds) => void held.push(`${call} ${channel} ${seconds}`),
};

beforeAll(async () => {
  slack = await listenLocally(async ({ url = '' }, response) => {
    if (url.startsWith('/respond')) response.writeHead(200).end('ok');
    else response.writeHead(429, { 'retry-after': '30' }).end('{"ok":false,"error":"ratelimited"}');
  });
  client = new WebClient('xoxb-local', {
    slackApiUrl: `${slack.url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
});
afterAll(() => slack.close());
beforeEach(() => {
  held = [];
});

test('a channel that takes no answer for a while is left alone by everybody for as long', async () => {
  const request: DiagnoseRequest = {
    schema: 'medic.diagnose-request/1',
    channel: 'C0ELSEWHERE',
    thread: CARD.message,
    user: 'U0ANYBODY1',
    responseUrl: `${slack.url}/respond/1`,
    text: '',
    files: [],
  };
  const answer = [{ text: 'so', blocks: [] }];
  const where = await postAnswer(request, answer, {
    client,
    apiUrl: `${slack.url}/api/`,
    timeoutMs: 2_000,
    pace,
  });
  expect(where).toBe('person');
  expect(held).toEqual(['post C0ELSEWHERE 30']);
});

test('what Slack refuses in the channel of a card holds that one, whichever is the channel of today', async () => {
  const notifier = new SlackNotifier(client, CHANNEL, { now: () => NOW }, catalogue, pace);
  const incident = buildIncident('verifying', { head: { card: CARD } });
  const saying = { key: 'a', isRepeat: async () => false };
  await expect(notifier.postNote(incident, 'x', saying)).rejects.toMatchObject({ waitSeconds: 30 });
  await expect(notifier.showCard(incident, saying.isRepeat)).rejects.toMatchObject({ waitSeconds: 30 });
  expect(held).toEqual(['post C0BEFORE 30', 'edit C0BEFORE 30']);
});
