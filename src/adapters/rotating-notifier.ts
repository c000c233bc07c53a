import { WebAPIPlatformError } from '@slack/web-api';
import type { IsRepeat, Notifier, Runbook, Saying } from '../core/notifier.ts';
import type { Incident } from '../core/record/incident.ts';
import type { SynTrace } from '../core/record/traced/order.ts';
import type { SecretSource, SlackSecrets } from '../slack/secret-source.ts';

/** What Slack says of a token that is no longer one (docs.slack.dev, errors of chat.postMessage). */
const REFUSALS: ReadonlySet<string> = new Set([
  'invalid_auth',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'not_authed',
]);

/** A notifier whose bot token may be replaced while it lives: a refused token is read again, and the call made once more. */
export class RotatingNotifier implements Notifier {
  readonly #secrets: SecretSource<SlackSecrets>;
  readonly #notifierFor: (botToken: string) => Notifier;
  #latest: { readonly botToken: string; readonly notifier: Notifier } | undefined;

  /** @param notifierFor - builds the notifier that speaks with this token */
  constructor(secrets: SecretSource<SlackSecrets>, notifierFor: (botToken: string) => Notifier) {
    this.#secrets = secrets;
    this.#notifierFor = notifierFor;
  }

  showCard(incident: Incident, isRepeat: IsRepeat): Promise<{ channel: string; message: string }> {
    return this.#speak((notifier) => notifier.showCard(incident, isRepeat));
  }

  postRunbook(incident: Incident, runbook: Runbook, saying: Saying): Promise<void> {
    return this.#speak((notifier) => notifier.postRunbook(incident, runbook, saying));
  }

  postNote(incident: Incident, text: string, saying: Saying): Promise<void> {
    return this.#speak((notifier) => notifier.postNote(incident, text, saying));
  }

  postTrace(incident: Incident, trace: SynTrace, text: string, saying: Saying): Promise<void> {
    return this.#speak((notifier) => notifier.postTrace(incident, trace, text, saying));
  }

  async #speak<T>(say: (notifier: Notifier) => Promise<T>): Promise<T> {
    const secrets = await this.#secrets.current();
    try {
      return await say(this.#notifierWith(secrets.botToken));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { botToken } = await this.#secrets.renewed(secrets);
      if (botToken === secrets.botToken) throw error;
      return await say(this.#notifierWith(botToken));
    }
  }

  #notifierWith(botToken: string): Notifier {
    if (this.#latest?.botToken !== botToken)
      this.#latest = { botToken, notifier: this.#notifierFor(botToken) };
    return this.#latest.notifier;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && REFUSALS.has(error.data.error);
}
