import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the folders of demos begin in the system's folder for temporary files. */
export const WORK_DIR_PREFIX = 'conntrack-medic-demo-';

/** A demo that has just made its folder has not written down yet whose it is: so long it is left alone. */
const NEW_MS = 60_000;

/** Makes the folder of one demo run and removes the folders of demos that were killed. */
export async function openWorkDir(root: string = tmpdir()): Promise<string> {
  await removeLeftovers(root);
  const folder = await mkdtemp(join(root, WORK_DIR_PREFIX));
  await writeFile(join(folder, 'pid'), String(process.pid));
  return folder;
}

async function removeLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(WORK_DIR_PREFIX)) continue;
    const folder = join(root, name);
    const pid = await readFile(join(folder, 'pid'), 'utf8').catch(() => '');
    if (pid === '' ? await isNew(folder) : isRunning(Number(pid))) continue;
    // Another user's folder cannot be removed, and need not be.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

async function isNew(folder: string): Promise<boolean> {
  const made = await stat(folder).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs < NEW_MS;
}

/** Whether a process of that id exists, whoever's it is. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
