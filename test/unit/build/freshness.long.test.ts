import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBuildFresh } from '../../../build/freshness.ts';

const SOURCE_FILES = [
  'build/bundle.ts',
  'lambdas/slack.ts',
  'nodes/lib/common.sh',
  'runbooks/table-full/signature.ts',
  'src/core/plan/plan.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'node_modules/.package-lock.json',
];
const SOURCE_FOLDERS = ['nodes/lib', 'runbooks/table-full', 'src/core'];
const BUILT_FILES = [
  'dist/documents/medic-collect.json',
  'dist/documents/medic-raise.json',
  'dist/lambdas/slack.mjs',
  'dist/lambdas/webhook.mjs',
];

let root: string;

/** Says when a file or a folder was written: seconds since 1970. */
const wroteAt = (path: string, seconds: number) => utimesSync(join(root, path), seconds, seconds);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'freshness-test-'));
  for (const path of [...SOURCE_FILES, ...BUILT_FILES]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  for (const path of SOURCE_FILES) {
    wroteAt(path, 1000);
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) wroteAt(folder, 1000);
  }
  for (const path of BUILT_FILES) wroteAt(path, 2000);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a build that is newer than everything it was made from is fresh', () => {
  expect(isBuildFresh(root)).toBe(true);
});

test.each([...SOURCE_FILES, ...SOURCE_FOLDERS])('a build is not fresh after a change of %s', (path) => {
  wroteAt(path, 3000);
  expect(isBuildFresh(root)).toBe(false);
});

test.each(BUILT_FILES)('a build is not fresh when only %s is older than the sources', (path) => {
  wroteAt(path, 500);
  expect(isBuildFresh(root)).toBe(false);
});

test.each(['dist/documents/medic-collect.json', 'dist/lambdas/webhook.mjs', 'dist'])(
  'a build without %s is not fresh',
  (path) => {
    rmSync(join(root, path), { recursive: true });
    expect(isBuildFresh(root)).toBe(false);
  },
);

test('what an interrupted build left unfinished does not make the next one stale', () => {
  writeFileSync(join(root, 'dist/lambdas/webhook.mjs.4711'), '');
  wroteAt('dist/lambdas/webhook.mjs.4711', 500);
  expect(isBuildFresh(root)).toBe(true);
});
