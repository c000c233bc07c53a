import { existsSync } from 'node:fs';
import { chown, mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  JOURNAL,
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { RAISE_A, ROLLBACK_A } from './support/scripts.ts';
import { find, has, hasNamespaces, isRoot, SHELLS } from './support/shells.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const UNPERSISTED = '/run/conntrack-medic/unpersisted';

/** Every name under which the scripts write a file before it gets its place. */
const TEMPORARY = [
  `${SYSCTL_FILE}.medic-new`,
  `${MODULES_FILE}.medic-new`,
  `${MODPROBE_FILE}.medic-new`,
  `${JOURNAL}.new`,
  '/var/lib/conntrack-medic/rolled-back.new',
  '/run/conntrack-medic/rolled-back.new',
  `${UNPERSISTED}.new`,
] as const;

/** Two files that a link may lead to: one that is there, one that is not. */
const VICTIM = '/etc/victim';
const MISSING = '/etc/missing';

async function plant(host: ScratchHost, name: string, to: string): Promise<void> {
  await mkdir(dirname(host.path(name)), { recursive: true });
  await symlink(to, host.path(name));
}

async function untouched(host: ScratchHost): Promise<void> {
  expect(await host.text(VICTIM)).toBe('of somebody else\n');
  expect(existsSync(host.path(MISSING))).toBe(false);
}

/** A shell in whose namespace /etc cannot be written to. */
async function readOnlyEtc(host: ScratchHost, shell: string): Promise<string> {
  const lines = ['mount -o remount,bind,ro /etc', `exec ${shell} "$1"`];
  await host.put('/read-only.sh', lines.join('\n'), 0o755);
  return `sh ${host.path('/read-only.sh')}`;
}

describe.runIf(canCover).each(shells)('links at temporary names, under $name', ({ command }) => {
  const shell = command.join(' ');

  it.each([
    ['dangling', MISSING],
    ['to a file', VICTIM],
    ['to a folder', '/etc/modprobe.d'],
  ])('%s, are replaced and never followed', async (_, to) => {
    const host = await scratchHost();
    await host.put(VICTIM, 'of somebody else\n');
    for (const name of TEMPORARY) await plant(host, name, to);
    const raised = await host.run('medic-raise', RAISE_A, shell);
    expect(raised).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'raised', code: '' } });
    await untouched(host);
    expect(await host.text(SYSCTL_FILE)).toMatch(/nf_conntrack_max = 458752/);
    const back = await host.run('medic-rollback', ROLLBACK_A, shell);
    expect(back).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'rolled-back', code: '' } });
    expect(await host.text('/var/lib/conntrack-medic/rolled-back')).toBe(`${RAISE_A.incident}\n`);
    await untouched(host);
  });

  it('are not followed by what is noted in /run when /etc takes no file', async () => {
    const host = await scratchHost();
    await host.put(VICTIM, 'of somebody else\n');
    await plant(host, `${UNPERSISTED}.new`, VICTIM);
    const { result } = await host.run('medic-raise', RAISE_A, await readOnlyEtc(host, shell));
    expect(result?.code).toBe('not-persisted');
    expect(await host.text(UNPERSISTED)).toContain(RAISE_A.incident);
    await untouched(host);
  });

  it.each([
    ['dangling', MISSING],
    ['to a file', VICTIM],
  ])('%s, that come back between two commands, are not followed either', async (_, to) => {
    const host = await scratchHost();
    await host.put(VICTIM, 'of somebody else\n');
    await plant(host, `${SYSCTL_FILE}.medic-new`, to);
    const removed = `${find('rm')} "$@"\nfor last; do :; done`;
    const again = `case $last in *.medic-new) [ -L "$last" ] || ${find('ln')} -s ${to} "$last" ;; esac`;
    await host.put('/bin-of-node/rm', `#!/bin/sh\n${removed}\n${again}\n`, 0o755);
    const PATH = `${host.path('/bin-of-node')}:${process.env['PATH']}`;
    const { result } = await host.run('medic-raise', RAISE_A, shell, { PATH });
    expect(result).toMatchObject({ outcome: 'raised', code: 'not-persisted' });
    expect(result?.files).toContainEqual({ path: SYSCTL_FILE, state: 'failed' });
    await untouched(host);
  });

  it.each([
    ['the folder in /run', '/run/conntrack-medic', VICTIM.replace('victim', 'modprobe.d')],
    ['the lock', '/run/conntrack-medic/lock', MISSING],
  ])('in place of %s: nothing is begun', async (_, name, to) => {
    const host = await scratchHost();
    await plant(host, name, to);
    const before = await host.configuration();
    const { exitCode, result } = await host.run('medic-raise', RAISE_A, shell);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 1, code: 'write-failed' });
    expect([await host.value('max'), await host.configuration()]).toEqual([262_144, before]);
    expect(await readlink(host.path(name))).toBe(to);
  });

  it('in place of the folder in /var/lib: the journal is kept elsewhere and no file covers the change', async () => {
    const host = await scratchHost();
    await plant(host, '/var/lib/conntrack-medic', '/etc/modprobe.d');
    const before = await host.configuration();
    const { result } = await host.run('medic-raise', RAISE_A, shell);
    expect(result).toMatchObject({ outcome: 'raised', code: 'not-persisted' });
    expect(await host.configuration()).toEqual(before);
  });
});

describe.runIf(canCover && isRoot)('a folder of somebody else', () => {
  it('in place of ours in /run: nothing is begun', async () => {
    const host = await scratchHost();
    await mkdir(host.path('/run/conntrack-medic'));
    await chown(host.path('/run/conntrack-medic'), 65_534, 65_534);
    expect((await host.run('medic-raise', RAISE_A)).result?.code).toBe('write-failed');
    expect(await host.value('max')).toBe(262_144);
  });
});
