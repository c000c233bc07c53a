import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { medicProcess } from '../support/medic.ts';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-complete-'));
  symlinkSync(join(REPOSITORY, 'cli/medic.mjs'), join(folder, 'medic'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a bash without the package bash-completion offers for a line of which the last word is being typed. */
function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = `source <(medic complete bash)
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    __medic_complete 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return printedBy('bash', ['--norc', '-c', script, 'bash', 'medic', ...words]);
}

/** The lines that a shell prints, which finds `medic` as the user's does. */
function printedBy(shell: string, words: readonly string[]): Promise<readonly string[]> {
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  return new Promise((resolve) => {
    execFile(shell, words, { env, cwd: folder }, (_failure, out) =>
      resolve(out.split('\n').filter((word) => word !== '')),
    );
  });
}

it('a shell is offered commands, options and failure modes', async () => {
  expect(await offered('run')).toEqual(['runbook']);
  expect(await offered('diagnose', '--j')).toEqual(['--json']);
  expect(await offered('runbook', 'table')).toEqual(['table-full']);
  expect((await offered('runbook', '')).length).toBeGreaterThan(20);
});

/** Last line of what the shells' functions ask for: what they do where nothing is offered (0 files, 4 nothing). */
const directiveFor = (...words: readonly string[]): string | undefined =>
  medicProcess(['complete', '--', ...words])
    .out.trim()
    .split('\n')
    .at(-1);

it('a shell completes files where a command takes them, and nowhere else', () => {
  expect(directiveFor('diagnose', 'REA')).toBe(':0');
  expect(directiveFor('runbook', '--from', 'REA')).toBe(':0');
  expect(directiveFor('audit', 'REA')).toBe(':4');
  expect(medicProcess(['complete', 'bash']).out).toMatch(/^complete -o default -F __medic_complete medic$/m);
});

it.each(['bash', 'zsh', 'fish'])('there is a script for %s', (shell) => {
  const { status, out, error } = medicProcess(['complete', shell]);
  expect({ status, error }).toEqual({ status: 0, error: '' });
  expect(out).toContain('medic complete --');
});

const [FISH, ZSH] = ['/usr/bin/fish', '/usr/bin/zsh'];

it.runIf(existsSync(FISH))(
  'fish offers a command, an option and a failure mode, with what they are',
  async () => {
    const line = 'medic complete fish | source; for typed in $argv; complete -C "$typed"; end';
    const typed = ['medic run', 'medic diagnose --j', 'medic runbook table'];
    const offers = await printedBy(FISH, ['--no-config', '-c', line, ...typed]);
    expect(offers.map((offer) => offer.split('\t')[0])).toEqual(['runbook', '--json', 'table-full']);
    expect(offers[0]).toMatch(/^runbook\tprint the runbook/);
  },
);

/** Completes on a terminal, as there is no other way to ask; each read waits for what it names. */
const TYPED_IN_ZSH = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source <(medic complete zsh); print REA''DY'
zpty -r shell out '*READY*'
zpty -w -n shell $'medic run\t'
zpty -r shell out '*runbook*'
zpty -w -n shell $'table\t'
zpty -r shell out '*table-full*'
print found
zpty -d shell`;

it.runIf(existsSync(ZSH))('zsh completes a command and then its failure mode', async () => {
  expect(await printedBy(ZSH, ['-f', '-c', TYPED_IN_ZSH])).toEqual(['found']);
});
