import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
/** Runs a line on a terminal of its own (util-linux). */
const TERMINAL = '/usr/bin/script';
const MEDIC = `"${process.execPath}" cli/medic.mjs`;

/** What a terminal is sent by a line of the shell, with what is typed into it. */
function shownBy(line: string, typed = ''): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(
      TERMINAL,
      ['-qec', line, '/dev/null'],
      { cwd: REPOSITORY, env: { ...process.env, NO_COLOR: '1' } },
      (_failure, out) => resolve(out),
    );
    child.stdin?.end(typed);
  });
}

describe.runIf(existsSync(TERMINAL))('on a terminal', () => {
  it('a command that takes longer says what it does, and takes that away before it answers', async () => {
    const slow = `sh -c 'sleep 2.5; cat test/fixtures/worked-examples/a.txt' | ${MEDIC} diagnose -`;
    const shown = await shownBy(slow);
    expect(shown).toContain('reading and judging what was given, 1 s');
    const answer = shown.split('\r\u001b[2K').at(-1);
    expect(answer).toMatch(/^\S/);
    expect(answer).not.toContain('reading and judging');
  });

  it('nothing of that goes into a file', async () => {
    const { out, error } = await new Promise<{ out: string; error: string }>((resolve) => {
      const line = `(sleep 2; cat test/fixtures/worked-examples/a.txt) | ${MEDIC} diagnose --json -`;
      execFile('sh', ['-c', line], { cwd: REPOSITORY }, (_failure, stdout, stderr) =>
        resolve({ out: stdout, error: stderr }),
      );
    });
    expect(error).toBe('');
    expect(JSON.parse(out)).toHaveProperty('verdict');
  });

  it('who is expected to type something is told, and how to end it', async () => {
    const shown = await shownBy(`${MEDIC} diagnose`, 'nf_conntrack: table full, dropping packet\n\u0004');
    expect(shown).toContain('medic: reads standard input; end with Ctrl-D.');
  });
});
