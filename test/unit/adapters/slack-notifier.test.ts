import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { SlackNotifier } from '../../../src/adapters/slack-notifier.ts';
import { buildIncident, NOW } from '../support/incidents.ts';

let slack: LocalSlack;
let notifier: SlackNotifier;

beforeAll(async () => {
  slack = await startSlack({
    botToken: 'xoxb-test',
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
  });
  const client = new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  notifier = new SlackNotifier(client, CHANNEL.id, { now: () => NOW }, catalogue);
});
afterAll(() => slack.close());

const { card: _card, ...unposted } = buildIncident('collecting').head;
const posted = async () => {
  const card = await notifier.showCard({ head: unposted, collections: [], earlier: [] });
  return { card, ts: card.message };
};

describe('SlackNotifier', () => {
  test('posts the card once and edits it from then on', async () => {
    const { card, ts } = await posted();
    expect(slack.workspace.message(ts)?.text).toContain('Collecting');
    const incident = buildIncident('awaiting-approval', { head: { card } });
    expect(await notifier.showCard(incident)).toEqual(card);
    expect(slack.workspace.message(ts)).toMatchObject({ isEdited: true });
    expect(JSON.stringify(slack.workspace.message(ts)?.attachments)).toContain('Apply to 1 node');
  });

  test('posts a long runbook into the thread, in parts that Slack takes', async () => {
    const { card, ts } = await posted();
    const incident = buildIncident('awaiting-approval', { head: { card } });
    const section = `## Part\n\n${'word '.repeat(1500)}\n\n`;
    await notifier.postRunbook(incident, { title: 'Table full', markdown: section.repeat(4) });
    const replies = slack.workspace.threadAs('U0ANYBODY1', ts);
    expect(replies.length).toBeGreaterThan(1);
    for (const { blocks } of replies) expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
  });

  test('a note is text, whatever it contains', async () => {
    const { card, ts } = await posted();
    await notifier.postNote(buildIncident('verifying', { head: { card } }), 'back <!channel> & on');
    expect(slack.workspace.threadAs('U0ANYBODY1', ts).at(-1)?.text).toBe('back &lt;!channel&gt; &amp; on');
  });

  test('there is no thread without a card', async () => {
    await expect(notifier.postNote({ head: unposted, collections: [], earlier: [] }, 'x')).rejects.toThrow(
      'has no card yet',
    );
  });
});
