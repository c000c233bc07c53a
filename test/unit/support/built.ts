import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** What `npm run build` reads, and two of the files that it writes: the first and one of the last. */
const SOURCES = ['build', 'lambdas', 'nodes', 'runbooks', 'src', 'package-lock.json'];
const BUILT = ['dist/documents/medic-collect.json', 'dist/lambdas/slack.mjs'];

/** Builds `dist/` once before the tests, unless nothing that it is built from has changed since the last build. */
export function setup(): void {
  if (isFresh()) return;
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'build/bundle.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm run build fails, so the unit tests have no bundles: ${stderr}`);
}

function isFresh(): boolean {
  const built = BUILT.map((path) => join(ROOT, path));
  if (!built.every((path) => existsSync(path))) return false;
  const oldest = Math.min(...built.map((path) => statSync(path).mtimeMs));
  return SOURCES.every((path) => newestIn(join(ROOT, path)) < oldest);
}

/** When a file, or anything in a folder, was written last; a folder's own time tells of what was removed from it. */
function newestIn(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
