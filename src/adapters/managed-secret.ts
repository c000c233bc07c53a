import { isDeepStrictEqual } from 'node:util';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { jsonOrNothing } from '../core/json.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { SecretSource } from '../slack/secret-source.ts';
import { UnusableSecretError } from './errors.ts';

/** After this a secret is read again, so that a rotation arrives at functions that stay warm. */
export const MAX_AGE_MS = 10 * 60_000;
/** Anyone can send a request with a wrong signature; what that makes us read is bounded by this. */
const RENEWAL_PAUSE_MS = 30_000;

/** What the Slack secret holds, as JSON text; anything else in it is left out. */
export const SlackSecretText = z.object({
  botToken: z.string().min(1),
  webhookSecret: z.string().min(16).optional(),
});

/**
 * What the signing secret holds, as JSON text. Slack's own has 32 hex digits; a placeholder is shorter, and one that was
 * accepted could be guessed.
 */
export const SigningSecretText = z.object({ signingSecret: z.string().min(32).max(256) });

/** What a secret holds, and how that is said when it does not. */
export interface SecretShape<T extends object> {
  readonly schema: z.ZodType<T>;
  /** The keys in words: `botToken`. */
  readonly keys: string;
}

/** The Slack secret's shape. */
export const SLACK_SECRET = { schema: SlackSecretText, keys: 'botToken' } as const;
/** The signing secret's shape. */
export const SIGNING_SECRET = {
  schema: SigningSecretText,
  keys: 'signingSecret of 32 characters or more',
} as const;

/**
 * A secret in AWS Secrets Manager: read at the first use and kept, read again when it is ten minutes old or was refused.
 * While the service does not answer, the last known one goes on being used.
 */
export class ManagedSecret<T extends object> implements SecretSource<T> {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #shape: SecretShape<T>;
  readonly #clock: Clock;
  readonly #log: Log;
  #known: { readonly secret: T; readonly at: number } | undefined;
  #reading: Promise<T> | undefined;

  /**
   * @param secretId - ARN or name of the secret
   * @param log - told when a known secret could not be read again; never given a secret
   */
  constructor(client: SecretsManagerClient, secretId: string, shape: SecretShape<T>, clock: Clock, log: Log) {
    this.#client = client;
    this.#secretId = secretId;
    this.#shape = shape;
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws UnusableSecretError, or what Secrets Manager said, when it was never read and cannot be */
  async current(): Promise<T> {
    const known = this.#known;
    if (known !== undefined && this.#clock.now() - known.at < MAX_AGE_MS) return known.secret;
    return await this.#read();
  }

  async renewed(refused: T): Promise<T> {
    const known = this.#known;
    if (known === undefined) return await this.#read();
    const isNew = !isDeepStrictEqual(known.secret, refused);
    if (isNew || this.#clock.now() - known.at < RENEWAL_PAUSE_MS) return known.secret;
    return await this.#read();
  }

  async #read(): Promise<T> {
    this.#reading ??= this.#fetch().finally(() => (this.#reading = undefined));
    return await this.#reading;
  }

  async #fetch(): Promise<T> {
    try {
      const { SecretString = '' } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      this.#known = { secret: parseSecret(this.#secretId, SecretString, this.#shape), at: this.#clock.now() };
    } catch (error) {
      if (this.#known === undefined) throw error;
      // A broken secret must not be asked for with every request either.
      this.#known = { secret: this.#known.secret, at: this.#clock.now() };
      this.#log('secret-kept', { secret: this.#secretId, error: String(error) });
    }
    return this.#known.secret;
  }
}

/**
 * Reads the text of a secret.
 * @throws UnusableSecretError with a sentence that quotes nothing of it
 */
export function parseSecret<T extends object>(
  secretId: string,
  text: string,
  { schema, keys }: SecretShape<T>,
): T {
  const parsed = schema.safeParse(jsonOrNothing(text));
  if (parsed.success) return parsed.data;
  throw new UnusableSecretError(`The secret ${secretId} is not JSON with ${keys}; put that into it.`);
}
