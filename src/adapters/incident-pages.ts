import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { PAGES_FOLDER } from '../core/page/pages-folder.ts';
import type { IncidentPages } from '../core/ports.ts';
import type { ClientLatency } from '../core/record/latency/client.ts';
import { readClientLatency } from './client-latency.ts';
import { UnusableConfigurationError } from './errors.ts';
import { PROMPT, withPatience } from './waiting/patience.ts';

/** How long a link to a page works, in seconds. */
const PAGE_LINK_SECONDS = 600;

/**
 * Opens the store of rendered pages beside the evidence at `s3://bucket/prefix` or `file:///dir`.
 * @param local address under which a server on this machine shows the pages of a folder, ending in a slash
 * @throws UnusableConfigurationError when the address is of neither kind, or a folder has no server
 */
export function openIncidentPages(
  evidence: string,
  local: string | undefined,
  s3: S3Client = new S3Client(withPatience({}, PROMPT)),
): IncidentPages {
  const url = new URL(evidence);
  if (url.protocol === 's3:') return new S3Pages(s3, url.hostname);
  if (url.protocol === 'file:' && local !== undefined) return new FolderPages(fileURLToPath(url), local);
  throw new UnusableConfigurationError(
    `Pages cannot be kept at ${evidence}: give s3://bucket/prefix, or file:///dir with MEDIC_PAGES_URL.`,
  );
}

/** A name that nobody can guess, new for each page: who has a link to one has nothing of the next. */
const newName = (): string => randomBytes(32).toString('hex');

class S3Pages implements IncidentPages {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async publish(of: string, html: string): Promise<string> {
    const place = { Bucket: this.#bucket, Key: `${PAGES_FOLDER}/${of}/${newName()}.html` };
    await this.#client.send(
      new PutObjectCommand({
        ...place,
        Body: html,
        ContentType: 'text/html; charset=utf-8',
        CacheControl: 'private, no-store',
      }),
    );
    return await getSignedUrl(this.#client, new GetObjectCommand(place), { expiresIn: PAGE_LINK_SECONDS });
  }

  async latencyOf(): Promise<undefined> {
    return undefined;
  }
}

class FolderPages implements IncidentPages {
  readonly #evidence: string;
  readonly #address: string;

  constructor(evidence: string, address: string) {
    this.#evidence = evidence;
    this.#address = address;
  }

  async publish(_of: string, html: string): Promise<string> {
    const name = newName();
    await mkdir(join(this.#evidence, PAGES_FOLDER), { recursive: true });
    await writeFile(join(this.#evidence, PAGES_FOLDER, `${name}.html`), html, { mode: 0o600 });
    return `${this.#address}${name}`;
  }

  async latencyOf(): Promise<ClientLatency | undefined> {
    return await readClientLatency(this.#evidence);
  }
}
