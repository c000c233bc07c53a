import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { SlackFileError } from '../../../src/adapters/errors.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import { answerDiagnose } from '../../../src/slack/diagnose/answer.ts';
import type { DiagnoseRequest } from '../../../src/slack/diagnose/request.ts';
import { typedText } from '../../../src/slack/diagnose/typed-text.ts';
import { medic } from '../support/medic.ts';
import { idleParts } from './idle-parts.ts';
import { signedRequest, startSlackStandIn } from './slack-stand-in.ts';

const TEAM = 'T0TEAM001';
const STRANGER = 'U0STRANGER';
const PASTE = 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536\n';

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
const asked: DiagnoseRequest[] = [];
let isDown = false;

beforeAll(async () => {
  slack = await startSlackStandIn();
});
afterAll(() => slack.close());
beforeEach(() => {
  asked.length = 0;
  slack.calls.length = 0;
  isDown = false;
});

/** Uses the shortcut on a message; what the person is told who used it. */
async function use(message: object, changes: object = {}) {
  const handle = slackHandler({
    ...idleParts(slack.apiUrl),
    team: TEAM,
    askDiagnosis: (request) => {
      if (isDown) return Promise.reject(new Error('throttled'));
      asked.push(request);
      return Promise.resolve();
    },
  });
  const payload = {
    type: 'message_action',
    callback_id: 'medic.diagnose',
    trigger_id: '1.2.3',
    team: { id: TEAM },
    user: { id: STRANGER, team_id: TEAM },
    channel: { id: 'C0ANYWHERE' },
    response_url: slack.responseUrl,
    message: { type: 'message', ts: '1795442521.000100', ...message },
    ...changes,
  };
  const form = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const answer = await handle(signedRequest(form));
  const told = slack.calls
    .filter(({ path }) => path.startsWith('/response/'))
    .map(({ body }) => body['text']);
  return { ...answer, told };
}

describe('the shortcut on a message', () => {
  test('asks for the message to be read, in its own thread, for whoever uses it and in any channel', async () => {
    expect(await use({ text: PASTE })).toEqual({ statusCode: 200, body: '', told: [] });
    expect(asked).toEqual([
      expect.objectContaining({
        channel: 'C0ANYWHERE',
        thread: '1795442521.000100',
        user: STRANGER,
        text: PASTE,
      }),
    ]);
    await use({ text: PASTE, thread_ts: '1795442520.000001' });
    expect(asked[1]?.thread).toBe('1795442520.000001');
  });

  test('names the files that can be fetched, and none that is deleted or lies elsewhere', async () => {
    await use({
      files: [
        {
          name: 'a.txt',
          mode: 'snippet',
          url_private: 'https://files.slack.com/a',
          url_private_download: 'https://files.slack.com/a?d',
        },
        { name: 'b.txt', mode: 'tombstone' },
        { name: 'c.txt', mode: 'external', is_external: true, url_private: 'https://elsewhere.example/c' },
      ],
    });
    expect(asked[0]?.files).toEqual([
      { name: 'a.txt', url: 'https://files.slack.com/a?d' },
      { name: 'c.txt', url: '' },
    ]);
  });

  test('reads what an alert says in its attachments', async () => {
    await use({ text: '', attachments: [{ fallback: 'short', text: PASTE }] });
    expect(asked[0]?.text).toBe(PASTE);
  });

  test.each([
    ['of another workspace', { team: { id: 'T0OTHER01' } }],
    ['of a person of another workspace', { user: { id: STRANGER, team_id: 'T0OTHER01' } }],
    ['of another app', { callback_id: 'other' }],
  ])('refuses one %s, and says so to who used it alone', async (_, changes) => {
    const { statusCode, told } = await use({ text: PASTE }, changes);
    expect(statusCode).toBe(200);
    expect(told).toEqual([expect.stringMatching(/nothing was done\.$/)]);
    expect(asked).toEqual([]);
  });

  test('says so where the message could not be handed on', async () => {
    isDown = true;
    expect((await use({ text: PASTE })).told).toEqual([
      'This failed here, so nothing was read. Use the shortcut again.',
    ]);
  });
});

const request = (changes: Partial<DiagnoseRequest>): DiagnoseRequest => ({
  schema: 'medic.diagnose-request/1',
  channel: 'C0ANYWHERE',
  thread: '1.0',
  user: STRANGER,
  responseUrl: 'https://hooks.slack.com/actions/1',
  text: '',
  files: [],
  ...changes,
});

async function answered(changes: Partial<DiagnoseRequest>, files: Readonly<Record<string, Buffer>> = {}) {
  const messages = await answerDiagnose(request(changes), {
    catalogue,
    fetchFile: ({ name }) => {
      const bytes = files[name];
      return bytes === undefined
        ? Promise.reject(new SlackFileError(`${name} may not be read.`))
        : Promise.resolve(bytes);
    },
  });
  return messages.flatMap(({ blocks }) => blocks.map(({ text }) => text)).join('\n');
}

describe('the answer to it', () => {
  test('gives the verdict that the command line gives', async () => {
    const { out } = await medic(['diagnose', '--json', '-'], PASTE);
    const { verdict, confidence, headline } = JSON.parse(out) as Record<string, string>;
    const answer = await answered({ text: `\`\`\`\n${PASTE}\`\`\`` });
    expect(answer).toContain(`(${verdict}, confidence ${confidence}, `);
    const plain = (text = '') => text.replaceAll('\\', '').replaceAll(/\s/g, ' ');
    expect(plain(answer)).toContain(plain(headline));
  });

  test('reads the text and all files together', async () => {
    const files = {
      'count.txt': Buffer.from(PASTE.split('\n')[0] ?? ''),
      'max.txt': Buffer.from(PASTE.split('\n')[1] ?? ''),
    };
    const answer = await answered(
      {
        files: [
          { name: 'count.txt', url: '' },
          { name: 'max.txt', url: '' },
        ],
      },
      files,
    );
    expect(answer).toContain('65,535');
  });

  test('judges each node by itself where its file names it, and says so first', async () => {
    const row = (drop: number) =>
      `2026-11-23T12:00:${drop > 1_000 ? '30' : '00'}Z\ncpu=0 found=0 invalid=0 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=0 search_restart=0`;
    const files = { 'node-a.txt': Buffer.from(row(10)), 'node-b.txt': Buffer.from(row(9_000)) };
    const answer = await answered({ files: Object.keys(files).map((name) => ({ name, url: '' })) }, files);
    expect(answer.replaceAll('\\', '')).toMatch(
      /This is the output of 2 hosts, each judged by itself, the most severe first: node-b \(table-full\), node-a/,
    );
    expect(answer).not.toMatch(/in 30 s/);
  });

  test('reads a file in UTF-16', async () => {
    const utf16 = Buffer.from(`\uFEFF${PASTE}`, 'utf16le');
    expect(await answered({ files: [{ name: 'a.txt', url: '' }] }, { 'a.txt': utf16 })).toContain('65,535');
  });

  test('says which file is no text, and which could not be fetched, and reads the rest', async () => {
    const answer = await answered(
      {
        text: PASTE,
        files: [
          { name: 'a.png', url: '' },
          { name: 'gone.txt', url: '' },
        ],
      },
      { 'a.png': Buffer.from([137, 80, 78, 71, 0, 1]) },
    );
    expect(answer).toMatch(/a\.png is no text[^]*gone\.txt may not be read[^]*65,535/);
  });

  test('makes no mention of what a text says', async () => {
    const answer = await answered({
      text: '&lt;!channel&gt; nf_conntrack: table full, dropping packet &lt;@U0ANA&gt;',
    });
    expect(answer).not.toMatch(/<[!@]/);
  });
});

test.each([
  ['entities', 'a &lt; b &amp;&amp; c &gt; d', 'a < b && c > d'],
  [
    'an address that became a mail link',
    '<mailto:root@node-a|root@node-a>:~# conntrack -S',
    'root@node-a:~# conntrack -S',
  ],
  ['a bare link', '<http://10.0.0.1:9100/metrics>', 'http://10.0.0.1:9100/metrics'],
  ['a named link', '<http://node-a.example|node-a.example> up', 'node-a.example up'],
])('a message is read as it was typed: %s', (_, sent, typed) => {
  expect(typedText(sent)).toBe(typed);
});
