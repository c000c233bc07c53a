import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeOutput, protocolLines } from '../unit/support/node-output.ts';

const REPOSITORY = new URL('../../', import.meta.url).pathname;
const PAGE = readFileSync(join(REPOSITORY, 'docs/adding-a-runbook.md'), 'utf8');
const LEFT_BEHIND = new Set(['.git', '.ci-out', 'cdk.out', 'dist', 'node_modules']);
const MODE = 'syn-cookies-sent';
const CASE = `test/fixtures/captures/${MODE}/cookies-for-everyone`;

/** The only fenced block of a language on the page that shows the steps; of code, the one under its file's name. */
function blockOf(language: string, file?: string): string {
  const [block, ...more] = Array.from(
    PAGE.matchAll(new RegExp(`^(?:(\`[^\`\\n]+\`):\\n\\n)?\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm')),
    ([, name, text]) => ({ name, text: text ?? '' }),
  ).filter(({ name }) => file === undefined || name === `\`runbooks/${MODE}/${file}\``);
  if (block === undefined || more.length > 0)
    throw new Error(`docs/adding-a-runbook.md needs exactly one ${language} block ${file ?? ''}.`);
  return block.text;
}

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'medic-mode-'));
  cpSync(REPOSITORY, copy, {
    recursive: true,
    filter: (path) => path === REPOSITORY || !LEFT_BEHIND.has(basename(path)),
  });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  cpSync(join(copy, 'runbooks/_template'), join(copy, 'runbooks', MODE), { recursive: true });
  for (const file of ['signature.ts', 'single-reading.ts'])
    writeFileSync(join(copy, 'runbooks', MODE, file), blockOf('ts', file));
  const matched = join(
    copy,
    /`(test\/fixtures\/[^`]+\/mixed-full-listen)`/.exec(PAGE)?.[1] ?? '',
    'case.json',
  );
  const { modes, ...rest } = JSON.parse(readFileSync(matched, 'utf8')) as { modes: { present: string[] } };
  writeFileSync(matched, JSON.stringify({ ...rest, modes: { ...modes, present: [...modes.present, MODE] } }));
  mkdirSync(join(copy, CASE), { recursive: true });
  writeFileSync(join(copy, CASE, 'case.json'), blockOf('json'));
  const cookies = (sent: number) =>
    protocolLines('TcpExt', { ListenOverflows: 0, ListenDrops: 0, SyncookiesSent: sent });
  writeFileSync(
    join(copy, CASE, 'capture.txt'),
    nodeOutput({ sections: { 'netstat 0': cookies(7), 'netstat 1': cookies(47) } }),
  );
});
afterAll(() => rmSync(copy, { recursive: true }));

function run(command: string, args: readonly string[], input?: string) {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };
  return spawnSync(command, args, { cwd: copy, encoding: 'utf8', env, input });
}

const diagnose = (path: string) => run(process.execPath, ['cli/medic.mjs', 'diagnose', path]);

describe('a failure mode that is a copy of the template and a capture', () => {
  it('is diagnosed by the command line as the page says', () => {
    const { status, stdout } = diagnose(CASE);
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 2).join('\n')).toBe(blockOf('text').trim());
  });

  it('is seen in pasted counters of one sample by the rule in its folder', () => {
    const pasted = '    90000 passive connection openings\n    4000 SYN cookies sent\n';
    const { stdout } = run(process.execPath, ['cli/medic.mjs', 'diagnose', '-'], pasted);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(
        /^SYN queue full: .*, at some time since boot {2}\(syn-cookies-sent, confidence low/,
      ),
      'A SYN queue was full: 4,000 SYNs were answered with cookies since boot; whether it goes on, one sample can not tell.',
    ]);
  });

  it('is in the bundles of the functions, with its text', () => {
    expect(run(process.execPath, ['--import', 'tsx', 'build/bundle.ts']).status).toBe(0);
    const bundle = readFileSync(join(copy, 'dist/lambdas/incident.mjs'), 'utf8');
    const isIn = (text: string) => bundle.includes(text);
    expect([isIn('SYN queue full: the node answers with cookies'), isIn(`"${MODE}":`)]).toEqual([true, true]);
  });

  it('passes the tests that every mode has to pass, and is type-checked', () => {
    const tests = ['catalogue', 'recorded-cases'].map((name) => `test/unit/core/diagnosis/${name}.test.ts`);
    // One worker loads what both import once.
    const vitest = run('node_modules/.bin/vitest', [
      'run',
      '--project',
      'unit',
      '--maxWorkers',
      '1',
      ...tests,
    ]);
    expect(vitest.stdout).toMatch(/Test Files {2}2 passed/);
    expect(run('node_modules/.bin/tsc', ['-p', '.'])).toMatchObject({ status: 0, stdout: '' });
  });

  it('is refused with both names when it claims the position of another', () => {
    const file = join(copy, 'runbooks', MODE, 'signature.ts');
    writeFileSync(file, blockOf('ts', 'signature.ts').replace('position: 15', 'position: 10'));
    const { status, stderr } = diagnose(CASE);
    writeFileSync(file, blockOf('ts', 'signature.ts'));
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^medic: runbooks\/(listen-overflow|syn-cookies-sent) and runbooks\/\S+ both claim position 10 of the stage "one-service"; give .*\.\n/,
    );
  });
});
