import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openIncidentPages } from '../../../src/adapters/incident-pages.ts';
import { LOCAL, startResponder } from './support.ts';

test('a bucket gets the page under a name that nobody can guess, and the link reads exactly that for ten minutes', async () => {
  const server = await startResponder(() => ({ status: 200, body: {} }));
  const client = new S3Client({ ...LOCAL, endpoint: server.url, forcePathStyle: true });
  const pages = openIncidentPages('s3://evidence', undefined, client);
  const links = [await pages.publish('inc-1', '<!doctype html>1'), await pages.publish('inc-1', '2')].map(
    (link) => new URL(link),
  );
  const names = links.map(
    ({ pathname }) => /^\/evidence\/pages\/inc-1\/([0-9a-f]{64})\.html$/.exec(pathname)?.[1],
  );
  expect(names[0]).toBeDefined();
  expect(names[1]).toBeDefined();
  expect(names[0]).not.toBe(names[1]);
  expect(server.seen.map(({ path }) => new URL(path, server.url).pathname)).toEqual(
    links.map(({ pathname }) => pathname),
  );
  expect(server.seen[0]?.body).toContain('<!doctype html>1');
  expect(server.seen[0]?.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
  });
  for (const { searchParams } of links) {
    expect(searchParams.get('X-Amz-Expires')).toBe('600');
    expect(searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(searchParams.get('x-id')).toBe('GetObject');
  }
  await server.close();
});

test('a folder keeps the page for its owner alone, under a name that the server on this machine shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  try {
    const pages = openIncidentPages(pathToFileURL(folder).href, 'http://127.0.0.1:1/pages/');
    const link = await pages.publish('inc-1', '<!doctype html>');
    const [, name] = /^http:\/\/127\.0\.0\.1:1\/pages\/([0-9a-f]{64})$/.exec(link) ?? [];
    const file = join(folder, 'pages', `${name}.html`);
    expect(await readFile(file, 'utf8')).toBe('<!doctype html>');
    expect((await stat(file)).mode & 0o077).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(['https://example.com/x', 'file:///tmp/evidence'])('%s without a server is refused', (address) => {
  expect(() => openIncidentPages(address, undefined)).toThrow('Pages cannot be kept');
});
