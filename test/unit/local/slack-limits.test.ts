import { WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';

let slack: LocalSlack;
let client: WebClient;
beforeAll(async () => {
  slack = await startSlack({
    botToken: 'xoxb-test',
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
  });
  client = new WebClient('xoxb-test', {
    slackApiUrl: slack.apiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
  });
});
afterAll(() => slack.close());

/** How many of so many calls at once were taken, and what the others were refused with. */
async function burst(count: number, call: () => Promise<unknown>) {
  const all = await Promise.allSettled(Array.from({ length: count }, call));
  const refusals = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return { taken: count - refusals.length, refusals };
}

test('the local Slack takes a short burst of messages and then one a second, as Slack does', async () => {
  const post = () => client.chat.postMessage({ channel: CHANNEL.id, text: 'x' });
  const { taken, refusals } = await burst(20, post);
  expect(taken).toBeGreaterThanOrEqual(4);
  expect(taken).toBeLessThan(10);
  for (const why of refusals) {
    expect(why).toBeInstanceOf(WebAPIRateLimitedError);
    expect((why as WebAPIRateLimitedError).retryAfter).toBeGreaterThanOrEqual(1);
  }
});

test('edits have a limit of their own, and calls of other kinds are not counted here', async () => {
  const edit = () =>
    client.chat.update({ channel: CHANNEL.id, ts: '1.1', text: 'x' }).catch((error: unknown) => {
      if (error instanceof WebAPIRateLimitedError) throw error;
    });
  const { taken } = await burst(60, edit);
  expect(taken).toBeGreaterThanOrEqual(21);
  expect(taken).toBeLessThan(40);
  expect((await client.auth.test()).ok).toBe(true);
});
