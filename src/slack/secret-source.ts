/** What speaks for the Slack app, and the secret of the webhook beside it. */
export interface SlackSecrets {
  /** Token of the bot user, `xoxb-…`. */
  readonly botToken: string;
  /** What monitoring systems send to the webhook; without it, the webhook lets nobody in. */
  readonly webhookSecret?: string | undefined;
}

/** What Slack signs with. A secret of its own: who holds it can make a click of anybody. */
export interface SigningSecret {
  /** Key of the signature over every request that Slack sends. */
  readonly signingSecret: string;
}

/** Where a secret comes from; it may change while a function lives. */
export interface SecretSource<T extends object> {
  /** The secret as it is known; reads it when there is none yet or it has become old. */
  current(): Promise<T>;
  /** Reads it again because `refused` did not work; the same one where it has not changed or was read just now. */
  renewed(refused: T): Promise<T>;
}

/** A secret that never changes, for a service on one machine. */
export function fixedSecret<T extends object>(secret: T): SecretSource<T> {
  return { current: () => Promise.resolve(secret), renewed: () => Promise.resolve(secret) };
}
