import type { Log } from '../../core/ports.ts';
import type { Alarm } from '../../core/record/alarm.ts';
import type { Place } from '../../core/record/place.ts';
import type { SecretSource, SlackSecrets } from '../../slack/secret-source.ts';
import type { SignedRequest } from '../../slack/verify-request.ts';
import { UnreadableAlarmError } from '../errors.ts';
import { readWebhook } from './read-webhook.ts';
import { carriesSecret } from './verify-secret.ts';

/** What the webhook needs from outside. */
export interface WebhookParts {
  readonly secrets: SecretSource<SlackSecrets>;
  /** Opens, counts or closes the incident of one alarm; returns what was done, in one word. */
  readonly receive: (alarm: Alarm) => Promise<string>;
  /** One line for the log; never holds a secret or a body. */
  readonly log: Log;
}

/** Answer of a Lambda function URL. */
export interface WebhookResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Far more than any of the senders posts. */
const BODY_MAX_BYTES = 1024 * 1024;

/**
 * The handler behind the webhook's function URL. Nothing of the body is read before the secret fits; where it does not, it
 * may have been replaced, so it is read once more. A failure further in is thrown: the senders try again after a 5xx.
 */
export function webhookHandler(
  parts: WebhookParts,
): (event: SignedRequest, home: Place) => Promise<WebhookResponse> {
  return async (event, home) => {
    if (!(await isFromSender(event, parts.secrets))) {
      parts.log('webhook-refused', { why: 'wrong secret' });
      return answer(401, {
        error: 'The shared secret is missing or wrong; send it as "Authorization: Bearer SECRET".',
      });
    }
    const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8');
    if (bytes.length > BODY_MAX_BYTES)
      return answer(413, { error: `The body has more than ${BODY_MAX_BYTES} bytes; send smaller groups.` });
    const alarms = read(bytes.toString('utf8'), home);
    if (typeof alarms === 'string') {
      parts.log('webhook-unreadable', { why: alarms });
      return answer(400, { error: alarms });
    }
    const received: { readonly alarm: string; readonly outcome: string }[] = [];
    for (const alarm of alarms) received.push({ alarm: alarm.name, outcome: await parts.receive(alarm) });
    return answer(200, { received });
  };
}

async function isFromSender(
  { headers }: SignedRequest,
  secrets: SecretSource<SlackSecrets>,
): Promise<boolean> {
  const authorization = headers['authorization'] ?? headers['Authorization'];
  const known = await secrets.current();
  if (fits(authorization, known.webhookSecret)) return true;
  return fits(authorization, (await secrets.renewed(known)).webhookSecret);
}

/** Without a secret nobody is let in: an open webhook would let anyone open incidents. */
function fits(authorization: string | undefined, secret: string | undefined): boolean {
  return secret !== undefined && carriesSecret(authorization, secret);
}

function read(text: string, home: Place): readonly Alarm[] | string {
  try {
    return readWebhook(JSON.parse(text), home);
  } catch (error) {
    if (error instanceof SyntaxError) return 'The body is not JSON.';
    if (error instanceof UnreadableAlarmError) return error.message;
    throw error;
  }
}

function answer(statusCode: number, body: object): WebhookResponse {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
