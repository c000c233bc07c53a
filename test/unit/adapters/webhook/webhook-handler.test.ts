import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { webhookHandler } from '../../../../src/adapters/webhook/webhook-handler.ts';
import type { Alarm } from '../../../../src/core/record/alarm.ts';
import { fixedSecret, type SecretSource, type SlackSecrets } from '../../../../src/slack/secret-source.ts';

const HOME = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
const SECRET = 'a-shared-secret-of-this-test';
const BODY = readFileSync(
  new URL('../../../fixtures/events/alertmanager-firing.json', import.meta.url),
  'utf8',
);
const SLACK = { botToken: 'xoxb' };

let received: Alarm[];
beforeEach(() => {
  received = [];
});

const post = async (authorization: string | undefined, body = BODY, secrets?: SecretSource<SlackSecrets>) => {
  const handle = webhookHandler({
    secrets: secrets ?? fixedSecret<SlackSecrets>({ ...SLACK, webhookSecret: SECRET }),
    receive: (alarm) => Promise.resolve(received.push(alarm)).then(() => 'opened'),
    log: () => {},
  });
  const headers = authorization === undefined ? {} : { authorization };
  const encoded = Buffer.from(body, 'utf8').toString('base64');
  return await handle({ headers, body: encoded, isBase64Encoded: true }, HOME);
};

test('takes alerts that carry the secret', async () => {
  expect(await post(`Bearer ${SECRET}`)).toMatchObject({
    statusCode: 200,
    body: '{"received":[{"alarm":"CheckoutLatencyHigh","outcome":"opened"}]}',
  });
  expect(received).toHaveLength(1);
});

describe('without the secret nothing of the body is read', () => {
  test.each([
    undefined,
    '',
    'Bearer ',
    'Bearer wrong',
    `Bearer ${SECRET}x`,
    `Bearer ${SECRET.slice(0, -1)}`,
    `Basic ${SECRET}`,
    SECRET,
  ])('%s', async (authorization) => {
    expect((await post(authorization, 'no json')).statusCode).toBe(401);
    expect((await post(authorization)).statusCode).toBe(401);
    expect(received).toEqual([]);
  });

  test('a service without a secret lets nobody in', async () => {
    const secrets = fixedSecret<SlackSecrets>(SLACK);
    for (const authorization of ['Bearer ', 'Bearer undefined', undefined])
      expect((await post(authorization, BODY, secrets)).statusCode).toBe(401);
  });
});

test('a secret that was replaced is read once more', async () => {
  const secrets: SecretSource<SlackSecrets> = {
    current: () => Promise.resolve({ ...SLACK, webhookSecret: 'the-one-before-it' }),
    renewed: () => Promise.resolve({ ...SLACK, webhookSecret: SECRET }),
  };
  expect((await post(`Bearer ${SECRET}`, BODY, secrets)).statusCode).toBe(200);
});

test.each(['no json', '{}', '[]', 'null', ''])('answers 400 to the body %j', async (body) => {
  const answer = await post(`Bearer ${SECRET}`, body);
  expect(answer.statusCode).toBe(400);
  expect(JSON.parse(answer.body)).toEqual({ error: expect.stringMatching(/\.$/) });
});

test('a fault of ours is thrown, not told as one of the body, so that the sender tries again', async () => {
  const handle = webhookHandler({
    secrets: fixedSecret<SlackSecrets>({ ...SLACK, webhookSecret: SECRET }),
    receive: () => Promise.resolve('opened'),
    log: () => {},
  });
  const request = { headers: { authorization: `Bearer ${SECRET}` }, body: BODY };
  await expect(handle(request, undefined as never)).rejects.toThrow(TypeError);
});

test('answers 413 to a body that no sender makes', async () => {
  expect((await post(`Bearer ${SECRET}`, `"${'x'.repeat(1024 * 1024)}"`)).statusCode).toBe(413);
});
