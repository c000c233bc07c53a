import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type SignedRequest, verifyRequest } from '../../../src/slack/verify-request.ts';

const SECRET = 'f00dfeedf00dfeedf00dfeedf00dfeed';
const NOW = Date.parse('2026-11-23T14:05:00.000Z');
const FORM = 'application/x-www-form-urlencoded';

interface Given {
  readonly body?: string;
  readonly ageSeconds?: number;
  readonly contentType?: string;
  readonly secret?: string;
  readonly base64?: boolean;
}

function signed({
  body = 'payload=%7B%7D',
  ageSeconds = 0,
  contentType = FORM,
  secret = SECRET,
  base64 = false,
}: Given): SignedRequest {
  const sentAt = String(NOW / 1000 - ageSeconds);
  const signature = createHmac('sha256', secret).update(`v0:${sentAt}:${body}`).digest('hex');
  return {
    headers: {
      'X-Slack-Request-Timestamp': sentAt,
      'X-Slack-Signature': `v0=${signature}`,
      'Content-Type': contentType,
    },
    body: base64 ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: base64,
  };
}

const verify = (request: SignedRequest) => verifyRequest(request, SECRET, NOW);

describe('verifyRequest', () => {
  it.each<[string, Given]>([
    ['a fresh request', {}],
    ['one of 300 s ago', { ageSeconds: 300 }],
    ['one of a clock 300 s ahead', { ageSeconds: -300 }],
    ['a content type with a charset', { contentType: `${FORM}; charset=utf-8` }],
    ['a JSON body', { contentType: 'application/json', body: '{"type":"x"}' }],
    ['a base64 body', { base64: true }],
    [
      'a base64 JSON body that is not ASCII',
      { base64: true, contentType: 'application/json', body: '{"text":"é ✓"}' },
    ],
  ])('passes %s', (_what, given) => {
    expect(verify(signed(given))).toMatchObject({ ok: true, body: given.body ?? 'payload=%7B%7D' });
  });

  it('hands on lower-cased headers and a content type without parameters', () => {
    expect(verify(signed({ contentType: 'Application/JSON; charset=utf-8', body: '{}' }))).toMatchObject({
      headers: { 'content-type': 'application/json', 'x-slack-signature': expect.any(String) as string },
    });
  });

  it.each<[string, Given, number]>([
    ['one of 301 s ago', { ageSeconds: 301 }, 401],
    ['one of 10 minutes in the future', { ageSeconds: -600 }, 401],
    ['one signed with another secret', { secret: 'other' }, 401],
    ['one with another content type', { contentType: 'text/plain' }, 415],
    ['one without a content type', { contentType: '' }, 415],
  ])('refuses %s', (_what, given, status) => {
    expect(verify(signed(given))).toEqual({ ok: false, status });
  });

  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ['a changed body', (request) => ({ ...request, body: `${request.body}&x=1` })],
    ['no body', ({ headers }) => ({ headers })],
    ['no headers', ({ body }) => ({ headers: {}, body })],
    ['an unsigned ssl_check', () => ({ headers: { 'content-type': FORM }, body: 'ssl_check=1' })],
    ['unsigned bad JSON', () => ({ headers: { 'content-type': 'application/json' }, body: '{' })],
    [
      'a signature of another length',
      (request) => ({ ...request, headers: { ...request.headers, 'X-Slack-Signature': 'v0=ab' } }),
    ],
    [
      'a time that is no number',
      (request) => ({ ...request, headers: { ...request.headers, 'X-Slack-Request-Timestamp': '1e9' } }),
    ],
    ['base64 read as text', (request) => ({ ...request, isBase64Encoded: true })],
  ])('refuses %s', (_what, change) => {
    expect(verify(change(signed({})))).toEqual({ ok: false, status: 401 });
  });
});
