import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What `npm run build` reads. npm writes the last one whenever it changes what is installed. */
const SOURCES = [
  'build',
  'lambdas',
  'nodes',
  'runbooks',
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'node_modules/.package-lock.json',
];
/** The first and the last files that it writes; a file of the same folders that is older counts too. */
const BUILT = ['dist/documents/medic-collect.json', 'dist/lambdas/slack.mjs', 'dist/lambdas/webhook.mjs'];
const BUILT_FOLDERS = ['dist/documents', 'dist/lambdas'];

/**
 * Whether everything in `dist/` was written after the last change of what it is built from, so that a build would only
 * repeat it.
 *
 * @param root - the checkout, with a trailing slash or without
 */
export function isBuildFresh(root: string = ROOT): boolean {
  if (!BUILT.every((path) => existsSync(join(root, path)))) return false;
  const built = BUILT_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      // Not what an interrupted build left unfinished.
      .filter((name) => /\.(json|mjs)$/.test(name))
      .map((name) => join(root, folder, name)),
  );
  const oldest = Math.min(...built.map(writtenAt));
  return SOURCES.every((path) => newestIn(join(root, path)) < oldest);
}

/** When a file, or anything in a folder, was written last; a folder's own time tells of what was removed from it. */
function newestIn(path: string): number {
  if (!existsSync(path) || !statSync(path).isDirectory()) return writtenAt(path);
  return Math.max(writtenAt(path), ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

/** Milliseconds since 1970; of a file that another build has just renamed, or that isn't there, 0. */
const writtenAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
