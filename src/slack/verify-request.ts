import { createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of a Lambda function URL or API Gateway event that a request's authenticity rests on. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/** A request that Slack signed, ready for Bolt, or the status to answer with. */
export type VerifiedRequest =
  | { readonly ok: true; readonly body: string; readonly headers: Record<string, string> }
  | { readonly ok: false; readonly status: 401 | 415 };

/** Slack's own window, both ways: a timestamp of the future is no more authentic than one of the past. */
export const MAX_SKEW_SECONDS = 300;
const CONTENT_TYPES: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'application/json']);

/**
 * Verifies Slack's signature over the raw bytes before anything parses them (docs.slack.dev, verifying requests from
 * Slack). Bolt parses first, accepts future timestamps, reads base64 bodies as ASCII and throws on a charset.
 * @param now milliseconds since the Unix epoch
 */
export function verifyRequest(request: SignedRequest, signingSecret: string, now: number): VerifiedRequest {
  const headers = lowerCased(request.headers);
  const bytes = Buffer.from(request.body ?? '', request.isBase64Encoded === true ? 'base64' : 'utf8');
  const sentAt = headers['x-slack-request-timestamp'] ?? '';
  const isFresh = /^\d{1,12}$/.test(sentAt) && Math.abs(now / 1000 - Number(sentAt)) <= MAX_SKEW_SECONDS;
  const signed = { timestamp: sentAt, signature: headers['x-slack-signature'] ?? '' };
  if (!isFresh || !isSignedWith(signingSecret, signed, bytes)) return { ok: false, status: 401 };
  const contentType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!CONTENT_TYPES.has(contentType)) return { ok: false, status: 415 };
  return { ok: true, body: bytes.toString('utf8'), headers: { ...headers, 'content-type': contentType } };
}

/** Whether the signature is the one that this key gives over the time and the bytes. */
export function isSignedWith(
  key: string,
  { timestamp, signature }: { readonly timestamp: string; readonly signature: string },
  bytes: Uint8Array,
): boolean {
  const expected = createHmac('sha256', key).update(`v0:${timestamp}:`).update(bytes).digest('hex');
  return isSame(signature, `v0=${expected}`);
}

function lowerCased(headers: SignedRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  );
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
