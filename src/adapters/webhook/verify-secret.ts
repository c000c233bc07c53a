import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header carries the shared secret as a bearer token. The comparison takes the same time for
 * every wrong secret, whatever its length.
 */
export function carriesSecret(authorization: string | undefined, secret: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(secret)) && given !== '';
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
