import { spawn } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { find } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

/** A process that waits and goes by a name of our choice. */
export interface NamedProcess {
  readonly name: string;
  /** What starts it, such as `unshare -n`; nothing unless told. */
  readonly by?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
}

/** Does something while all these processes run; they end with it. */
export async function beside<T>(processes: readonly NamedProcess[], act: () => Promise<T>): Promise<T> {
  const started = [];
  try {
    for (const { name, by = [], environment = {}, options = [] } of processes) {
      const path = join(await temporaryDirectory(), name);
      await copyFile(find('dash') ?? '/bin/sh', path);
      const [file = path, ...rest] = [...by, path, '-c', 'echo ready; read _', ...options];
      const child = spawn(file, rest, {
        env: { PATH: process.env['PATH'] ?? '', ...environment },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      started.push(child);
      await new Promise((resolve, reject) => {
        child.stdout.once('data', resolve);
        child.once('error', reject).once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
      });
    }
    return await act();
  } finally {
    for (const child of started) child.removeAllListeners('exit').kill('SIGKILL');
  }
}
