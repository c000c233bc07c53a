import type { SignedClick } from './record/signed-click.ts';
import { sha256 } from './sha256.ts';

/** What a decision names its click by: SHA-256 over all of it, 64 hex digits. */
export const clickReference = ({ timestamp, signature, body }: SignedClick): string =>
  sha256(`${signature}:${timestamp}:${body}`);
