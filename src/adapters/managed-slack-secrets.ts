import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { Clock } from '../core/ports.ts';
import type { SlackSecretSource, SlackSecrets } from '../slack/secret-source.ts';
import { UnusableSecretError } from './errors.ts';

/** After this the secrets are read again, so that a rotation arrives at functions that stay warm. */
const MAX_AGE_MS = 10 * 60_000;
/** Anyone can send a request with a wrong signature; what that makes us read is bounded by this. */
const RENEWAL_PAUSE_MS = 30_000;

/** What the secret holds, as JSON text. */
export const SlackSecretText = z.looseObject({
  botToken: z.string().min(1),
  signingSecret: z.string().min(1),
  webhookSecret: z.string().min(16).optional(),
});

/**
 * The Slack secrets in AWS Secrets Manager: read at the first use and kept, read again when they are ten minutes old or
 * were refused. While the service does not answer, the last known ones go on being used.
 */
export class ManagedSlackSecrets implements SlackSecretSource {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #clock: Clock;
  readonly #log: (event: string, details: Readonly<Record<string, string>>) => void;
  #known: { readonly secrets: SlackSecrets; readonly at: number } | undefined;
  #reading: Promise<SlackSecrets> | undefined;

  /**
   * @param secretId - ARN or name of the secret
   * @param log - told when known secrets could not be read again; never given a secret
   */
  constructor(
    client: SecretsManagerClient,
    secretId: string,
    clock: Clock,
    log: (event: string, details: Readonly<Record<string, string>>) => void,
  ) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws UnusableSecretError, or what Secrets Manager said, when they were never read and cannot be */
  async current(): Promise<SlackSecrets> {
    const known = this.#known;
    if (known !== undefined && this.#clock.now() - known.at < MAX_AGE_MS) return known.secrets;
    return await this.#read();
  }

  async renewed(refused: SlackSecrets): Promise<SlackSecrets> {
    const known = this.#known;
    if (known === undefined) return await this.#read();
    const isNew = (['botToken', 'signingSecret', 'webhookSecret'] as const).some(
      (name) => known.secrets[name] !== refused[name],
    );
    if (isNew || this.#clock.now() - known.at < RENEWAL_PAUSE_MS) return known.secrets;
    return await this.#read();
  }

  async #read(): Promise<SlackSecrets> {
    this.#reading ??= this.#fetch().finally(() => (this.#reading = undefined));
    return await this.#reading;
  }

  async #fetch(): Promise<SlackSecrets> {
    try {
      const { SecretString = '' } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      this.#known = { secrets: this.#parse(SecretString), at: this.#clock.now() };
    } catch (error) {
      if (this.#known === undefined) throw error;
      // A broken secret must not be asked for with every request either.
      this.#known = { secrets: this.#known.secrets, at: this.#clock.now() };
      this.#log('slack-secrets-kept', { error: String(error) });
    }
    return this.#known.secrets;
  }

  #parse(text: string): SlackSecrets {
    const parsed = SlackSecretText.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new UnusableSecretError(
      `The secret ${this.#secretId} is not JSON with botToken and signingSecret; put both into it.`,
    );
  }
}

/** Undefined for what is not JSON: the parser's own message quotes the text, and that is a secret. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
