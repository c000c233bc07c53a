import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Every page for people, from the root of the checkout. */
export const PAGES: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((path) => existsSync(join(ROOT, path))),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((path) => path.endsWith('.md'));

/** A block of a page with something to type: a shell's, or a transcript with its answers. */
export type TypedKind = 'sh' | 'console';

/** The lines of a page that are there to be typed: those of its shell blocks, and what follows `$` in a transcript. */
export function typedLines(page: string, kinds: readonly TypedKind[] = ['sh', 'console']): readonly string[] {
  const blocks = readFileSync(join(ROOT, page), 'utf8').matchAll(/^( *)```(sh|console)\n([^]*?)^\1```/gm);
  return [...blocks].flatMap(([, , kind, body = '']) => {
    if (!kinds.includes(kind as TypedKind)) return [];
    const lines = body.replaceAll(/\\\n\s*/g, ' ').split('\n');
    return kind === 'sh'
      ? lines.map((line) => line.replace(/\s+#\s.*$/, '').trim())
      : lines.flatMap((line) => /^\s*\$ (.+)$/.exec(line)?.[1] ?? []);
  });
}

/** What one line said. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** A folder in which somebody sits, with `npx` that finds this checkout. */
export interface Desk {
  readonly folder: string;
  /** Types a line. */
  type(line: string): Promise<Said>;
  leave(): void;
}

/** Opens a desk; `ssh NODE` and `sudo` lead to this very machine, as whoever runs the test. */
export function openDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const tool = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  tool('npx', `shift\nexec "${process.execPath}" "${ROOT}cli/medic.mjs" "$@"`);
  tool('sudo', 'exec "$@"');
  tool('ssh', 'shift\nexec "$@"');
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, NO_COLOR: '1' };
  return {
    folder,
    type: (line) =>
      new Promise((resolve) => {
        execFile('bash', ['-c', line], { cwd: folder, env }, (failure, out, error) =>
          resolve({ status: failure === null ? 0 : Number(failure.code), out, error }),
        );
      }),
    leave: () => rmSync(folder, { recursive: true, force: true }),
  };
}
