import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const CAPTURE = 'test/fixtures/worked-examples/a.txt';

/** What the real command ends with and says on standard error, in a line of the shell. */
function inShell(line: string): Promise<{ readonly status: string; readonly error: string }> {
  const script = line.replaceAll('medic', `"${process.execPath}" cli/medic.mjs`);
  return new Promise((resolve) => {
    execFile('bash', ['-c', `${script}; echo "\${PIPESTATUS[0]}"`], { cwd: REPOSITORY }, (_, out, error) =>
      resolve({ status: out.trim().split('\n').at(-1) ?? '', error }),
    );
  });
}

it.each([
  ['a diagnosis', `medic diagnose ${CAPTURE}`, '0'],
  ['a plan as JSON', `medic plan --json ${CAPTURE}`, '0'],
  ['help', 'medic --help', '0'],
  ['a refused call', 'medic plan --peak x 2>&1', '2'],
])('%s whose reader has gone ends quietly, with its own status', async (_, line, status) => {
  expect(await inShell(`${line} | true`)).toEqual({ status, error: '' });
});

it.runIf(existsSync('/dev/full'))(
  'an answer that no disk takes is told as lost, in one sentence',
  async () => {
    for (const line of [`medic diagnose ${CAPTURE}`, `medic plan --json ${CAPTURE}`, 'medic --help']) {
      expect(await inShell(`${line} > /dev/full`)).toEqual({
        status: '2',
        error: expect.stringMatching(/^medic: Standard output can not be written \(ENOSPC[^\n]*\n$/),
      });
    }
  },
);

it.runIf(existsSync('/dev/full'))('a sentence that nobody can be told changes no status', async () => {
  expect((await inShell('medic diagnose nowhere.txt 2> /dev/full')).status).toBe('2');
});
