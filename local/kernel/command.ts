import { execFile } from 'node:child_process';

/**
 * Runs one command to its end, without a shell, and returns what it printed.
 * @throws Error with one sentence: the command, and what it said on stderr or why it could not be started
 */
export function command(file: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { timeout: 30_000, maxBuffer: 8 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n')[0] ?? '';
      reject(
        new Error(
          `${[file, ...args].join(' ').slice(0, 120)} failed: ${said === '' ? error.message : said}`,
          {
            cause: error,
          },
        ),
      );
    });
    // A command that ends before it has read its input closes the pipe; its exit code says what is wrong.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}
