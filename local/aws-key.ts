import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { urlOf } from './http-server.ts';

/** What a client signs its requests with; it opens nothing but the stand-ins that were started with it. */
export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A key of a demo's own. */
export const newAwsKey = (): AwsKey => ({
  accessKeyId: 'local',
  secretAccessKey: randomBytes(20).toString('hex'),
});

/** How far a request's time may be off, as AWS allows it (IAM user guide, "Signature Version 4"). */
const SKEW_MS = 5 * 60_000;

let compressedMs = 0;

/**
 * From now on times may be off by so much more in this process: who signs while a day is compressed signs by the clock of that day,
 * or by what it has learnt of the one of the moment before.
 */
export function allowCompressed(dayMs: number): void {
  compressedMs = Math.max(compressedMs, dayMs);
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Holds a request's signature, version 4, against a key, as AWS would (IAM user guide, "Create a signed AWS API request").
 * @returns why it does not count; nothing where it does
 */
export function refuseSignature(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
  key: AwsKey,
  now: number = Date.now(),
): string | undefined {
  const [, id, day = '', region = '', service = '', signedHeaders = '', signature = ''] =
    AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  if (id === undefined) return 'Request is missing Authentication Token';
  const time = String(request.headers['x-amz-date'] ?? '');
  const names = signedHeaders.split(';');
  const isFresh = Math.abs(now - timeOf(time)) <= SKEW_MS + compressedMs && time.startsWith(day);
  if (id !== key.accessKeyId || !isFresh || !names.includes('host'))
    return 'The signature is not valid here.';
  const headers = names.map((name) => `${name}:${headerOf(request, name)}\n`).join('');
  const url = urlOf(request);
  const canonical = [
    request.method,
    escaped(url.pathname).replaceAll('%2F', '/'),
    queryOf(url),
    headers,
    signedHeaders,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signing = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  const isValid = timingSafeEqual(hmac(signing, text), Buffer.from(signature, 'hex'));
  return isValid ? undefined : 'The signature is not valid here.';
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (secret: Buffer | string, data: string): Buffer =>
  createHmac('sha256', secret).update(data).digest();

const headerOf = ({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string =>
  String(headers[name] ?? '')
    .trim()
    .replaceAll(/[ \t]+/g, ' ');

/** RFC 3986, where encodeURIComponent leaves some characters as they are. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function queryOf({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return pairs.toSorted().join('&');
}

/** `20260131T235959Z`. */
function timeOf(stamp: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
