import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openEvidenceStore } from '../../../src/adapters/evidence-store.ts';
import { LOCAL, startResponder } from './support.ts';

test('a folder keeps the text byte for byte under an address that can be read again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  try {
    const address = await openEvidenceStore(pathToFileURL(folder).href).put('inc-1/1-i-0a.txt', 'é\u0000✓\n');
    expect(address).toBe(pathToFileURL(join(folder, 'inc-1/1-i-0a.txt')).href);
    expect(await readFile(fileURLToPath(address), 'utf8')).toBe('é\u0000✓\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a bucket gets the text under its prefix', async () => {
  const server = await startResponder(() => ({ status: 200, body: {} }));
  const client = new S3Client({ ...LOCAL, endpoint: server.url, forcePathStyle: true });
  const address = await openEvidenceStore('s3://evidence/medic', client).put('inc-1/1-i-0a.txt', 'text');
  expect(address).toBe('s3://evidence/medic/inc-1/1-i-0a.txt');
  expect(server.seen[0]?.path).toMatch(/^\/evidence\/medic\/inc-1\/1-i-0a\.txt\?/);
  expect(server.seen[0]?.body).toContain('text');
  await server.close();
});

test('what is kept once is never replaced, in a folder or in a bucket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  const server = await startResponder((_request, index) =>
    index === 0
      ? { status: 200, body: {} }
      : { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' },
  );
  const client = new S3Client({ ...LOCAL, endpoint: server.url, forcePathStyle: true });
  try {
    const store = openEvidenceStore(pathToFileURL(folder).href);
    const address = await store.putOnce('inc-1/audit.json', 'first');
    expect(await store.putOnce('inc-1/audit.json', 'second')).toBe(address);
    expect(await readFile(fileURLToPath(address), 'utf8')).toBe('first');
    const bucket = openEvidenceStore('s3://evidence', client);
    expect(await bucket.putOnce('audit.json', 'first')).toBe('s3://evidence/audit.json');
    expect(await bucket.putOnce('audit.json', 'second')).toBe('s3://evidence/audit.json');
    expect(server.seen.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*']);
  } finally {
    await rm(folder, { recursive: true });
    await server.close();
  }
});

test('an address of another kind is refused', () => {
  expect(() => openEvidenceStore('https://example.com/x')).toThrow('s3://bucket/prefix or file:///dir');
});
