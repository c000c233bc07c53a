/** The secrets of the Slack app, and of the webhook beside it. */
export interface SlackSecrets {
  /** Token of the bot user, `xoxb-…`. */
  readonly botToken: string;
  /** Key of the signature over every request that Slack sends. */
  readonly signingSecret: string;
  /** What monitoring systems send to the webhook; without it, the webhook lets nobody in. */
  readonly webhookSecret?: string | undefined;
}

/** Where the secrets come from; they may change while a function lives. */
export interface SlackSecretSource {
  /** The secrets as they are known; reads them when there are none yet or they have become old. */
  current(): Promise<SlackSecrets>;
  /** Reads them again because `refused` did not work; the same ones where they have not changed or were read just now. */
  renewed(refused: SlackSecrets): Promise<SlackSecrets>;
}

/** Secrets that never change, for a service on one machine. */
export function fixedSlackSecrets(secrets: SlackSecrets): SlackSecretSource {
  return { current: () => Promise.resolve(secrets), renewed: () => Promise.resolve(secrets) };
}
