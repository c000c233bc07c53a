import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B, SETTINGS_A, SETTINGS_B } from './support/scripts.ts';
import { has, hasNamespaces } from './support/shells.ts';

const canCover = hasNamespaces();

/** A shell that makes the namespace's own mounts worse, runs the script and notes which files are under /etc after. */
async function shellAfter(host: ScratchHost, preparation: string): Promise<string> {
  const lines = [
    preparation,
    'dash "$1"',
    'code=$?',
    'find /etc -type f ! -path "/etc/alternatives/*" ! -name filler >"${0%/*}/left"',
    'exit $code',
  ];
  await host.put('/prepare.sh', lines.join('\n'), 0o755);
  return `sh ${host.path('/prepare.sh')}`;
}

const READ_ONLY_ETC = 'mount -o remount,bind,ro /etc';
const FULL_ETC = [
  'mkdir -p /mnt/etc && mount -t tmpfs -o size=16k full /mnt && mkdir -p /mnt/sysctl.d /mnt/modules-load.d /mnt/modprobe.d',
  'mount -o rbind /mnt /etc',
  'head -c 65536 /dev/zero >/etc/filler 2>/dev/null || true',
].join('\n');

/** What SELinux answers with, EACCES: root without the right to override modes, in folders that it may not write to. */
const DENIED_ETC = [
  'chmod 0555 /etc /etc/sysctl.d /etc/modules-load.d /etc/modprobe.d',
  'if [ -z "${DENIED-}" ]; then DENIED=yes exec setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search sh "$0" "$1"; fi',
  'if (: >/etc/sysctl.d/probe) 2>/dev/null; then echo still writable; exit 99; fi',
].join('\n');
/** Undoes DENIED_ETC, without which nobody but root could remove the folders. */
async function allowWriting(host: ScratchHost): Promise<void> {
  const folders = ['', '/sysctl.d', '/modules-load.d', '/modprobe.d'].map((at) => host.path(`/etc${at}`));
  await Promise.all(folders.map((folder) => chmod(folder, 0o755)));
}

const WAYS = [
  ['on a read-only /etc', READ_ONLY_ETC],
  ['on a full disk', FULL_ETC],
  ...(has('setpriv') ? [['where writing is denied', DENIED_ETC] as const] : []),
] as const;

describe.runIf(canCover)('a raise that cannot be written down', () => {
  it.each(WAYS)('%s is kept running and says so for each file', async (_, preparation) => {
    const host = await scratchHost();
    const { exitCode, result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, preparation));
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { outcome: 'raised', code: 'not-persisted', max: { before: 262_144, after: 458_752 } },
    });
    expect(result?.detail).toMatch(/a reboot may undo it/);
    expect(result?.files).toEqual(
      [SYSCTL_FILE, MODULES_FILE, MODPROBE_FILE].map((path) => ({ path, state: 'failed' })),
    );
    expect(await host.text('/left')).toBe('');
    await allowWriting(host);
  });

  it('can be rolled back by its incident alone', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A, await shellAfter(host, READ_ONLY_ETC));
    expect((await host.run('medic-rollback', ROLLBACK_B)).result).toMatchObject({
      code: 'not-our-incident',
      detail: expect.stringContaining(RAISE_A.incident),
    });
    expect((await host.run('medic-rollback', ROLLBACK_A)).result).toMatchObject({
      outcome: 'rolled-back',
      max: { before: 458_752, after: 262_144 },
    });
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('unchanged');
  });

  it('is written down by the same command once the disk takes files again', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A, await shellAfter(host, READ_ONLY_ETC));
    const again = await host.run('medic-raise', RAISE_A);
    expect(again).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged', code: '' } });
    expect(await host.text(SYSCTL_FILE)).toMatch(/max=262144 buckets=262144 target=458752/);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.max?.after).toBe(262_144);
    expect(await host.configuration()).toEqual(before);
  });

  it('writes no file when the journal can only be kept where a power cut erases it', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    const preparation = 'mkdir -p /mnt/lib && mount -t tmpfs -o ro empty /var/lib';
    const { result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, preparation));
    expect(result).toMatchObject({ outcome: 'raised', code: 'not-persisted' });
    expect(await host.configuration()).toEqual(before);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.max?.after).toBe(262_144);
  });

  it('reports the one file that failed and keeps the others', async () => {
    const host = await scratchHost();
    const preparation =
      'mount -o rbind /etc/modprobe.d /etc/modprobe.d && mount -o remount,bind,ro /etc/modprobe.d';
    const { result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, preparation));
    expect(result).toMatchObject({ outcome: 'raised', code: 'not-persisted' });
    expect(result?.files).toContainEqual({ path: MODPROBE_FILE, state: 'failed' });
    expect(result?.files).toContainEqual({ path: SYSCTL_FILE, state: 'written' });
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
  });
});

describe.runIf(canCover)('settings that cannot be written down', () => {
  it.each(WAYS)(
    '%s are kept running, come off by their incident alone and are told truly',
    async (_, preparation) => {
      const host = await scratchHost();
      const before = await host.configuration();
      const { exitCode, result } = await host.run(
        'medic-settings',
        SETTINGS_A,
        await shellAfter(host, preparation),
      );
      expect({ exitCode, result }).toMatchObject({
        exitCode: 0,
        result: { outcome: 'changed', code: 'not-persisted' },
      });
      expect(result?.files).toEqual([SYSCTL_FILE, MODULES_FILE].map((path) => ({ path, state: 'failed' })));
      expect(await host.text('/left')).toBe('');
      await allowWriting(host);
      expect((await host.run('medic-rollback', ROLLBACK_B)).result?.code).toBe('not-our-incident');
      expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
      expect(await host.setting('net.netfilter.nf_conntrack_tcp_timeout_close_wait')).toBe(3_600);
      expect(await host.configuration()).toEqual(before);
    },
  );

  it('are written down by the same command once the disk takes files again', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-settings', SETTINGS_A, await shellAfter(host, READ_ONLY_ETC));
    const again = await host.run('medic-settings', SETTINGS_A);
    expect(again).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged', code: '' } });
    expect(await host.text(SYSCTL_FILE)).toMatch(/settings=.*close_wait=3600:60/);
    await host.run('medic-rollback', ROLLBACK_A);
    expect(await host.setting('net.netfilter.nf_conntrack_tcp_timeout_close_wait')).toBe(3_600);
    expect(await host.configuration()).toEqual(before);
  });

  it('of which the kernel refuses one are all taken back', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    const key = '/proc/sys/net/ipv4/neigh/default/gc_thresh1';
    const preparation = `mount -o bind ${key} ${key} && mount -o remount,bind,ro ${key}`;
    const { exitCode, result } = await host.run(
      'medic-settings',
      SETTINGS_A,
      await shellAfter(host, preparation),
    );
    expect({ exitCode, result }).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'write-failed', detail: expect.stringContaining('gc_thresh1') },
    });
    expect(await host.setting('net.ipv4.neigh.default.gc_thresh3')).toBe(1_024);
    expect(await host.setting('net.netfilter.nf_conntrack_tcp_timeout_close_wait')).toBe(3_600);
    expect(await host.configuration()).toEqual(before);
  });
});

describe.runIf(canCover)('a node whose root file system is read-only', () => {
  it.each([
    ['medic-raise', RAISE_A],
    ['medic-settings', SETTINGS_A],
  ] as const)('is left alone by %s, which could make nothing last there', async (document, parameters) => {
    const host = await scratchHost();
    await host.put(
      '/proc/mounts',
      'overlay / overlay rw 0 0\n/dev/dm-0 / ext4 ro,relatime 0 0\ntmpfs /run tmpfs rw 0 0\n',
    );
    const { exitCode, result } = await host.run(document, parameters, await shellAfter(host, READ_ONLY_ETC));
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'read-only-root' });
    expect(await host.value('max')).toBe(262_144);
  });
});

/** Up to 4.13 buckets can be read there and are set by the module's parameter. */
const READ_ONLY_BUCKETS =
  'mount -o bind /proc/sys/net/netfilter/nf_conntrack_buckets /proc/sys/net/netfilter/nf_conntrack_buckets && mount -o remount,bind,ro /proc/sys/net/netfilter/nf_conntrack_buckets';

describe.runIf(canCover && existsSync('/sys/module/nf_conntrack'))(
  'a kernel that takes buckets by the module parameter only',
  () => {
    it('is raised, and sysctl.d holds no line that could not be applied', async () => {
      const host = await scratchHost();
      const before = await host.configuration();
      const { result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, READ_ONLY_BUCKETS));
      expect(result).toMatchObject({
        outcome: 'raised',
        code: '',
        buckets: { before: 262_144, after: 458_752 },
      });
      expect(await host.text(SYSCTL_FILE)).not.toMatch(/^net\.netfilter\.nf_conntrack_buckets/m);
      expect(await host.text(MODPROBE_FILE)).toMatch(/hashsize=458752/);
      await host.run('medic-rollback', ROLLBACK_A);
      expect(await host.configuration()).toEqual(before);
    });

    it('gets more buckets with the limit written beside them, which the module would take as 8 x as many', async () => {
      const host = await scratchHost();
      const before = await host.configuration();
      const changes = 'net.netfilter.nf_conntrack_buckets=262144:524288';
      const shell = await shellAfter(host, READ_ONLY_BUCKETS);
      const { result } = await host.run('medic-settings', { ...SETTINGS_A, changes }, shell);
      expect(result).toMatchObject({ outcome: 'changed', code: '' });
      expect(await host.text(MODPROBE_FILE)).toMatch(/hashsize=524288/);
      expect(await host.text(SYSCTL_FILE)).toMatch(/^net\.netfilter\.nf_conntrack_max = 262144$/m);
      await host.run('medic-rollback', ROLLBACK_A);
      expect(await host.configuration()).toEqual(before);
    });
  },
);

describe.runIf(canCover)('a kernel that refuses', () => {
  it('the limit leaves no file behind', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    const preparation =
      'mount -o bind /proc/sys/net/netfilter/nf_conntrack_max /proc/sys/net/netfilter/nf_conntrack_max && mount -o remount,bind,ro /proc/sys/net/netfilter/nf_conntrack_max';
    const { exitCode, result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, preparation));
    expect({ exitCode, result }).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'write-failed' },
    });
    expect(result?.max).toEqual({ before: 262_144, after: 262_144 });
    expect(await host.configuration()).toEqual(before);
  });

  it('the buckets leaves the limit alone', async () => {
    const host = await scratchHost();
    const preparation = `${READ_ONLY_BUCKETS}\nmount -o remount,bind,ro /sys/module/nf_conntrack`;
    const { exitCode, result } = await host.run('medic-raise', RAISE_A, await shellAfter(host, preparation));
    expect({ exitCode, result }).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'write-failed' },
    });
    expect(await host.value('max')).toBe(262_144);
  });
});

describe.runIf(canCover)('a rollback on a read-only /etc', () => {
  it('fails for the files, says so and can be repeated', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    const { exitCode, result } = await host.run(
      'medic-rollback',
      ROLLBACK_A,
      await shellAfter(host, READ_ONLY_ETC),
    );
    expect({ exitCode, result }).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'write-failed' },
    });
    expect(result?.max).toEqual({ before: 458_752, after: 262_144 });
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
    expect(await host.configuration()).toEqual(before);
  });
});

describe.runIf(canCover)('two commands at once', () => {
  it.each([
    ['one delivered twice', RAISE_A],
    ['two incidents', { ...RAISE_A, incident: RAISE_B.incident }],
    ['a raise and settings', undefined],
  ])('%s are carried out one after the other or turned away, never mixed', async (_, other) => {
    const host = await scratchHost();
    const before = await host.configuration();
    const second = other === undefined ? ('medic-settings' as const) : ('medic-raise' as const);
    const both = await Promise.all([host.run('medic-raise', RAISE_A), host.run(second, other ?? SETTINGS_B)]);
    const answers = both.map(({ result }) => (result?.outcome === 'refused' ? result.code : result?.outcome));
    for (const answer of answers) {
      expect(['busy', 'value-moved', 'raised', 'changed', 'unchanged']).toContain(answer);
    }
    expect(answers.some((answer) => answer === 'raised' || answer === 'changed')).toBe(true);
    for (const rollback of [ROLLBACK_B, ROLLBACK_A, ROLLBACK_B]) await host.run('medic-rollback', rollback);
    expect(await host.configuration()).toEqual(before);
    expect(await host.value('max')).toBe(262_144);
  });
});
