import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scripts } from './support/scripts.ts';
import { has, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const names = ['collect', 'probe', 'raise', 'settings', 'deleteUdpEntry', 'rollback', 'trace'] as const;

async function fileOf(name: (typeof names)[number]): Promise<string> {
  const path = join(await temporaryDirectory(), `${name}.sh`);
  await writeFile(path, `#!/bin/sh\nMEDIC_NONCE=''\n${scripts[name]}`);
  return path;
}

describe.runIf(has('shellcheck'))('shellcheck', () => {
  it.each(names)('finds nothing in %s.sh as POSIX shell', async (name) => {
    const { exitCode, stdout } = await run(['shellcheck', '-s', 'sh', '-S', 'style', await fileOf(name)]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });
});

describe.each(SHELLS.filter(({ binary }) => has(binary)))('$name', ({ command }) => {
  it.each(names)('parses %s.sh', async (name) => {
    expect(await run([...command, '-n', await fileOf(name)])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('the node scripts', () => {
  it.each(names)('%s.sh never evaluates text, reloads all settings or flushes the table', (name) => {
    const commands = scripts[name].replace(/^\s*#.*$/gm, '');
    expect(commands).not.toMatch(/\beval\b|sysctl --system|sysctl -p|(conntrack|matching) (-F|--flush)/);
  });

  it.each(names.filter((name) => name !== 'deleteUdpEntry'))('%s.sh never touches an entry', (name) => {
    expect(scripts[name].replace(/^\s*#.*$/gm, '')).not.toMatch(/conntrack -[DIU]|matching/);
  });

  it.each(['collect', 'probe'] as const)('%s.sh writes to no path but /dev/null', (name) => {
    const commands = scripts[name].replace(/^\s*#.*$/gm, '');
    const targets = [...commands.matchAll(/(?<![<\d&$(-])\d?>{1,2}(?!=|&| )\s*([^\s;)}']+)/g)].map(
      ([, target]) => target,
    );
    expect(new Set(targets)).toEqual(new Set(['/dev/null']));
  });
});
