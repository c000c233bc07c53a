import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { EvidenceStore } from '../core/ports.ts';
import { UnusableConfigurationError } from './errors.ts';
import { PROMPT, withPatience } from './waiting/patience.ts';

/**
 * Opens the store for raw node output at `s3://bucket/prefix` or `file:///dir`.
 * @throws UnusableConfigurationError when the address is of neither kind
 */
export function openEvidenceStore(
  address: string,
  s3: S3Client = new S3Client(withPatience({}, PROMPT)),
): EvidenceStore {
  const url = new URL(address);
  if (url.protocol === 's3:')
    return new S3Evidence(s3, url.hostname, url.pathname.replaceAll(/^\/|\/$/g, ''));
  if (url.protocol === 'file:') return new FolderEvidence(fileURLToPath(url));
  throw new UnusableConfigurationError(
    `Evidence cannot be kept at ${address}: give s3://bucket/prefix or file:///dir.`,
  );
}

class S3Evidence implements EvidenceStore {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  async put(key: string, content: string | Uint8Array): Promise<string> {
    return await this.write(key, content, {});
  }

  async putOnce(key: string, text: string): Promise<string> {
    try {
      // S3, "Add preconditions to S3 operations with conditional requests": 412 when the object is there.
      return await this.write(key, text, { IfNoneMatch: '*' });
    } catch (error) {
      if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 412) throw error;
      return this.address(key);
    }
  }

  private async write(
    key: string,
    content: string | Uint8Array,
    condition: { IfNoneMatch?: string },
  ): Promise<string> {
    const ContentType =
      typeof content === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
    const Key = this.keyOf(key);
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key, Body: content, ContentType, ...condition }),
    );
    return this.address(key);
  }

  private keyOf(key: string): string {
    return this.prefix === '' ? key : `${this.prefix}/${key}`;
  }

  private address(key: string): string {
    return `s3://${this.bucket}/${this.keyOf(key)}`;
  }
}

class FolderEvidence implements EvidenceStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async put(key: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return pathToFileURL(path).href;
  }

  async putOnce(key: string, text: string): Promise<string> {
    const path = join(this.folder, key);
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(path, text, { flag: 'wx', mode: 0o444 });
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    }
    return pathToFileURL(path).href;
  }
}
