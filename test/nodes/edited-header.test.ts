import { chmod, chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openScratchHost } from './support/open-node.ts';
import { JOURNAL, type ScratchHost, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B, SETTINGS_A, SETTINGS_B } from './support/scripts.ts';
import { has, hasNamespaces, isRoot, SHELLS } from './support/shells.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const UNPERSISTED = '/run/conntrack-medic/unpersisted';

/** What somebody may have written into the header of our file, as a change of what is there after a raise and settings. */
const EDITED: readonly (readonly [string, RegExp, string])[] = [
  ['a leading zero, octal to a shell', /max=262144/, 'max=0262144'],
  ['a number beyond every limit', /max=262144/, 'max=99999999999'],
  ['a target beyond every parameter', /target=458752/, 'target=10000000'],
  ['a limit beyond every parameter', /max=262144/, 'max=10000000'],
  ['buckets beyond every parameter', /buckets=262144/, 'buckets=10000000'],
  ['a negative number', /buckets=262144/, 'buckets=-1'],
  ['no number', /max=262144/, 'max='],
  ['a number under another name', /target=458752/, 'limit=458752'],
  ['a number without its name', /max=262144 /, '262144 '],
  // Bash runs a command that stands in the index of an array when it calculates with it.
  ['a command where a shell calculates', /max=262144/, 'max=a[$(touch${IFS}/etc/owned)]'],
  ['a command in quotes', /max=262144/, 'max=`touch${IFS}/etc/owned`'],
  ['a word more', /target=458752/, 'target=458752 settings= more'],
  ['an incident that is a pattern', /inc-bbbbbbbb/, '.*'],
  ['an incident with a slash', /inc-bbbbbbbb/, '../../etc'],
  ['an incident that is too long', /inc-bbbbbbbb/, 'a'.repeat(65)],
  ['a key that is not ours', /(settings=)[^=]*/, '$1kernel.core_pattern'],
  ['the limit as a setting', /(settings=)[^=]*/, '$1net.netfilter.nf_conntrack_max'],
  ['a key twice', /(settings=)(.*)/, '$1$2,$2'],
  ['a setting that goes the wrong way', /=120:60/, '=5:60'],
  ['a setting out of its bounds', /=120:60/, '=120:1'],
  ['a setting of eight digits', /=120:60/, '=12000000:60'],
  ['a setting without a start', /=120:60/, '=:60'],
  ['an unfinished list', /=120:60/, '=120:60,'],
  ['another file', /# medic-before \S*modules\S*/, '# medic-before /etc/cron.d/medic'],
  ['a file above ours', /(# medic-before )(\S*modules\S*)/, '$1/etc/modules-load.d/../cron.d/medic'],
  ['a mode with a bit that runs as root', /(# medic-before \S+) absent/, '$1 4755:0:0:AAAA'],
  ['a mode that is none', /(# medic-before \S+) absent/, '$1 888:0:0:AAAA'],
  ['an owner that is an option', /(# medic-before \S+) absent/, '$1 644:--reference=/etc/shadow:0:AAAA'],
  ['a state without an owner', /(# medic-before \S+) absent/, '$1 644:AAAA'],
  ['bytes that are not base64', /(# medic-before \S+) absent/, '$1 644:0:0:$(id)'],
  ['a state of two words', /(# medic-before \S+) absent/, '$1 absent absent'],
  ['a setting that no store has', /# medic-end/, '# medic-store kernel.core_pattern absent\n# medic-end'],
  [
    'a store value that is a word',
    /# medic-end/,
    '# medic-store net.netfilter.nf_conntrack_max many\n# medic-end',
  ],
  ['a line of a kind that is not ours', /# medic-end/, '# medic-run id\n# medic-end'],
  ['a record within a record', /# medic-end\n/, ''],
  ['a line between records', /# medic-end\n/, `# medic-end\n# medic-before ${SYSCTL_FILE} absent\n`],
  ['a record that never ends', /(# medic-end\n[^]*)# medic-end\n/, '$1'],
  ['an end with words', /# medic-end\n/, '# medic-end here\n'],
  ['an end that is cut off', /(# medic-end)\n[^]*$/, '$1'],
  ['nothing after a line that is cut off', /\n[^]*$/, ''],
];

async function everything(host: ScratchHost) {
  return [await host.configuration(), await host.value('max'), await host.value('buckets')];
}

/** The commands that read the header, and what would come next on this node. */
const READERS = [
  ['medic-raise', RAISE_B],
  ['medic-settings', { ...SETTINGS_A, incident: 'inc-cccccccc' }],
  ['medic-rollback', ROLLBACK_B],
] as const;

async function changedTwice(): Promise<ScratchHost> {
  const host = await openScratchHost();
  expect((await host.run('medic-raise', RAISE_A)).exitCode).toBe(0);
  expect((await host.run('medic-settings', SETTINGS_B)).exitCode).toBe(0);
  return host;
}

describe.runIf(canCover).each(shells)(
  'a header of our file that somebody has written, under $name',
  ({ command }) => {
    let node: Promise<{ readonly host: ScratchHost; readonly text: string }> | undefined;
    const shell = command.join(' ');

    it.each(EDITED)('is refused with %s, and nothing is changed', async (_, what, by) => {
      // A refusal leaves everything as it was, so one node does for all.
      node ??= changedTwice().then(async (host) => ({ host, text: await host.text(SYSCTL_FILE) }));
      const { host, text } = await node;
      const edited = text.replace(what, by);
      expect(edited).not.toBe(text);
      await host.put(SYSCTL_FILE, edited);
      const before = await everything(host);
      for (const [document, parameters] of READERS) {
        const { exitCode, stderr, result } = await host.run(document, parameters, shell);
        expect({ document, exitCode, stderr, code: result?.code }).toEqual({
          document,
          exitCode: 3,
          stderr: '',
          code: 'header-unreadable',
        });
      }
      expect(await everything(host)).toEqual(before);
    });
  },
);

describe.runIf(canCover)('our file', () => {
  it.each<[string, (path: string) => Promise<void>]>([
    ['others may write to it', (path) => chmod(path, 0o646)],
    ['a group may write to it', (path) => chmod(path, 0o664)],
    ...(isRoot
      ? [
          ['it belongs to somebody else', (path: string) => chown(path, 65_534, 0)] satisfies [
            string,
            unknown,
          ],
        ]
      : []),
  ])('is not believed where %s', async (_, change) => {
    const host = await changedTwice();
    await change(host.path(SYSCTL_FILE));
    const before = await everything(host);
    for (const [document, parameters] of READERS)
      expect((await host.run(document, parameters)).result?.code).toBe('header-unreadable');
    expect(await everything(host)).toEqual(before);
  });

  it.each([
    ['a link', (path: string) => symlink('/etc/passwd', path)],
    ['a folder', (path: string) => mkdir(path)],
    ['a mebibyte', (path: string) => writeFile(path, '# medic-incident '.padEnd(1024 * 1024, 'x'))],
  ])('is not read where it is %s', async (_, make) => {
    const host = await changedTwice();
    await rm(host.path(SYSCTL_FILE));
    await make(host.path(SYSCTL_FILE));
    for (const [document, parameters] of READERS)
      expect((await host.run(document, parameters)).result?.code).toBe('unexpected-file');
  });

  it('keeps a record that can be read where somebody else moved a setting between two changes', async () => {
    const host = await scratchHost();
    const time = (from: number, to: number) => ({
      ...SETTINGS_B,
      changes: `net.netfilter.nf_conntrack_tcp_timeout_time_wait=${from}:${to}`,
    });
    await host.run('medic-settings', time(120, 60));
    await host.setSetting('net.netfilter.nf_conntrack_tcp_timeout_time_wait', 600);
    expect((await host.run('medic-settings', time(600, 130))).result?.outcome).toBe('changed');
    expect((await host.run('medic-rollback', ROLLBACK_B)).result?.outcome).toBe('rolled-back');
    expect(await host.setting('net.netfilter.nf_conntrack_tcp_timeout_time_wait')).toBe(600);
  });
});

describe.runIf(canCover)('what could not be written down', () => {
  it.each([
    [
      'a command',
      '# medic-incident inc-aaaaaaaa max=a[$(touch${IFS}/etc/owned)] buckets=262144 target=458752',
    ],
    ['a leading zero', '# medic-incident inc-aaaaaaaa max=0262144 buckets=262144 target=458752'],
    ['eight digits', '# medic-incident inc-aaaaaaaa max=10000000 buckets=262144 target=458752'],
    ['an older line that is none', `# medic-incident inc-aaaaaaaa max=262144 buckets=262144 target=0\nmax=1`],
    ['no line of ours', 'max=262144'],
    [
      'a line that is cut off',
      '# medic-incident inc-aaaaaaaa max=262144 buckets=262144 target=458752\n# medic',
    ],
  ])('is not believed with %s', async (_, text) => {
    const host = await scratchHost();
    await host.put(UNPERSISTED, text.endsWith('medic') ? text : `${text}\n`);
    await host.setValue('max', 458_752);
    const before = await everything(host);
    const raise = { ...RAISE_B, fromBuckets: '262144' };
    for (const [document, parameters] of [
      ['medic-raise', raise],
      ['medic-rollback', ROLLBACK_A],
    ] as const) {
      const { exitCode, stderr, result } = await host.run(document, parameters, 'bash --posix');
      expect({ exitCode, stderr, code: result?.code }).toEqual({
        exitCode: 1,
        stderr: '',
        code: 'header-unreadable',
      });
    }
    expect(await everything(host)).toEqual(before);
  });
});

describe.runIf(canCover)('a journal that is none of ours', () => {
  const journal = (lines: readonly string[], action = 'raise inc-aaaaaaaa') =>
    [
      'medic-journal/1',
      `action ${action}`,
      'values 262144 458752 262144 458752 no',
      ...lines,
      'end',
      '',
    ].join('\n');

  it.each([
    ['an incident that is a pattern', journal([], 'raise .*')],
    ['a number that a shell would calculate', journal(['entry a[$(touch${IFS}/etc/owned)] 1 0'])],
    ['a leading zero', journal(['entry 0262144 262144 0'])],
    ['a limit of eight digits', journal(['entry 10000000 262144 458752'])],
    ['buckets of eight digits', journal(['entry 262144 10000000 458752'])],
    ['a target of eight digits', journal(['entry 262144 262144 10000000'])],
    ['a setting that is not ours', journal(['settings kernel.core_pattern=1:2'])],
    ['a file with a bit that runs as root', journal([`file ${SYSCTL_FILE} absent 4755:0:0:AAAA`])],
    [
      'an owner that is an option',
      journal([`file ${SYSCTL_FILE} absent 644:--reference=/etc/shadow:0:AAAA`]),
    ],
  ])('is not acted on with %s', async (_, text) => {
    const host = await scratchHost();
    await host.put(JOURNAL, text, 0o600);
    const before = await everything(host);
    const { exitCode, stderr, result } = await host.run('medic-raise', RAISE_A, 'bash --posix');
    expect({ exitCode, stderr, code: result?.code }).toEqual({
      exitCode: 1,
      stderr: '',
      code: 'interrupted-run-unfinished',
    });
    expect(await everything(host)).toEqual(before);
  });

  it('is not read through a link', async () => {
    const host = await scratchHost();
    await host.put('/etc/journal', journal([]));
    await mkdir(dirname(host.path(JOURNAL)), { recursive: true });
    await symlink('/etc/journal', host.path(JOURNAL));
    expect((await host.run('medic-raise', RAISE_A)).result?.code).toBe('interrupted-run-unfinished');
    expect(await readFile(host.path('/etc/journal'), 'utf8')).toBe(journal([]));
  });
});
