import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { SigningKey, SigningKeys } from '../slack/signed-decision.ts';
import { MAX_AGE_MS, parseSecret, SIGNING_SECRET } from './managed-secret.ts';

/**
 * The signing secret in Secrets Manager, its current version and the one before, read anew each time: that is seldom, and
 * a rotation has to arrive. The one before counts for clicks up to ten minutes after it was replaced, because for so long a
 * function that takes clicks may know it; one that was replaced because it had leaked is worth nothing soon after.
 */
export class ManagedSigningKeys implements SigningKeys {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #log: Log;

  /** @param log - told when the version before is there and no use; never given a secret */
  constructor(client: SecretsManagerClient, secretId: string, log: Log) {
    this.#client = client;
    this.#secretId = secretId;
    this.#log = log;
  }

  /** @throws UnusableSecretError, or what Secrets Manager said, when the current version can't be used */
  async all(): Promise<readonly SigningKey[]> {
    const { key, createdAt } = await this.#read('AWSCURRENT');
    if (createdAt === undefined) return [{ key }];
    try {
      const before = await this.#read('AWSPREVIOUS');
      return [{ key }, { key: before.key, until: createdAt + MAX_AGE_MS }];
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException))
        this.#log('previous-signing-secret-left-out', { error: messageOf(error) });
      return [{ key }];
    }
  }

  async #read(
    VersionStage: string,
  ): Promise<{ readonly key: string; readonly createdAt: number | undefined }> {
    const { SecretString = '', CreatedDate } = await this.#client.send(
      new GetSecretValueCommand({ SecretId: this.#secretId, VersionStage }),
    );
    const { signingSecret } = parseSecret(this.#secretId, SecretString, SIGNING_SECRET);
    return { key: signingSecret, createdAt: CreatedDate?.getTime() };
  }
}
