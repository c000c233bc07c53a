import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;

/** A checkout with nothing in it but what help may need: no TypeScript, no loader for it, no code of a command. */
let checkout = '';
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'medic-help-'));
  for (const file of [
    'package.json',
    'cli/medic.mjs',
    'cli/commands.mjs',
    'cli/terminal/completion.mjs',
    'cli/terminal/examples.mjs',
    'cli/terminal/fault.mjs',
    'cli/terminal/progress.mjs',
    'cli/terminal/stand-output.mjs',
    'cdk/stack-name.mjs',
    'src/core/printable.mjs',
  ]) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(checkout, file));
  }
  mkdirSync(join(checkout, 'node_modules'));
  symlinkSync(join(REPOSITORY, 'node_modules/commander'), join(checkout, 'node_modules/commander'));
});
afterAll(() => rmSync(checkout, { recursive: true }));

function medic(root: string, ...args: readonly string[]) {
  return new Promise<{ code: unknown; out: string; error: string }>((resolve) => {
    execFile(process.execPath, [join(root, 'cli/medic.mjs'), ...args], (failure, out, error) =>
      resolve({ code: failure?.code ?? 0, out, error }),
    );
  });
}

it('help is answered without TypeScript and without the code of any command', async () => {
  const { code, out } = await medic(checkout, '--help');
  expect(code).toBe(0);
  const listed = [...out.matchAll(/^ {2}([a-z-]+) [[<]/gm)].map(([, name]) => name);
  expect(listed).toEqual([
    'audit',
    'collect',
    'complete',
    'demo',
    'diagnose',
    'doctor',
    'export',
    'fleet',
    'help',
    'incident',
    'node',
    'page',
    'plan',
    'runbook',
    'slack-manifest',
    'trace',
  ]);
  for (const name of listed.filter((each) => each !== 'help' && each !== 'demo'))
    expect(await medic(checkout, name ?? '', '--help')).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^Usage: medic ${name} `)),
    });
});

it('a call that cannot be right is refused as early, in one line, with exit status 2', async () => {
  expect(await medic(checkout, 'diagnos')).toMatchObject({
    code: 2,
    error: expect.stringContaining("unknown command 'diagnos'"),
  });
  expect(await medic(checkout, 'slack-manifest')).toMatchObject({
    code: 2,
    error: expect.stringContaining('--url'),
  });
  expect(await medic(checkout, 'audit')).toMatchObject({
    code: 2,
    error: expect.stringContaining('missing required argument'),
  });
});

it('a command is loaded when it is called, and what it cannot use is told in one sentence', async () => {
  expect(await medic(REPOSITORY, 'slack-manifest', '--url', 'ftp://x')).toEqual({
    code: 2,
    out: '',
    error: 'medic: "ftp://x" is no https URL; copy the stack\'s output SlackUrl.\n',
  });
});
