import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalServer, listenLocally } from '../../../local/http-server.ts';
import type { IncidentStore } from '../../../src/core/ports.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import type { SignedRequest } from '../../../src/slack/verify-request.ts';
import { idleParts } from './idle-parts.ts';
import { clickPayload, clickRequest, signedRequest, startSlackStandIn } from './slack-stand-in.ts';

const VALUE = { incident: 'inc-7f3a0123456789abcdef', plan: 'a'.repeat(32) };

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let refusing: LocalServer;
let silent: LocalServer;
let handle: ReturnType<typeof slackHandler>;
const logged: string[] = [];

/** An empty store: whatever reaches it has passed the guard. */
const emptyStore: Pick<IncidentStore, 'head' | 'load'> = {
  head: () => Promise.resolve(undefined),
  load: () => Promise.resolve(undefined),
};

beforeAll(async () => {
  slack = await startSlackStandIn();
  refusing = await listenLocally(async (_request, response) => {
    response.writeHead(404).end('used_url');
  });
  silent = await listenLocally(() => new Promise(() => {}));
  handle = slackHandler({
    ...idleParts(slack.apiUrl),
    store: emptyStore as IncidentStore,
    delivery: {
      wake: () => Promise.resolve(true),
      startRollback: () => Promise.resolve(),
      startKeep: () => Promise.resolve(),
    },
    log: (event) => logged.push(event),
  });
});

afterAll(async () => {
  await Promise.all([slack.close(), refusing.close(), silent.close()]);
});

beforeEach(() => {
  slack.calls.length = 0;
  logged.length = 0;
});

const click0 = { action: 'medic.apply-one', value: VALUE, responseUrl: 'https://hooks.slack.com/x' };
const click = () => ({ action: 'medic.apply-one', value: VALUE, responseUrl: slack.responseUrl });

describe('slackHandler', () => {
  it.each<[string, () => SignedRequest]>([
    ['a click', () => clickRequest(click())],
    [
      'a click with a charset in its content type',
      () => clickRequest(click(), { contentType: 'application/x-www-form-urlencoded; charset=utf-8' }),
    ],
    ['a click in a base64 body', () => clickRequest(click(), { base64: true })],
    [
      'a click as raw JSON in a base64 body that is not ASCII',
      () =>
        signedRequest(JSON.stringify(clickPayload(click())), {
          base64: true,
          contentType: 'application/json',
        }),
    ],
    [
      'a click with upper-case header names',
      () => {
        const request = clickRequest(click());
        return {
          ...request,
          headers: Object.fromEntries(
            Object.entries(request.headers).map(([name, value]) => [name.toUpperCase(), value]),
          ),
        };
      },
    ],
  ])('answers %s with 200 and one sentence for the clicker', async (_what, request) => {
    expect(await handle(request())).toEqual({ statusCode: 200, body: '' });
    expect(slack.calls).toEqual([
      {
        path: '/response/1',
        body: {
          response_type: 'ephemeral',
          replace_original: false,
          text: 'inc-7f3a0123456789abcdef is not known here any more, so nothing was done.',
        },
      },
    ]);
  });

  it.each<[string, () => SignedRequest, number]>([
    ['a click of ten minutes in the future', () => clickRequest(click(), { ageSeconds: -600 }), 401],
    ['a click of ten minutes ago', () => clickRequest(click(), { ageSeconds: 600 }), 401],
    ['a click signed with another secret', () => clickRequest(click(), { secret: 'another' }), 401],
    ['unsigned bad JSON', () => ({ headers: { 'content-type': 'application/json' }, body: '{' }), 401],
    [
      'an unsigned ssl_check',
      () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'ssl_check=1' }),
      401,
    ],
    ['nothing at all', () => ({ headers: {} }), 401],
  ])('answers %s without looking further', async (_what, request, statusCode) => {
    expect(await handle(request())).toEqual({
      statusCode,
      body: 'This carries no signature of Slack that counts, so nothing was done.',
    });
    expect(slack.calls).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('answers signed text of another type with 415 and a sentence, without looking further', async () => {
    const answer = await handle(signedRequest('hello', { contentType: 'text/plain' }));
    expect(answer).toEqual({
      statusCode: 415,
      body: expect.stringMatching(/content type.*nothing was done\.$/),
    });
    expect(slack.calls).toEqual([]);
    expect(logged).toEqual([]);
  });

  const payload = (value: unknown) => new URLSearchParams({ payload: JSON.stringify(value) }).toString();
  it.each([
    ['nothing', ''],
    ['a form without a payload', 'hello=world'],
    ['half a payload', 'payload=%7B'],
    ...[null, true, 7, 'text', [], {}, { type: 'view_submission' }, { type: 'block_actions' }].map(
      (value) => [`the payload ${JSON.stringify(value)}`, payload(value)] as const,
    ),
    ['a click on nothing', payload({ ...clickPayload(click0), actions: [] })],
    ['a click on text', payload({ ...clickPayload(click0), actions: 'x' })],
    ['a click of nobody', payload({ ...clickPayload(click0), team: null, user: null })],
    ['a click without an address to answer to', payload({ ...clickPayload(click0), response_url: 'x' })],
    ['a command of nobody', 'command=%2Fmedic'],
    ['a command that is an event too', 'command=%2Fmedic&event=x'],
    ['a command that looks at the certificate too', 'command=%2Fmedic&ssl_check=1'],
    ['a command that is a click too', 'command=%2Fmedic&type=block_actions&actions=x'],
    ['a command as a payload, with an event', payload({ command: '/medic', event: null })],
    ...[null, 0, '', 'x', true, [], {}, { type: 'message' }].map(
      (event) =>
        [
          `a click that is an event too: ${JSON.stringify(event)}`,
          payload({ ...clickPayload(click0), event }),
        ] as const,
    ),
    ...[null, 0, '', 'x', []].map(
      (channel) =>
        [
          `a click in the channel ${JSON.stringify(channel)}`,
          payload({ ...clickPayload(click0), channel }),
        ] as const,
    ),
    ...['command', 'name', 'ssl_check'].map(
      (kind) => [`a click with a ${kind} too`, payload({ ...clickPayload(click0), [kind]: 'x' })] as const,
    ),
    ...['foo:bar', 'file:///etc/passwd', 'javascript:1', ''].map(
      (url) =>
        [`a click to answer to at ${url}`, payload({ ...clickPayload(click0), response_url: url })] as const,
    ),
  ] as const)('answers signed nonsense with a sentence, never with an error: %s', async (_what, body) => {
    const { statusCode, body: said } = await handle(signedRequest(body));
    const heard = slack.calls.map((call) => String(call.body['text'])).join(' ');
    expect([200, 400]).toContain(statusCode);
    expect(`${said}${heard}`).toMatch(/[a-z]{3,}.*\./);
  });
  it.each(['null', '7', '[]', '{}', '"x"', '{"type":"event_callback"}', '{"type":1}', '{', ''])(
    'answers signed nonsense as JSON with a sentence: %s',
    async (body) => {
      const answer = await handle(signedRequest(body, { contentType: 'application/json' }));
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toMatch(/nothing was done\./);
    },
  );

  it.each([
    ['that nobody listens at', () => 'http://127.0.0.1:1/x'],
    ['of no host', () => 'https://response.invalid/x'],
    ['that refuses', () => `${refusing.url}/x`],
    ['that stays silent', () => `${silent.url}/x`],
  ])('takes a click whose answer goes to an address %s, and logs that', async (_what, responseUrl) => {
    const answer = await handle(clickRequest({ ...click(), responseUrl: responseUrl() }));
    expect(answer).toEqual({ statusCode: 200, body: '' });
    expect(logged).toEqual(['click-refused', 'click-unanswered']);
  });

  it('asks Slack nothing before it answers, not even who it is', async () => {
    await handle(clickRequest(click()));
    expect(slack.calls.map(({ path }) => path)).not.toContain('/api/auth.test');
  });

  it.each([
    [
      'an edited value',
      { value: { ...VALUE, nf_conntrack_max: 1 } },
      'The button carried a value that no card of ours has, so nothing was done.',
    ],
    [
      'another action',
      { action: 'other' },
      'This button is not one that this version knows, so nothing was done. Use the newest card.',
    ],
  ])('tells the clicker what is wrong with %s', async (_what, change, sentence) => {
    expect(await handle(clickRequest({ ...click(), ...change }))).toEqual({ statusCode: 200, body: '' });
    expect(slack.calls.map(({ body }) => body['text'])).toEqual([sentence]);
    expect(logged).toEqual(['click-unreadable']);
  });
});
