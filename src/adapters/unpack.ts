import { gunzipSync } from 'node:zlib';
import { PCAPNG_MOST_BYTES } from '../core/trace/pcapng.ts';

/** Unpacks base64 of gzip as a node prints it; nothing of what is none, or has more than a file of packets may have. */
export function unpack(base64: string): Uint8Array | undefined {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: PCAPNG_MOST_BYTES });
  } catch {
    return undefined;
  }
}
