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

/** The same within this process, in a fraction of the time: its streams and exit status are lent for the call. */
export async function medic(args: readonly string[], input: string | Buffer = ''): Promise<Answer> {
  const before = process.exitCode;
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {};
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const written = ({ mock }: typeof out) => mock.calls.map(([chunk]) => String(chunk)).join('');
  process.exitCode = 0;
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([Buffer.from(input)]) });
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('FORCE_COLOR', undefined);
  try {
    await main(['node', 'medic', ...args]);
    return { status: process.exitCode, out: written(out), error: written(error) };
  } finally {
    vi.unstubAllEnvs();
    Object.defineProperty(process, 'stdin', stdin);
    process.exitCode = before;
    out.mockRestore();
    error.mockRestore();
  }
}
