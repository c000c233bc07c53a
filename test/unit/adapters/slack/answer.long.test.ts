import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LocalServer, listenLocally, readBody } from '../../../../local/http-server.ts';
import { APPROVER, type Person, STRANGER } from '../../../../local/slack/people.ts';
import { startSlack } from '../../../../local/slack/server.ts';
import type { LocalSlack } from '../../../../local/slack/site.ts';
import { catalogue } from '../../../../runbooks/index.ts';
import { postAnswer } from '../../../../src/adapters/slack/answer.ts';
import { fetchSlackFile } from '../../../../src/adapters/slack/files.ts';
import { ChannelBusyError } from '../../../../src/core/errors.ts';
import { slackHandler } from '../../../../src/slack/app.ts';
import { answerDiagnose } from '../../../../src/slack/diagnose/answer.ts';
import { ALL_SCOPES } from '../../../../src/slack/manifest.ts';
import { fixedSecret } from '../../../../src/slack/secret-source.ts';
import { idleParts } from '../../slack/idle-parts.ts';
import { SIGNING_SECRET } from '../../slack/slack-stand-in.ts';

const botToken = 'xoxb-local';
const COUNTERS = 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536\n';

let slack: LocalSlack;
let app: LocalServer;
let isBusy = false;
let answered: Promise<'thread' | 'person'> | undefined;

beforeAll(async () => {
  app = await listenLocally(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { statusCode, body } = await handle({
      headers,
      body: String(await readBody(request)),
      isBase64Encoded: false,
    });
    response.writeHead(statusCode).end(body);
  });
  slack = await startSlack({
    botToken,
    signingSecret: SIGNING_SECRET,
    interactivityUrl: () => app.url,
    labels: { nodes: 'none' },
    // Slack's limits on how often an app may speak are another test's.
    secondMs: 1,
  });
});
afterAll(async () => {
  await slack.close();
  await app.close();
});
beforeEach(() => {
  isBusy = false;
  Object.assign(slack.workspace.installation, { scopes: [...ALL_SCOPES], isMember: true });
});

const handle: ReturnType<typeof slackHandler> = (event) => {
  const { apiUrl } = slack;
  return slackHandler({
    ...idleParts(apiUrl),
    secrets: fixedSecret({ botToken }),
    askDiagnosis: (request) => {
      answered = answerDiagnose(request, {
        catalogue,
        fetchFile: (file, mostBytes) =>
          fetchSlackFile(file, { botToken, apiUrl, timeoutMs: 2_000 }, mostBytes),
      }).then((messages) =>
        postAnswer(request, messages, {
          client: new WebClient(botToken, {
            slackApiUrl: apiUrl,
            retryConfig: { retries: 0 },
            rejectRateLimitedCalls: true,
          }),
          apiUrl,
          timeoutMs: 2_000,
          pace: {
            turn: () => (isBusy ? Promise.reject(new ChannelBusyError('busy', 9)) : Promise.resolve()),
            cardTurn: async () => {},
            hold: () => Promise.resolve(),
          },
        }),
      );
      return Promise.resolve();
    },
  })(event);
};

/** Where the answer to the shortcut on a message went, and what a person sees of it. */
async function diagnosed(person: Person, ts: string, seenBy = person) {
  expect(await slack.diagnose(person, ts)).toEqual({ status: 200, body: '' });
  const where = await answered;
  const { workspace } = slack;
  const own = workspace.channelAs(seenBy.id).filter(({ onlyFor }) => onlyFor === seenBy.id);
  return { where, said: JSON.stringify([...workspace.threadAs(seenBy.id, ts), ...own.slice(-3)]) };
}

test.each([
  ['an approver', APPROVER],
  ['anybody else', STRANGER],
])('the shortcut answers %s in the thread of the message', async (_, person) => {
  const { ts } = slack.say(person, `\`\`\`\n${COUNTERS}\`\`\``);
  const { where, said } = await diagnosed(person, ts);
  expect(where).toBe('thread');
  expect(said).toContain('65,535');
});

test('the shortcut reads the files of the message with the token of the bot', async () => {
  const { ts } = slack.say(STRANGER, 'look', { 'sysctl.txt': COUNTERS });
  expect((await diagnosed(STRANGER, ts)).said).toContain('65,535');
  const anybody = await fetch(`${slack.url}/files/${slack.workspace.message(ts)?.files?.[0]?.id}`, {
    redirect: 'manual',
  });
  expect(anybody.status).toBe(302);
});

test('where the app may not read files, the answer says what it lacks', async () => {
  slack.workspace.installation.scopes = ALL_SCOPES.filter((scope) => scope !== 'files:read');
  const { ts } = slack.say(STRANGER, 'look', { 'sysctl.txt': COUNTERS });
  expect((await diagnosed(STRANGER, ts)).said).toContain(
    'sysctl.txt may not be read: the app needs files:read',
  );
});

test('a file of more than 8 MiB is refused with a sentence', async () => {
  const { ts } = slack.say(STRANGER, 'look', { 'all.txt': Buffer.alloc(9 * 2 ** 20, 'a\n') });
  expect((await diagnosed(STRANGER, ts)).said).toContain('all.txt makes it more than');
});

test.each([
  [
    'is not in the channel',
    () => Object.assign(slack.workspace.installation, { isMember: false }),
    'I am not in this channel',
  ],
  ['has to wait too long for a turn', () => (isBusy = true), 'So much is being said'],
])('where the app %s, the person alone is answered', async (_, make, intro) => {
  make();
  const { ts } = slack.say(STRANGER, COUNTERS);
  const { where, said } = await diagnosed(STRANGER, ts);
  expect(where).toBe('person');
  expect(said).toContain('65,535');
  expect(said).toContain(intro);
  expect(slack.workspace.threadAs(APPROVER.id, ts)).toEqual([]);
});

test('the page lets people write, and shows the shortcut on what they wrote', async () => {
  const send = (path: string, what: object) =>
    fetch(`${slack.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: APPROVER.id, ...what }),
    });
  expect((await send('/say', { text: `<!channel>\n${COUNTERS}` })).status).toBe(200);
  const { ts = '', text } =
    slack.workspace.channelAs(APPROVER.id).findLast(({ by }) => by === APPROVER) ?? {};
  expect(text).toContain('&lt;!channel&gt;');
  expect(await (await fetch(`${slack.url}/?as=${APPROVER.id}`)).text()).toContain('data-shortcut');
  expect((await send('/shortcut', { ts })).status).toBe(200);
  expect(await answered).toBe('thread');
  expect((await send('/shortcut', { ts: '1.0' })).status).toBe(502);
});
