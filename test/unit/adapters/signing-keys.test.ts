import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManagedSigningKeys } from '../../../src/adapters/signing-keys.ts';
import { type Answer, LOCAL, startResponder } from './support.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:conntrack-medic/slack-signing';
const CREATED = 1_795_442_521;
const [NEW, OLD] = ['1'.repeat(32), '2'.repeat(32)];
const holding = (signingSecret: string, CreatedDate = CREATED): Answer => ({
  status: 200,
  body: { ARN, SecretString: JSON.stringify({ signingSecret }), CreatedDate },
});
const error = (errorType: string): Answer => ({ status: 400, body: { message: `${errorType}.` }, errorType });

let stages: Record<string, Answer>;
let server: Awaited<ReturnType<typeof startResponder>>;
let keys: ManagedSigningKeys;
const logged: string[] = [];

beforeEach(async () => {
  logged.length = 0;
  server = await startResponder(({ body }) => {
    const { SecretId, VersionStage } = JSON.parse(body) as { SecretId: string; VersionStage: string };
    return SecretId === ARN ? stages[VersionStage] : error('ResourceNotFoundException');
  });
  const client = new SecretsManagerClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  keys = new ManagedSigningKeys(client, ARN, (event, details) => {
    logged.push(JSON.stringify({ event, ...details }));
  });
});
afterEach(() => server.close());

describe('ManagedSigningKeys', () => {
  test('has the current key, and the one before for ten minutes after it was replaced', async () => {
    stages = { AWSCURRENT: holding(NEW), AWSPREVIOUS: holding(OLD, CREATED - 86_400) };
    expect(await keys.all()).toEqual([{ key: NEW }, { key: OLD, until: (CREATED + 600) * 1000 }]);
  });

  test('learns of a rotation at once', async () => {
    stages = { AWSCURRENT: holding(OLD), AWSPREVIOUS: error('ResourceNotFoundException') };
    expect(await keys.all()).toEqual([{ key: OLD }]);
    stages = { AWSCURRENT: holding(NEW), AWSPREVIOUS: holding(OLD) };
    expect((await keys.all()).map(({ key }) => key)).toEqual([NEW, OLD]);
    expect(logged).toEqual([]);
  });

  test.each([
    ['a placeholder that could be guessed', holding('later')],
    ['no JSON', { status: 200, body: { SecretString: 'hidden' } }],
    ['refused', error('AccessDeniedException')],
  ])('leaves a version before out that is %s, and says so without it', async (_what, previous) => {
    stages = { AWSCURRENT: holding(NEW), AWSPREVIOUS: previous };
    expect(await keys.all()).toEqual([{ key: NEW }]);
    expect(logged).toEqual([expect.stringContaining('previous-signing-secret-left-out')]);
    expect(logged.join()).not.toMatch(/later|hidden/);
  });

  test.each([
    ['a placeholder', holding('later'), /is not JSON with signingSecret of 32 characters or more/],
    ['refused', error('AccessDeniedException'), /AccessDenied/],
  ])('has none while the current one is %s', async (_what, current, sentence) => {
    stages = { AWSCURRENT: current, AWSPREVIOUS: holding(OLD) };
    await expect(keys.all()).rejects.toThrow(sentence);
  });
});
