import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { SlackNotifier } from '../../../src/adapters/slack-notifier.ts';
import type { Pace } from '../../../src/adapters/waiting/pace.ts';
import { ChannelBusyError } from '../../../src/core/errors.ts';
import { figuresOf } from '../../../src/core/runbook/figures.ts';
import { ALL_SCOPES } from '../../../src/slack/manifest.ts';
import { buildIncident, NOW } from '../support/incidents.ts';
import { FREE_PACE } from './support.ts';

/** Slack's times are those of now. */
const JUST_NOW = new Date().toISOString();

/** Whether it may have been said before. */
const NO = async () => false;
const YES = async () => true;

let slack: LocalSlack;
let notifier: SlackNotifier;

beforeAll(async () => {
  slack = await startSlack({
    botToken: 'xoxb-test',
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
    secondMs: 1,
  });
  const client = new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  notifier = new SlackNotifier(client, CHANNEL.id, { now: () => NOW }, catalogue, FREE_PACE);
});
afterAll(() => slack.close());

const FIRST = { key: 'a', isRepeat: NO };
const { card: _card, ...unposted } = buildIncident('collecting').head;
const posted = async () => {
  const card = await notifier.showCard({ head: unposted, collections: [], earlier: [] }, NO);
  return { card, ts: card.message };
};

describe('SlackNotifier', () => {
  test('posts the card once and edits it from then on', async () => {
    const { card, ts } = await posted();
    expect(slack.workspace.message(ts)?.text).toContain('Collecting');
    const incident = buildIncident('awaiting-approval', { head: { card } });
    expect(await notifier.showCard(incident, NO)).toEqual(card);
    expect(slack.workspace.message(ts)).toMatchObject({ isEdited: true });
    expect(JSON.stringify(slack.workspace.message(ts)?.blocks)).toContain('Apply to 1 node');
  });

  test('posts a warning in the channel of warnings, and everything else in the other one', async () => {
    const client = new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
    const apart = new SlackNotifier(
      client,
      CHANNEL.id,
      { now: () => NOW },
      catalogue,
      FREE_PACE,
      'C0NOWHERE',
    );
    const shown = { head: unposted, collections: [], earlier: [] };
    await apart.showCard(shown, NO);
    const arn = `alert:aws:warning:eu-central-1:123456789012:${'a'.repeat(32)}`;
    const warning = { ...shown, head: { ...unposted, alarm: { ...unposted.alarm, arn } } };
    await expect(apart.showCard(warning, NO)).rejects.toThrow(/channel_not_found/);
    await notifier.showCard(warning, NO);
  });

  test('takes the attachment away in which an older version has posted the card', async () => {
    const old = { color: '#d72b3f', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'old' } }] };
    const mark = { event_type: 'conntrack_medic', event_payload: { incident: 'inc-old', key: 'card' } };
    const { ts } = slack.workspace.post({ text: 'old', blocks: [], attachments: [old] }, { metadata: mark });
    const card = { channel: CHANNEL.id, message: ts };
    await notifier.showCard(buildIncident('awaiting-approval', { head: { card } }), NO);
    const { attachments, metadata } = slack.workspace.message(ts) ?? {};
    expect([attachments, metadata]).toEqual([[], mark]);
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

  test('shows the numbers as a table and charts, and as text where Slack does not know them', async () => {
    const { card, ts } = await posted();
    const incident = buildIncident('resolved', { nodes: 3, head: { card } });
    const runbook = { title: 'Table full', markdown: '# Table full', figures: figuresOf(incident) };
    await notifier.postRunbook(incident, runbook, FIRST);
    const typesOf = () =>
      slack.workspace.threadAs('U0ANYBODY1', ts).map(({ blocks }) => blocks.map(({ type }) => type));
    expect(typesOf()).toEqual([['markdown', 'table', 'data_visualization', 'data_visualization']]);
    slack.workspace.installation.unknownBlocks = ['data_visualization'];
    await notifier.postRunbook(incident, runbook, { ...FIRST, key: 'b' });
    slack.workspace.installation.unknownBlocks = [];
    expect(typesOf().at(-1)).toEqual(['markdown', 'markdown']);
    const text = JSON.stringify(slack.workspace.threadAs('U0ANYBODY1', ts).at(-1)?.blocks);
    expect(text).toMatch(/131,070 \| 131,072 \| 99 % \| 481\.2/);
    expect(text).toMatch(/136,314 \| 262,144 \| 51 % \| 0/);
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
    const first = await notifier.showCard(incident, NO);
    await notifier.showCard(incident, NO);
    const forged = { event_type: 'conntrack_medic', event_payload: { incident: lost.id, key: 'card' } };
    for (let others = 0; others < 250; others++)
      slack.workspace.post(
        { text: 'hello', blocks: [], attachments: [] },
        { metadata: forged, botId: 'B0OTHER' },
      );
    expect(await notifier.showCard(incident, YES)).toEqual(first);
    expect(slack.workspace.message(first.message)).toMatchObject({ isEdited: true });
  });

  test('a card of another incident, or where Slack does not let us look, keeps nobody from posting one', async () => {
    const { card: _none, ...head } = buildIncident('collecting', {
      head: { id: 'inc-never-posted', openedAt: JUST_NOW },
    }).head;
    const incident = { head, collections: [], earlier: [] };
    const one = await notifier.showCard(incident, YES);
    slack.workspace.installation.scopes = ['chat:write'];
    const other = await notifier.showCard(incident, YES);
    slack.workspace.installation.scopes = ALL_SCOPES;
    expect(other).not.toEqual(one);
  });

  test('of a runbook that was posted in part only the rest is posted', async () => {
    const { card, ts } = await posted();
    const incident = buildIncident('awaiting-approval', { head: { card } });
    const runbook = { title: 'Table full', markdown: `## Part\n\n${'word '.repeat(1500)}\n\n`.repeat(4) };
    await notifier.postRunbook(incident, runbook, FIRST);
    const whole = slack.workspace.threadAs('U0ANYBODY1', ts).map(({ text }) => text);
    await notifier.postRunbook(incident, runbook, { ...FIRST, isRepeat: YES });
    expect(slack.workspace.threadAs('U0ANYBODY1', ts).map(({ text }) => text)).toEqual(whole);
    await notifier.postNote(incident, 'the same words', { key: 'b', isRepeat: YES });
    await notifier.postNote(incident, 'the same words', { key: 'c', isRepeat: NO });
    expect(slack.workspace.threadAs('U0ANYBODY1', ts)).toHaveLength(whole.length + 2);
  });

  test('there is no thread without a card', async () => {
    await expect(
      notifier.postNote({ head: unposted, collections: [], earlier: [] }, 'x', FIRST),
    ).rejects.toThrow('has no card yet');
  });

  test('who has no turn has said nothing, so nobody looks for it afterwards', async () => {
    const busy = new ChannelBusyError('Later.', 7);
    const refusing: Pace = {
      turn: () => Promise.reject(busy),
      cardTurn: async () => {},
      hold: async () => {},
    };
    const client = new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
    const waiting = new SlackNotifier(client, CHANNEL.id, { now: () => NOW }, catalogue, refusing);
    let asked = 0;
    const isRepeat = async () => {
      asked += 1;
      return false;
    };
    const { card } = await posted();
    const incident = buildIncident('verifying', { head: { card } });
    const before = slack.workspace.channelAs('U0ANYBODY1').length;
    await expect(waiting.showCard({ head: unposted, collections: [], earlier: [] }, isRepeat)).rejects.toBe(
      busy,
    );
    await expect(waiting.postNote(incident, 'x', { key: 'a', isRepeat })).rejects.toBe(busy);
    expect(asked).toBe(0);
    expect(slack.workspace.channelAs('U0ANYBODY1')).toHaveLength(before);
  });

  test('passes on how long Slack wants to be left alone, and holds everybody for as long', async () => {
    const strict = await startSlack({
      botToken: 'xoxb-test',
      signingSecret: 'secret',
      interactivityUrl: () => undefined,
      labels: { nodes: 'none' },
    });
    const held: string[] = [];
    const pace: Pace = {
      turn: async () => {},
      cardTurn: async () => {},
      hold: async (call, _channel, seconds) => void held.push(`${call} ${seconds}`),
    };
    const client = new WebClient('xoxb-test', {
      slackApiUrl: strict.apiUrl,
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 0 },
    });
    const hasty = new SlackNotifier(client, CHANNEL.id, { now: () => NOW }, catalogue, pace);
    const shown = await Promise.allSettled(
      Array.from({ length: 8 }, () => hasty.showCard({ head: unposted, collections: [], earlier: [] }, NO)),
    );
    await strict.close();
    const refused = shown.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const why of refused) expect(why).toMatchObject({ code: 'channel-busy', waitSeconds: 1 });
    expect(held).toEqual(refused.map(() => 'post 1'));
  });
});
