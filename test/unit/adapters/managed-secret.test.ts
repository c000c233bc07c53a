import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL } from '../../../local/slack/people.ts';
import { startSlack } from '../../../local/slack/server.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { ManagedSecret, SIGNING_SECRET, SLACK_SECRET } from '../../../src/adapters/managed-secret.ts';
import { RotatingNotifier } from '../../../src/adapters/rotating-notifier.ts';
import { SlackNotifier } from '../../../src/adapters/slack-notifier.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import { fixedSecret, type SlackSecrets } from '../../../src/slack/secret-source.ts';
import { idleParts } from '../slack/idle-parts.ts';
import { signedRequest, startSlackStandIn } from '../slack/slack-stand-in.ts';
import { buildIncident } from '../support/incidents.ts';
import { FREE_PACE, LOCAL, startResponder } from './support.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:conntrack-medic/slack';
const FIRST = { botToken: 'xoxb-first' };
const SECOND = { botToken: 'xoxb-second' };
const KEYS = ['1'.repeat(32), '2'.repeat(32)] as const;

/** Secrets Manager's wire protocol (JSON 1.1), for the real client. */
const service = { text: '', isDown: false };
let server: Awaited<ReturnType<typeof startResponder>>;
let now: number;
let client: SecretsManagerClient;
let secrets: ManagedSecret<SlackSecrets>;
const logged: string[] = [];

beforeEach(async () => {
  server = await startResponder(() =>
    service.isDown
      ? { status: 400, body: {}, errorType: 'ResourceNotFoundException' }
      : { status: 200, body: { ARN, Name: 'conntrack-medic/slack', SecretString: service.text } },
  );
  Object.assign(service, { text: JSON.stringify(FIRST), isDown: false });
  logged.length = 0;
  now = Date.now();
  client = new SecretsManagerClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  secrets = new ManagedSecret(client, ARN, SLACK_SECRET, { now: () => now }, log);
});
afterEach(() => server.close());

const log = (event: string, details: object) => void logged.push(JSON.stringify({ event, ...details }));
const rotate = () => {
  service.text = JSON.stringify(SECOND);
};
const minutes = (count: number) => {
  now += count * 60_000;
};

describe('ManagedSecret', () => {
  test('asks for the configured secret once, however many ask at once', async () => {
    const all = await Promise.all([secrets.current(), secrets.current(), secrets.current()]);
    expect(all).toEqual([FIRST, FIRST, FIRST]);
    expect(await secrets.current()).toEqual(FIRST);
    expect(server.seen.map(({ target, body }) => [target, JSON.parse(body)])).toEqual([
      ['GetSecretValue', { SecretId: ARN }],
    ]);
  });

  test('learns of a rotation by itself after ten minutes', async () => {
    await secrets.current();
    rotate();
    minutes(9);
    expect(await secrets.current()).toEqual(FIRST);
    minutes(1);
    expect(await secrets.current()).toEqual(SECOND);
  });

  test('learns of a rotation at a refusal, but asks no more than twice a minute', async () => {
    const first = await secrets.current();
    rotate();
    expect(await secrets.renewed(first)).toEqual(FIRST);
    minutes(1);
    expect(await secrets.renewed(first)).toEqual(SECOND);
    for (let refusal = 0; refusal < 20; refusal += 1) await secrets.renewed(SECOND);
    expect(server.seen).toHaveLength(2);
  });

  test('goes on with the last known secrets while the service fails, and says so without them', async () => {
    await secrets.current();
    service.isDown = true;
    minutes(10);
    expect(await secrets.current()).toEqual(FIRST);
    expect(logged).toEqual([expect.stringContaining('secret-kept')]);
    expect(logged.join()).not.toMatch(/xoxb/);
  });

  test.each([
    'xoxb-first',
    '{"botToken":"xoxb-first","webhookSecret":"short"}',
    '{"token":"xoxb-first"}',
    '[]',
  ])('a secret of another shape (%s) is an error that does not quote it', async (text) => {
    service.text = text;
    const failed = secrets.current();
    await expect(failed).rejects.toThrow('is not JSON with botToken');
    await expect(failed).rejects.not.toThrow('xoxb-first');
  });

  test.each(['later', 'a'.repeat(31)])(
    'the signing secret %s could be guessed and is none',
    async (guessed) => {
      service.text = JSON.stringify({ signingSecret: guessed });
      const signing = new ManagedSecret(client, ARN, SIGNING_SECRET, { now: () => now }, log);
      await expect(signing.current()).rejects.toThrow(
        'is not JSON with signingSecret of 32 characters or more',
      );
      await expect(signing.current()).rejects.not.toThrow(guessed);
    },
  );

  test('nothing else that a secret holds is kept', async () => {
    service.text = JSON.stringify({ ...FIRST, signingSecret: KEYS[0] });
    expect(await secrets.current()).toEqual(FIRST);
  });

  test('a click signed with the new key passes a function that still knows the old one', async () => {
    const slack = await startSlackStandIn();
    service.text = JSON.stringify({ signingSecret: KEYS[0] });
    const handle = slackHandler({
      ...idleParts(slack.apiUrl),
      secrets: fixedSecret(FIRST),
      signing: new ManagedSecret(client, ARN, SIGNING_SECRET, { now: () => now }, log),
    });
    const click = (secret: string) => signedRequest('payload=%7B%7D', { secret });
    const before = await handle(click(KEYS[1]));
    service.text = JSON.stringify({ signingSecret: KEYS[1] });
    minutes(1);
    const after = await handle(click(KEYS[1]));
    const old = await handle(click(KEYS[0]));
    await slack.close();
    expect(before.statusCode).toBe(401);
    expect(after.statusCode).not.toBe(401);
    expect(old.statusCode).toBe(401);
  });

  test('a card is posted with the new token when Slack no longer takes the old one', async () => {
    const slack = await startSlack({
      botToken: SECOND.botToken,
      signingSecret: 'unused',
      interactivityUrl: () => undefined,
      labels: { nodes: 'none' },
      secondMs: 1,
    });
    const notifier = new RotatingNotifier(secrets, (botToken) => {
      const web = new WebClient(botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
      return new SlackNotifier(web, CHANNEL.id, { now: () => Date.now() }, catalogue, FREE_PACE);
    });
    const { card: _card, ...unposted } = buildIncident('collecting').head;
    const show = () => notifier.showCard({ head: unposted, collections: [], earlier: [] }, async () => false);
    await expect(show()).rejects.toThrow('invalid_auth');
    rotate();
    minutes(1);
    const { message } = await show();
    expect(slack.workspace.message(message)).toBeDefined();
    await slack.close();
  });
});
