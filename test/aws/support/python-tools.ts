import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url));
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** Folder of the Python tools for exactly these requirements; it outlives the run. */
function toolsFolder(): string {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'conntrack-medic', `python-${hash}`);
}

/** Path of a program of test/aws/requirements.txt, once {@link installPythonTools} has installed it. */
export function pythonTool(name: string): string | undefined {
  const path = join(toolsFolder(), 'bin', name);
  return existsSync(join(toolsFolder(), 'complete')) && existsSync(path) ? path : undefined;
}

/**
 * Installs what test/aws/requirements.txt pins, once.
 * @returns why it could not be, in one line
 */
export async function installPythonTools(): Promise<string | undefined> {
  const folder = toolsFolder();
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return undefined;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--requirement',
      REQUIREMENTS,
    ];
    await run(join(folder, 'bin/python'), pip, { timeout: INSTALL_TIMEOUT_MS });
    await writeFile(complete, '');
    return undefined;
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `Python's tools could not be installed (python3, its venv module and pip are needed): ${line}`;
  }
}
