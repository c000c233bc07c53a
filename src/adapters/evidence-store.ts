import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { EvidenceStore } from '../core/ports.ts';

/**
 * Opens the store for raw node output at `s3://bucket/prefix` or `file:///dir`.
 * @throws Error when the address is of neither kind
 */
export function openEvidenceStore(address: string, s3: S3Client = new S3Client({})): EvidenceStore {
  const url = new URL(address);
  if (url.protocol === 's3:')
    return new S3Evidence(s3, url.hostname, url.pathname.replaceAll(/^\/|\/$/g, ''));
  if (url.protocol === 'file:') return new FolderEvidence(fileURLToPath(url));
  throw new Error(`Evidence cannot be kept at ${address}: give s3://bucket/prefix or file:///dir.`);
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

  async put(key: string, text: string): Promise<string> {
    const Key = this.prefix === '' ? key : `${this.prefix}/${key}`;
    const ContentType = 'text/plain; charset=utf-8';
    await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: text, ContentType }));
    return `s3://${this.bucket}/${Key}`;
  }
}

class FolderEvidence implements EvidenceStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async put(key: string, text: string): Promise<string> {
    const path = join(this.folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return pathToFileURL(path).href;
  }
}
