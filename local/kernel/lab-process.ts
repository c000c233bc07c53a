import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * How to run a TypeScript file with this Node.
 * @param file one of the lab's own in `processes/`, or an absolute path
 */
export function nodeCommand(file: string): string[] {
  const loader = createRequire(import.meta.url).resolve('tsx');
  return [process.execPath, '--import', loader, resolve(import.meta.dirname, 'processes', file)];
}

/** A helper process of the lab. It ends when its stdin closes, so also when this process is killed. */
export interface LabProcess {
  readonly child: ChildProcess;
  /** Closes its stdin and waits until it has ended. Calling it twice is harmless. */
  end(): Promise<{ code: number | null; said: string }>;
}

/**
 * Starts a helper and waits for its first line.
 * @param onLine every line after the first one
 * @throws Error with what the helper said when it ends before the first line
 */
export async function startProcess(
  [file = '', ...args]: readonly string[],
  options: { detached?: boolean; onLine?: (line: string) => void } = {},
): Promise<LabProcess & { firstLine: string }> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: options.detached ?? false });
  child.stdin.on('error', () => undefined);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  const ended = new Promise<{ code: number | null; said: string }>((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code) => settle({ code, said: said.trim() }));
  });
  const lines = createInterface({ input: child.stdout });
  const firstLine = await Promise.race([
    new Promise<string>((settle) => lines.once('line', settle)),
    ended.then(({ code, said: why }) => {
      throw new ProcessEndedError(`${file} ended with code ${code ?? 'none'}: ${why}`, code);
    }),
  ]);
  if (options.onLine !== undefined) lines.on('line', options.onLine);
  return {
    child,
    firstLine,
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

/** A helper ended before it was ready. */
export class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError';
  readonly code: number | null;

  constructor(message: string, code: number | null) {
    super(message);
    this.code = code;
  }
}
