import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Characters of standard output that GetCommandInvocation returns (Systems Manager API reference). */
export const RETURNED_MAX_CHARS = 24_000;
/** Bytes of a longer output that are read: what a collection may ever write, many times over. */
const READ_MAX_BYTES = 1024 * 1024;

/** Folder of a bucket into which Systems Manager writes the whole output of commands. */
export interface OutputFolder {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the bucket itself. */
  readonly prefix: string;
}

/** Reads the whole output of a command from the address that its invocation gives; nothing when it is not there. */
export type ReadOutput = (address: string) => Promise<string | undefined>;

/** Reads from this folder and nowhere else, whatever address it is given. */
export function outputReader(client: S3Client, folder: OutputFolder): ReadOutput {
  return async (address) => {
    try {
      const key = keyOf(address, folder);
      if (key === undefined) return undefined;
      const { Body } = await client.send(
        new GetObjectCommand({
          Bucket: folder.bucket,
          Key: key,
          Range: `bytes=0-${READ_MAX_BYTES - 1}`,
        }),
      );
      return await Body?.transformToString('utf-8');
    } catch {
      // The node's role may not write there. What was returned ends without its end mark, so what is missing counts as
      // unknown all the same.
      return undefined;
    }
  };
}

/** `https://s3.REGION.amazonaws.com/BUCKET/KEY` or `https://BUCKET.s3.REGION.amazonaws.com/KEY`. */
function keyOf(address: string, { bucket, prefix }: OutputFolder): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname } = new URL(address);
  const path = decodeURIComponent(pathname).slice(1);
  const inBucket = hostname.startsWith(`${bucket}.`)
    ? path
    : path.startsWith(`${bucket}/`)
      ? path.slice(bucket.length + 1)
      : undefined;
  return inBucket?.startsWith(prefix === '' ? '' : `${prefix}/`) === true ? inBucket : undefined;
}
