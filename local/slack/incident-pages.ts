import { readFile, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Site, send } from './site.ts';

/** As long as a presigned link of S3 is made for. */
const LINK_MS = 600_000;

/** Shows a page to whoever has its name, for ten minutes; the page carries its own policy, and this one holds it to that. */
export async function sendIncidentPage(response: ServerResponse, name: string, site: Site): Promise<void> {
  const html = await freshPage(name, site.options.pages);
  if (html === undefined)
    return send(response, 403, 'This link has expired or never was one. Click "Page" on the card once more.');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(html);
}

async function freshPage(name: string, folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined || !/^[0-9a-f]{64}$/.test(name)) return undefined;
  const file = join(folder, `${name}.html`);
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < LINK_MS ? await readFile(file, 'utf8') : undefined;
}
