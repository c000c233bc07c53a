import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IncidentStore } from '../../../src/core/ports.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import { fixedSecret } from '../../../src/slack/secret-source.ts';
import type { SignedRequest } from '../../../src/slack/verify-request.ts';
import {
  clickPayload,
  clickRequest,
  SIGNING_SECRET,
  signedRequest,
  startSlackStandIn,
} from './slack-stand-in.ts';

const VALUE = { incident: 'inc-7f3a0123456789abcdef', plan: 'a'.repeat(32) };

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let handle: ReturnType<typeof slackHandler>;
const logged: string[] = [];

/** An empty store: whatever reaches it has passed the guard. */
const emptyStore: Pick<IncidentStore, 'head' | 'load'> = {
  head: () => Promise.resolve(undefined),
  load: () => Promise.resolve(undefined),
};

beforeAll(async () => {
  slack = await startSlackStandIn();
  handle = slackHandler({
    secrets: fixedSecret({ botToken: 'xoxb-test' }),
    signing: fixedSecret({ signingSecret: SIGNING_SECRET }),
    apiUrl: slack.apiUrl,
    store: emptyStore as IncidentStore,
    clicks: {} as never,
    delivery: {
      wake: () => Promise.resolve(),
      startRollback: () => Promise.resolve(),
      startKeep: () => Promise.resolve(),
    },
    clock: { now: () => Date.now() },
    approvers: [],
    channel: 'C0INCIDENTS',
    openByHand: () => Promise.resolve('opened'),
    evidenceMaxAgeSeconds: 900,
    receiveAlarm: () => Promise.resolve('opened'),
    runbookOf: () => ({ title: 't', markdown: 'm' }),
    log: (event) => logged.push(event),
  });
});

afterAll(() => slack.close());

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
    ['signed text of another type', () => signedRequest('hello', { contentType: 'text/plain' }), 415],
  ])('answers %s without looking further', async (_what, request, statusCode) => {
    expect(await handle(request())).toEqual({ statusCode, body: '' });
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
