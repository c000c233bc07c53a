import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { SlackNotifier } from '../../../src/adapters/slack-notifier.ts';
import { ALL_SCOPES } from '../../../src/slack/manifest.ts';
import { buildIncident, NOW } from '../support/incidents.ts';

/** Slack's times are those of now. */
const JUST_NOW = new Date().toISOString();

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

const FIRST = { key: 'a', isRepeat: false };
const { card: _card, ...unposted } = buildIncident('collecting').head;
const posted = async () => {
  const card = await notifier.showCard({ head: unposted, collections: [], earlier: [] }, false);
  return { card, ts: card.message };
};

describe('SlackNotifier', () => {
  test('posts the card once and edits it from then on', async () => {
    const { card, ts } = await posted();
    expect(slack.workspace.message(ts)?.text).toContain('Collecting');
    const incident = buildIncident('awaiting-approval', { head: { card } });
    expect(await notifier.showCard(incident, false)).toEqual(card);
    expect(slack.workspace.message(ts)).toMatchObject({ isEdited: true });
    expect(JSON.stringify(slack.workspace.message(ts)?.attachments)).toContain('Apply to 1 node');
  });

  test('posts a long runbook into the thread, in parts that Slack takes', async () => {
    const { card, ts } = await posted();
    const incident = buildIncident('awaiting-approval', { head: { card } });
    const section = `## Part\n\n${'word '.repeat(1500)}\n\n`;
    await notifier.postRunbook(incident, { title: 'Table full', markdown: section.repeat(4) }, FIRST);
    const replies = slack.workspace.threadAs('U0ANYBODY1', ts);
    expect(replies.length).toBeGreaterThan(1);
    for (const { blocks } of replies) expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
  });

  test('a note is text, whatever it contains', async () => {
    const { card, ts } = await posted();
    await notifier.postNote(buildIncident('verifying', { head: { card } }), 'back <!channel> & on', FIRST);
    expect(slack.workspace.threadAs('U0ANYBODY1', ts).at(-1)?.text).toBe('back &lt;!channel&gt; &amp; on');
  });

  test('a card that may have been posted before is found again, the oldest one where there are several', async () => {
    const { head } = buildIncident('collecting', { head: { id: 'inc-found-again', openedAt: JUST_NOW } });
    const { card: _none, ...lost } = head;
    const incident = { head: lost, collections: [], earlier: [] };
    const first = await notifier.showCard(incident, false);
    await notifier.showCard(incident, false);
    const forged = { event_type: 'conntrack_medic', event_payload: { incident: lost.id, key: 'card' } };
    for (let others = 0; others < 250; others++)
      slack.workspace.post(
        { text: 'hello', blocks: [], attachments: [] },
        { metadata: forged, botId: 'B0OTHER' },
      );
    expect(await notifier.showCard(incident, true)).toEqual(first);
    expect(slack.workspace.message(first.message)).toMatchObject({ isEdited: true });
  });

  test('a card of another incident, or where Slack does not let us look, keeps nobody from posting one', async () => {
    const { card: _none, ...head } = buildIncident('collecting', {
      head: { id: 'inc-never-posted', openedAt: JUST_NOW },
    }).head;
    const incident = { head, collections: [], earlier: [] };
    const one = await notifier.showCard(incident, true);
    slack.workspace.installation.scopes = ['chat:write'];
    const other = await notifier.showCard(incident, true);
    slack.workspace.installation.scopes = ALL_SCOPES;
    expect(other).not.toEqual(one);
  });

  test('of a runbook that was posted in part only the rest is posted', async () => {
    const { card, ts } = await posted();
    const incident = buildIncident('awaiting-approval', { head: { card } });
    const runbook = { title: 'Table full', markdown: `## Part\n\n${'word '.repeat(1500)}\n\n`.repeat(4) };
    await notifier.postRunbook(incident, runbook, FIRST);
    const whole = slack.workspace.threadAs('U0ANYBODY1', ts).map(({ text }) => text);
    await notifier.postRunbook(incident, runbook, { ...FIRST, isRepeat: true });
    expect(slack.workspace.threadAs('U0ANYBODY1', ts).map(({ text }) => text)).toEqual(whole);
    await notifier.postNote(incident, 'the same words', { key: 'b', isRepeat: true });
    await notifier.postNote(incident, 'the same words', { key: 'c', isRepeat: false });
    expect(slack.workspace.threadAs('U0ANYBODY1', ts)).toHaveLength(whole.length + 2);
  });

  test('there is no thread without a card', async () => {
    await expect(
      notifier.postNote({ head: unposted, collections: [], earlier: [] }, 'x', FIRST),
    ).rejects.toThrow('has no card yet');
  });
});
