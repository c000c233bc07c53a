import { WebClient } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { renderMessage } from '../../../../local/slack/message-html.ts';
import { CHANNEL } from '../../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../../local/slack/server.ts';
import { catalogue } from '../../../../runbooks/index.ts';
import { pngOf } from '../../../../src/adapters/png.ts';
import { shareTracePictures } from '../../../../src/adapters/slack/trace-pictures.ts';
import { SlackNotifier } from '../../../../src/adapters/slack-notifier.ts';
import type { NodeTraced } from '../../../../src/core/record/traced/found.ts';
import type { SynTrace } from '../../../../src/core/record/traced/order.ts';
import { synPicture } from '../../../../src/page/picture.ts';
import { ALL_SCOPES } from '../../../../src/slack/manifest.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';
import { FREE_PACE } from '../support.ts';

const FOUND: NodeTraced = {
  kind: 'traced',
  rung: 'python',
  seconds: 15,
  thin: 1,
  counts: { connections: 1480, delayed: 212, troubled: 212, refused: 0 },
  lost: [],
  sentences: [],
  consequences: [],
  path: { uplink: 1480, veth: 1271, pod: 1271, answered: 1268 },
  connectTimes: [
    { label: 'below 1 s', count: 1268 },
    { label: '1 s', count: 212 },
  ],
};
const { path: _, ...UNSEEN } = FOUND;
const TRACE: SynTrace = {
  number: 2,
  at: '2026-11-23T14:02:00.000Z',
  actor: { kind: 'slack-user', id: 'U012', name: 'ana' },
  instanceIds: ['i-a', 'i-b', 'i-c'],
  seconds: 15,
  endedAt: '2026-11-23T14:02:30.000Z',
  nodes: [
    { instanceId: 'i-a', outcome: FOUND },
    { instanceId: 'i-b', outcome: { kind: 'failed', why: 'i-b did not answer.' } },
    { instanceId: 'i-c', outcome: { ...UNSEEN, rung: 'counters' } },
  ],
};
const ALTERNATIVE =
  "1,480 first SYNs came to the uplink, 1,271 of them to the pods' interfaces on the node, 1,271 into a pod, and 1,268 were answered there. 1,268 connections took less than a second and 212 took 1 s.";

let slack: LocalSlack;
let client: WebClient;
let away = '';
beforeAll(async () => {
  slack = await startSlack({
    botToken: 'xoxb-test',
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
    secondMs: 1,
    isAway: (method) => method === away,
  });
  client = new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
});
afterEach(() => {
  away = '';
  slack.workspace.installation.scopes = ALL_SCOPES;
});
afterAll(() => slack.close());

const draw = async (instanceId: string, found: NodeTraced) => {
  const picture = synPicture(instanceId, found);
  return picture && { png: await pngOf(picture.svg), alternative: picture.alternative };
};

async function share(thread: string, isRepeat: boolean): Promise<boolean> {
  return await shareTracePictures(
    { client, pace: FREE_PACE, draw },
    TRACE,
    { incident: 'inc-00000001', channel: CHANNEL.id, thread },
    async () => isRepeat,
  );
}

const card = () => slack.workspace.post({ text: 'card', blocks: [], attachments: [] }).ts;
const filesIn = (thread: string) => slack.workspace.threadAs('U0', thread).flatMap(({ files = [] }) => files);

describe('the pictures of a trace', () => {
  test('stand in the thread, one for each node that has something to draw, with the same in words', async () => {
    const thread = card();
    expect(await share(thread, false)).toBe(true);
    const [file, ...others] = filesIn(thread);
    expect(others).toEqual([]);
    expect(file).toMatchObject({
      name: 'inc-00000001-trace-2-i-a.png',
      title: 'i-a: the way of first SYNs',
      alternative: ALTERNATIVE,
    });
    expect(file?.bytes.subarray(1, 4).toString()).toBe('PNG');
    // Width and height stand in the first chunk; text and arrows make for more than a white area.
    expect(file?.bytes.readUInt32BE(16)).toBe(2 * 892);
    expect(file?.bytes.length).toBeGreaterThan(15_000);
    const [reply] = slack.workspace.threadAs('U0', thread);
    const { text } = renderMessage(reply ?? expect.unreachable(), []);
    expect(text).toContain(`alt="${ALTERNATIVE.replaceAll("'", '&#39;')}"`);
  });

  test('are shared once, however often it is tried', async () => {
    const thread = card();
    await share(thread, false);
    await share(thread, true);
    expect(filesIn(thread)).toHaveLength(1);
  });

  test('are left out, and nothing else is, where the app may not upload files', async () => {
    const thread = card();
    slack.workspace.installation.scopes = ALL_SCOPES.filter((scope) => scope !== 'files:write');
    expect(await share(thread, false)).toBe(false);
    expect(filesIn(thread)).toEqual([]);
  });

  test.each(['upload', 'files.completeUploadExternal'])(
    'are tried again where Slack does not answer: %s',
    async (what) => {
      const thread = card();
      away = what;
      await expect(share(thread, false)).rejects.toThrow(/put to Slack|HTTP|status code|503/);
      away = '';
      expect(await share(thread, true)).toBe(true);
      expect(filesIn(thread)).toHaveLength(1);
    },
  );
});

describe('what a trace found, said in the thread', () => {
  const said = (thread: string) => slack.workspace.threadAs('U0', thread).map(({ text }) => text);
  const notifier = () =>
    new SlackNotifier(client, CHANNEL.id, { now: () => NOW }, catalogue, FREE_PACE, CHANNEL.id, draw);
  const incidentIn = (message: string) =>
    buildIncident('awaiting-approval', { head: { card: { channel: CHANNEL.id, message } } });
  const post = async (thread: string, key: string, trace = TRACE) => {
    await notifier().postTrace(incidentIn(thread), trace, 'Words.', { key, isRepeat: async () => true });
  };

  test('has its picture after its words', async () => {
    const thread = card();
    await post(thread, 'trace-2');
    await post(thread, 'trace-2');
    expect(said(thread)).toEqual(['Words.', '']);
    expect(filesIn(thread)).toHaveLength(1);
  });

  test('is words alone without the scope, and once what to do about that', async () => {
    const thread = card();
    slack.workspace.installation.scopes = ALL_SCOPES.filter((scope) => scope !== 'files:write');
    await post(thread, 'trace-2');
    await post(thread, 'trace-3', { ...TRACE, number: 3 });
    expect(said(thread)).toEqual(['Words.', expect.stringContaining('Add the scope files:write'), 'Words.']);
  });
});

describe('the picture itself', () => {
  test('is none where no SYN came, or no packet could be looked at', () => {
    expect(
      synPicture('i-a', { ...FOUND, path: { uplink: 0, veth: 0, pod: 0, answered: 0 } }),
    ).toBeUndefined();
    expect(synPicture('i-a', UNSEEN)).toBeUndefined();
  });

  test('spells out what a node is called', async () => {
    const picture = synPicture('<i-"a">&', FOUND) ?? expect.unreachable();
    expect(picture.svg).toContain('&lt;i-&quot;a&quot;&gt;&amp;');
    expect((await pngOf(picture.svg)).length).toBeGreaterThan(15_000);
  });
});
