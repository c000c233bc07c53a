import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const base = join(tmpdir(), `medic-nodes-${process.pid}-${Math.random().toString(36).slice(2)}`);
let made = 0;

// Imported once a test file: everything that the file made goes when it has run.
afterAll(() => rm(base, { recursive: true, force: true }));

/** A new empty directory that is removed when the test file has run. */
export async function temporaryDirectory(): Promise<string> {
  made += 1;
  const path = join(base, String(made));
  await mkdir(path, { recursive: true });
  return path;
}
