import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eksLogCollector, under } from '../support/bundles.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const CAPTURE = join(ROOT, 'test/fixtures/captures/table-full/held-open-32768/capture.txt');

const folder = mkdtempSync(join(tmpdir(), 'quick-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a newcomer types to judge a file, each with a text that the answer has. */
const judging = Array.from(
  readFileSync(join(ROOT, 'docs/quick-start.md'), 'utf8').matchAll(
    /^npx medic (?:diagnose|plan|runbook) .*?(?=\s+#|$)/gm,
  ),
  ([line]) => line,
);

/** Runs a line where `npx` finds this checkout, as it does in one. */
function typed(line: string): Promise<{ status: number; out: string; error: string }> {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd: folder, env }, (failure, out, error) =>
      resolve({ status: failure === null ? 0 : Number(failure.code), out, error }),
    );
  });
}

/** The archive that the page names, of a node whose table is full. */
async function packArchive(name: string): Promise<void> {
  for (const [path, content] of Object.entries(under('eks', eksLogCollector()))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  await typed(`tar -czf ${name} eks`);
}

describe('what the quick start has somebody type, typed', () => {
  copyFileSync(CAPTURE, join(folder, 'capture.txt'));
  mkdirSync(join(folder, 'bin'));
  const npx = join(folder, 'bin', 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${ROOT}cli/medic.mjs" "$@"\n`);
  chmodSync(npx, 0o755);

  it('is found', () => expect(judging.length).toBeGreaterThan(4));

  it.concurrent.each(judging)('%s', async (line) => {
    const [archive] = /\S+\.tar\.gz/.exec(line) ?? [];
    if (archive !== undefined) await packArchive(archive);
    const { status, out, error } = await typed(line);
    expect(error).toBe('');
    expect(status).toBe(0);
    expect(out).toMatch(archive === undefined ? /32,768|"table-full"/ : /\S/);
  });
});
