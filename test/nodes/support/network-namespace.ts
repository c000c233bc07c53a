import { spawnSync } from 'node:child_process';
import { isRoot } from './shells.ts';

/** A command line, to be continued, that runs in a network namespace of its own, with or without privilege. */
export const NETWORK_NAMESPACE: readonly string[] = ['unshare', ...(isRoot ? ['-n'] : ['-U', '-r', '-n'])];

/**
 * Whether a file of the kernel can be read in a network namespace of its own. Some kernels let only the real root: then
 * it is said and the tests that need the file are skipped. A root that can not read it in CI is a failure.
 *
 * @param path below /proc/net
 * @param preparation shell commands that make the kernel show the file
 * @throws Error in CI when root cannot read it
 */
export function isReadableInNamespace(path: string, preparation = ':'): boolean {
  const script = `{ ${preparation}; } >/dev/null 2>&1; cat "$0"`;
  const [file = '', ...rest] = NETWORK_NAMESPACE;
  if (spawnSync(file, [...rest, 'sh', '-c', script, path]).status === 0) return true;
  const sentence = `${path} cannot be read in a network namespace here: the tests that read it there`;
  if (process.env['CI'] === 'true' && isRoot) throw new Error(`${sentence} cannot run. Load its module.`);
  console.log(`${sentence} are skipped.`);
  return false;
}
