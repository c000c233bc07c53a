import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import * as z from 'zod';
import { MedicError } from '../src/core/errors.ts';
import { withoutStop } from '../src/core/words.ts';
import { NotReachedError } from './errors.ts';

/**
 * How far a failed call came: the service said no; it could not say yes or no; nothing that answers like it was reached; it
 * was never asked, because this machine knows no credentials or no region.
 */
export type Reach = 'refused' | 'unable' | 'not-reached' | 'not-asked';

/** Slack's own troubles, told in the same way as its refusals (Slack API, errors of every method). */
const SLACK_UNABLE = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
]);
/** Names of the SDK's errors before it has a request to send. */
const NOT_ASKED = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError']);
/** Slack's client takes a whole page that is no JSON for the code of a refusal. */
const SLACK_CODE = /^[a-z0-9_]{1,80}$/;
const SOMETHING_ELSE = 'something else answered, not the service itself';
const THROTTLED = /throttl|toomanyrequests|slowdown|limitexceeded/i;
const BAD_REQUEST = 400;
const SERVER_ERROR = 500;
const TOO_MANY_REQUESTS = 429;
const REASON_MAX_CHARS = 300;

/** Whether a status is one with which a service says that it can't answer just now. */
export function isUnable(status: number): boolean {
  return status >= SERVER_ERROR || status === TOO_MANY_REQUESTS;
}

/** How far the call came that failed so. */
export function reachOf(error: unknown): Reach {
  if (error instanceof WebAPIPlatformError) {
    const said = error.data.error;
    if (!SLACK_CODE.test(said)) return 'not-reached';
    return SLACK_UNABLE.has(said) ? 'unable' : 'refused';
  }
  if (error instanceof WebAPIRateLimitedError) return 'unable';
  // Slack refuses with status 200, so any other one below 500 is of a proxy or a page to log in to a network.
  if (error instanceof WebAPIHTTPError) return isUnable(error.statusCode) ? 'unable' : 'not-reached';
  if (error instanceof WebAPIRequestError) return 'not-reached';
  if (error instanceof NotReachedError && error.cause === undefined) return 'not-reached';
  if (error instanceof MedicError) return error.cause === undefined ? 'refused' : reachOf(error.cause);
  if (error instanceof z.ZodError) return 'unable';
  // What answers with a page instead of data is not the service.
  if (error instanceof SyntaxError) return 'not-reached';
  if (!(error instanceof Error)) return 'unable';
  if (NOT_ASKED.has(error.name) || error.message === 'Region is missing') return 'not-asked';
  const status = statusOf(error);
  if (status === undefined) return isOfTheNetwork(error) ? 'not-reached' : 'unable';
  if (isUnable(status) || THROTTLED.test(error.name)) return 'unable';
  // A service refuses with 4xx; what answers well and can't be read is a page of something else.
  return status < BAD_REQUEST ? 'not-reached' : 'refused';
}

/** Whether a connection failed, was cut, could not be trusted or took too long (Node.js, common system errors). */
function isOfTheNetwork(error: Error): boolean {
  const inner = innermost(error);
  const { code } = inner as { code?: unknown };
  return (
    /^(Timeout|Abort)Error$/.test(inner.name) ||
    (typeof code === 'string' && /^E[A-Z]+|UND_ERR|CERT|TLS|SSL/.test(code)) ||
    /fetch failed|socket hang up|other side closed/.test(`${error.message} ${inner.message}`)
  );
}

/** Status of the answer that an error of the AWS SDK was made of. */
function statusOf(error: Error): number | undefined {
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: unknown } };
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** Whether the service refused because the credentials have no right to ask, or are old. */
export function rightsOf(error: unknown): 'missing' | 'expired' | undefined {
  const name = error instanceof Error ? error.name : '';
  if (/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(name)) return 'missing';
  return /expired|InvalidClientTokenId|UnrecognizedClient|InvalidSignature/i.test(name)
    ? 'expired'
    : undefined;
}

/** What a failed call said, on one line, without a full stop and not too long. */
export function reasonOf(error: unknown): string {
  if (error instanceof MedicError) return withoutStop(error.message);
  if (error instanceof WebAPIPlatformError)
    return SLACK_CODE.test(error.data.error) ? error.data.error : SOMETHING_ELSE;
  if (error instanceof z.ZodError) return 'its answer is none that this version knows';
  if (error instanceof SyntaxError) return SOMETHING_ELSE;
  if (!(error instanceof Error)) return onOneLine(String(error));
  const { name, message } = innermost(error);
  const code = (innermost(error) as { code?: unknown }).code;
  if (message === '') return onOneLine(typeof code === 'string' ? code : name);
  return onOneLine(/^(Error|TypeError)$/.test(name) ? message : `${name}: ${message}`);
}

/** `fetch failed` says nothing; what it was made to fail by does. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function onOneLine(text: string): string {
  return withoutStop(text.replaceAll(/\s+/g, ' ').slice(0, REASON_MAX_CHARS));
}
