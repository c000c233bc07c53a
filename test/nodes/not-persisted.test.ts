import { describe, expect, it } from 'vitest';
import {
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { RAISE_A, ROLLBACK_A, ROLLBACK_B } from './support/scripts.ts';
import { hasNamespaces } from './support/shells.ts';

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

describe.runIf(canCover)('a raise that cannot be written down', () => {
  it.each([
    ['on a read-only /etc', READ_ONLY_ETC],
    ['on a full disk', FULL_ETC],
  ])('%s is kept running and says so for each file', async (_, preparation) => {
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
    const preparation =
      'mount -o bind /proc/sys/net/netfilter/nf_conntrack_buckets /proc/sys/net/netfilter/nf_conntrack_buckets && mount -o remount,bind,ro /proc/sys/net/netfilter/nf_conntrack_buckets';
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
  it('are carried out one after the other or turned away, never mixed', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    const both = await Promise.all([host.run('medic-raise', RAISE_A), host.run('medic-raise', RAISE_A)]);
    const outcomes = both
      .map(({ result }) => (result?.code === 'busy' ? 'busy' : String(result?.outcome)))
      .sort();
    expect([
      ['busy', 'raised'],
      ['raised', 'unchanged'],
    ]).toContainEqual(outcomes);
    await host.run('medic-rollback', ROLLBACK_A);
    expect(await host.configuration()).toEqual(before);
  });
});
