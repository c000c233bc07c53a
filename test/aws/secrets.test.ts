import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { ManagedSecret, SLACK_SECRET } from '../../src/adapters/managed-secret.ts';
import { AT_MOTO, MOTO, startEmpty } from './support/moto.ts';

const OLD = { botToken: 'xoxb-old' };
const NEW = { botToken: 'xoxb-new' };

describe.skipIf(MOTO === undefined)('the Slack secret in Secrets Manager', () => {
  startEmpty();
  const client = new SecretsManagerClient(AT_MOTO);

  test('is read by its ARN, and a rotation arrives after ten minutes', async () => {
    const { ARN = '' } = await client.send(
      new CreateSecretCommand({ Name: 'conntrack-medic/slack', SecretString: JSON.stringify(OLD) }),
    );
    let now = Date.now();
    const secrets = new ManagedSecret(client, ARN, SLACK_SECRET, { now: () => now }, () => {});
    expect(await secrets.current()).toMatchObject(OLD);
    await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: JSON.stringify(NEW) }));
    expect(await secrets.current()).toMatchObject(OLD);
    now += 11 * 60_000;
    expect(await secrets.current()).toMatchObject(NEW);
  });

  test('that is missing is told of in one sentence', async () => {
    const secrets = new ManagedSecret(client, 'no-such-secret', SLACK_SECRET, { now: () => 0 }, () => {});
    await expect(secrets.current()).rejects.toThrow(/secret/i);
  });
});
