import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MedicDocument } from '../../nodes/documents.ts';
import {
  JOURNAL,
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { RAISE_A, ROLLBACK_A, SETTINGS_B } from './support/scripts.ts';
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

/** A journal after which a settling run would write a file of somebody's choice. */
const HOSTILE_JOURNAL = [
  'medic-journal/1',
  'action raise inc-zzzzzzzz',
  'values 131072 131072 32768 32768 no',
  `file ${MODPROBE_FILE} 644:0:0:${Buffer.from('install nf_conntrack /bin/sh').toString('base64')} absent`,
  'end',
  '',
].join('\n');

/** Everything beside the files under /etc that a change reads back: a folder, or a file with such a text. */
const READ_BACK: readonly { readonly path: string; readonly text?: string }[] = [
  { path: '/var/lib/conntrack-medic' },
  { path: '/run/conntrack-medic' },
  { path: JOURNAL, text: HOSTILE_JOURNAL },
  { path: '/run/conntrack-medic/journal', text: HOSTILE_JOURNAL },
  { path: UNPERSISTED, text: '# medic-incident inc-aaaaaaaa max=131072 buckets=32768 target=262144\n' },
  { path: '/var/lib/conntrack-medic/rolled-back', text: 'inc-zzzzzzzz\n' },
  { path: '/run/conntrack-medic/rolled-back', text: 'inc-zzzzzzzz\n' },
  { path: '/run/conntrack-medic/buckets-before', text: '1\n' },
];

const RAISE = ['medic-raise', RAISE_A] as const;
/** Every command that changes a node. */
const ALL = [
  RAISE,
  ['medic-settings', SETTINGS_B],
  ['medic-rollback', ROLLBACK_A],
  ['medic-delete-udp-entry', { ...ROLLBACK_A, destination: '10.96.0.10', port: '53', target: '10.1.1.5' }],
] as const;

/** Each command refuses or fails, says what to look at, and leaves everything as it was. */
async function expectRefused(
  host: ScratchHost,
  shell: string,
  commands: readonly (readonly [MedicDocument['name'], Readonly<Record<string, string>>])[],
): Promise<void> {
  const before = await host.configuration();
  for (const [document, parameters] of commands) {
    const { stderr, result } = await host.run(document, parameters, shell);
    expect({ document, stderr, outcome: result?.outcome }).toEqual({
      document,
      stderr: '',
      outcome: expect.stringMatching(/^(?:refused|failed)$/),
    });
    expect(['unexpected-file', 'write-failed', 'interrupted-run-unfinished']).toContain(result?.code);
    expect(result?.detail).toMatch(
      /conntrack-medic\S*.*; nothing was changed\. Look at it.*, then remove it\.$/,
    );
  }
  expect([await host.value('max'), await host.configuration()]).toEqual([262_144, before]);
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

  it.each(READ_BACK)(
    'in place of $path: nothing is begun and nothing done that it says',
    async ({ path, text }) => {
      const host = await scratchHost();
      // What it leads to could have been written by anybody.
      if (text === undefined) await host.put('/run/theirs/journal', HOSTILE_JOURNAL);
      else await host.put('/run/theirs', text);
      await plant(host, path, '/run/theirs');
      await expectRefused(host, shell, ALL);
      expect(await readlink(host.path(path))).toBe('/run/theirs');
    },
  );
});

describe.runIf(canCover).each(shells)('what is not of root alone, under $name', ({ command }) => {
  const shell = command.join(' ');

  it.each(
    READ_BACK.flatMap((one) =>
      [...(isRoot ? ['of somebody else'] : []), 'writable for a group', 'writable for all'].map((whose) => {
        return { ...one, whose };
      }),
    ),
  )('$path $whose: nothing is begun and nothing done that it says', async ({ path, text, whose }) => {
    const host = await scratchHost();
    const file = text === undefined ? `${path}/journal` : path;
    await host.put(file, text ?? HOSTILE_JOURNAL, 0o600);
    const mode = text === undefined ? 0o700 : 0o600;
    await chmod(host.path(path), mode | { 'writable for a group': 0o020, 'writable for all': 0o002 }[whose]!);
    if (whose === 'of somebody else') await chown(host.path(path), 65_534, 0);
    await expectRefused(host, shell, [RAISE]);
    expect(await host.text(file)).toBe(text ?? HOSTILE_JOURNAL);
  });
});
