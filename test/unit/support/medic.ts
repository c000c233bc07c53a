import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { vi } from 'vitest';
import { main } from '../../../cli/commands.mjs';

/** What a call of the command line said, and the status that it ends with. */
export interface Answer {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

const REPOSITORY = new URL('../../../', import.meta.url).pathname;

/** Calls `medic` as a process of its own, with what is piped into it. */
export function medicProcess(args: readonly string[], input: string | Buffer = ''): Answer {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(REPOSITORY, 'cli/medic.mjs'), ...args],
    { input, cwd: REPOSITORY, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, out: stdout, error: stderr };
}

/**
 * The same within this process, in a fraction of the time: everything but the start of Node, which real runs try. One call
 * at a time, since what a process has only once is lent to it: its streams, its exit status and its environment.
 */
export async function medic(
  args: readonly string[],
  input: string | Buffer = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const status = process.exitCode;
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {};
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const written = ({ mock }: typeof out) => mock.calls.map(([chunk]) => String(chunk)).join('');
  process.exitCode = 0;
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([Buffer.from(input)]) });
  const giveBack = lend({ FORCE_COLOR: undefined, NO_COLOR: '1', ...environment });
  try {
    await main([process.execPath, 'medic', ...args]);
    return { status: process.exitCode, out: written(out), error: written(error) };
  } finally {
    giveBack();
    Object.defineProperty(process, 'stdin', stdin);
    process.exitCode = status;
    out.mockRestore();
    error.mockRestore();
  }
}

/** Sets variables of this process, which the system reads too; unlike vitest's own, it leaves what a test set before. */
function lend(variables: Readonly<Record<string, string | undefined>>): () => void {
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(variables)) set(name, value);
  return () => {
    for (const [name, value] of before) set(name, value);
  };
}
