import { vi } from 'vitest';
import { main } from '../../../cli/commands.mjs';

/** What a call of the command line came to. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `medic` in this process: everything but the start of Node, which real runs try. One call at a time, since what a
 * process has only once is lent to it: its streams, its exit status and its environment.
 */
export async function medic(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const before = { ...process.env };
  Object.assign(process.env, environment);
  const codeBefore = process.exitCode;
  process.exitCode = 0;
  try {
    await main([process.execPath, 'medic', ...args]);
    return { code: process.exitCode, stdout, stderr };
  } finally {
    process.exitCode = codeBefore;
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    out.mockRestore();
    err.mockRestore();
  }
}
