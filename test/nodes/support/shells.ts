import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where an executable is, or undefined. */
export function find(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/**
 * Whether a test that needs these tools can run. In CI their absence is a failure, elsewhere it is said and skipped.
 * @throws Error in CI when one is missing
 */
export function has(...names: readonly string[]): boolean {
  const missing = names.filter((name) => find(name) === undefined);
  if (missing.length === 0) return true;
  const sentence = `${missing.join(', ')} not installed: the tests of the node scripts that need it`;
  if (process.env['CI'] === 'true') throw new Error(`${sentence} cannot run. Install it in the CI image.`);
  console.log(`${sentence} are skipped.`);
  return false;
}

/** The three shells that nodes run scripts with, as command lines. */
export const SHELLS = [
  { name: 'dash', binary: 'dash', command: ['dash'] },
  { name: 'busybox ash', binary: 'busybox', command: ['busybox', 'ash'] },
  { name: 'bash', binary: 'bash', command: ['bash', '--posix'] },
] as const;

export const isRoot = process.getuid?.() === 0;

/** Arguments for `unshare` that give a private mount namespace with or without privilege. */
export const MOUNT_NAMESPACE = isRoot ? ['-m'] : ['-U', '-r', '-m'];

/** Whether a private mount namespace can be opened; has() rules apply. */
export function hasNamespaces(): boolean {
  if (!has('unshare')) return false;
  const probe = spawnSync('unshare', [...MOUNT_NAMESPACE, 'mount', '-t', 'tmpfs', 'probe', '/mnt']);
  if (probe.status === 0) return true;
  const sentence = 'mount namespaces are not allowed here: the tests that cover /etc and /proc';
  if (process.env['CI'] === 'true') throw new Error(`${sentence} cannot run. Allow them in the CI image.`);
  console.log(`${sentence} are skipped.`);
  return false;
}

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end and keeps what it printed. */
export function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [file = 'false', ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('latin1').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 128, stdout, stderr }));
  });
}
