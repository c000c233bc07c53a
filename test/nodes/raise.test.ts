import { chmod, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MODPROBE_FILE, MODULES_FILE, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B } from './support/scripts.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';
import { STRANGERS } from './support/strangers.ts';

const canCover = hasNamespaces();

describe.runIf(canCover).each(SHELLS.filter(({ binary }) => has(binary)))(
  'raise.sh and rollback.sh under $name',
  ({ command }) => {
    const shell = command.join(' ');

    it('raise limit and buckets, write what makes them last, and put all of it back', async () => {
      const host = await scratchHost();
      const before = await host.configuration();
      const raised = await host.run('medic-raise', RAISE_A, shell);
      expect(raised).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'raised', code: '' } });
      expect(raised.result).toMatchObject({
        max: { before: 262_144, after: 458_752 },
        buckets: { before: 262_144, after: 458_752 },
        count: 1_000,
        files: [SYSCTL_FILE, MODULES_FILE, MODPROBE_FILE].map((path) => ({ path, state: 'written' })),
      });
      expect([await host.value('max'), await host.value('buckets')]).toEqual([458_752, 458_752]);
      expect(await host.text(SYSCTL_FILE)).toMatch(
        /\nnet\.netfilter\.nf_conntrack_buckets = 458752\nnet\.netfilter\.nf_conntrack_max = 458752\n$/,
      );
      expect(await host.text(MODULES_FILE)).toMatch(/^nf_conntrack$/m);
      expect(await host.text(MODPROBE_FILE)).toMatch(/^options nf_conntrack hashsize=458752$/m);

      const back = await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(back).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'rolled-back', code: '' } });
      expect(back.result?.max).toEqual({ before: 458_752, after: 262_144 });
      expect(back.result?.detail).toMatch(/Buckets stay at 458,752/);
      expect(await host.configuration()).toEqual(before);
    });

    it('restore files that were there before byte for byte, with their modes', async () => {
      const host = await scratchHost();
      await host.put(
        SYSCTL_FILE,
        '# mine\r\nnet.netfilter.nf_conntrack_max=1\xff\x01\n\n\nno newline at end',
        0o600,
      );
      await host.put(MODULES_FILE, '', 0o640);
      await host.put(MODPROBE_FILE, "options x y='$(id)' `id` \\n\n", 0o444);
      const before = await host.configuration();
      await host.run('medic-raise', RAISE_A, shell);
      expect(await host.configuration()).not.toEqual(before);
      await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(await host.configuration()).toEqual(before);
    });

    it('keep a stack: two raises come off in reverse, each to the exact state before it', async () => {
      const host = await scratchHost();
      await host.put(SYSCTL_FILE, '# of somebody else\n');
      const original = await host.configuration();
      await host.run('medic-raise', RAISE_A, shell);
      await chmod(host.path(SYSCTL_FILE), 0o600);
      const afterA = await host.configuration();
      await host.run('medic-raise', RAISE_B, shell);
      const afterB = await host.configuration();

      const refused = await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(refused).toMatchObject({
        exitCode: 3,
        result: { outcome: 'refused', code: 'not-our-incident' },
      });
      expect(refused.result?.detail).toContain(RAISE_B.incident);
      expect(await host.configuration()).toEqual(afterB);
      expect(await host.value('max')).toBe(917_504);

      await host.run('medic-rollback', ROLLBACK_B, shell);
      expect(await host.configuration()).toEqual(afterA);
      expect(await host.value('max')).toBe(458_752);
      await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(await host.configuration()).toEqual(original);
      expect(await host.value('max')).toBe(262_144);
    });

    it('make the directories that are missing, and leave none behind', async () => {
      const host = await scratchHost();
      await rm(host.path('/etc/modprobe.d'), { recursive: true });
      const before = await host.configuration();
      expect((await host.run('medic-raise', RAISE_A, shell)).result?.outcome).toBe('raised');
      expect(await host.text(MODPROBE_FILE)).toContain('hashsize=458752');
      await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(await host.configuration()).toEqual(before);
    });

    it('say that a second raise and a second rollback have nothing to do', async () => {
      const host = await scratchHost();
      await host.run('medic-raise', RAISE_A, shell);
      const raised = await host.configuration();
      expect(await host.run('medic-raise', RAISE_A, shell)).toMatchObject({
        exitCode: 0,
        result: { outcome: 'unchanged' },
      });
      expect(await host.configuration()).toEqual(raised);
      await host.run('medic-rollback', ROLLBACK_A, shell);
      const again = await host.run('medic-rollback', ROLLBACK_A, shell);
      expect(again).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged' } });
      expect(again.result?.detail).toMatch(/rolled back before/);
    });
  },
);

describe.runIf(canCover)('raise.sh', () => {
  it('leaves the files of the module out where connection tracking is built in', async () => {
    const host = await scratchHost({ isModule: true });
    await host.put('/proc/modules', 'ext4 1 1 - Live 0x0\n');
    const { result } = await host.run('medic-raise', RAISE_A);
    expect(result?.files.map(({ path }) => path)).toEqual([SYSCTL_FILE]);
    expect(result?.detail).toMatch(/built into this kernel/);
  });

  it('raises again for the same incident so that one rollback undoes both', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    const more = {
      ...RAISE_A,
      fromMax: '458752',
      toMax: '655360',
      fromBuckets: '458752',
      toBuckets: '655360',
    };
    expect((await host.run('medic-raise', more)).result?.outcome).toBe('raised');
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.max).toEqual({
      before: 655_360,
      after: 262_144,
    });
    expect(await host.configuration()).toEqual(before);
  });

  it('never lowers buckets that are above the plan', async () => {
    const host = await scratchHost({ buckets: 1_048_576 });
    const parameters = { ...RAISE_A, fromBuckets: '1048576' };
    expect((await host.run('medic-raise', parameters)).result?.buckets).toEqual({
      before: 1_048_576,
      after: 1_048_576,
    });
    expect(await host.text(MODPROBE_FILE)).toContain('hashsize=1048576');
  });

  it('reports the files of others that set another limit, and leaves them alone', async () => {
    const host = await scratchHost();
    await host.put('/etc/sysctl.conf', '# a comment\nnet.netfilter.nf_conntrack_max = 131072\n');
    await host.put('/etc/sysctl.d/99-zzz-late.conf', 'net/nf_conntrack_max=65536\nnet.core.somaxconn=1\n');
    await host.put('/etc/sysctl.d/10-early.conf', 'net.netfilter.nf_conntrack_max = 1\n');
    await host.put('/etc/sysctl.d/99-zzzz-same.conf', 'net.netfilter.nf_conntrack_max = 458752\n');
    const { result } = await host.run('medic-raise', RAISE_A);
    expect(result?.notCovered).toEqual([
      '/etc/sysctl.d/99-zzz-late.conf:1 sets 65,536',
      '/etc/sysctl.conf:2 sets 131,072',
    ]);
    expect(await host.text('/etc/sysctl.conf')).toBe(
      '# a comment\nnet.netfilter.nf_conntrack_max = 131072\n',
    );
  });

  it.each(Object.entries(STRANGERS))(
    'is not held up by %s and says that it was not read',
    async (_, make) => {
      const host = await scratchHost();
      for (const file of ['/etc/sysctl.d/99-zzz-late.conf', '/etc/tuned/active_profile', '/etc/os-release']) {
        await host.put(file, '');
        await rm(host.path(file));
        await make(host.path(file));
      }
      const { exitCode, result } = await host.run('medic-raise', RAISE_A);
      expect({ exitCode, outcome: result?.outcome }).toEqual({ exitCode: 0, outcome: 'raised' });
      expect(result?.notCovered).toEqual([
        '/etc/sysctl.d/99-zzz-late.conf is no plain file of a sane size and was not read',
      ]);
    },
  );

  it('in ensure mode raises a node from wherever it stands', async () => {
    const host = await scratchHost({ max: 131_072, buckets: 32_768 });
    const { result } = await host.run('medic-raise', { ...RAISE_A, mode: 'ensure', toBuckets: '131072' });
    expect(result).toMatchObject({ outcome: 'raised', max: { before: 131_072, after: 458_752 } });
  });

  it('in ensure mode leaves a higher limit alone and makes nothing lower last', async () => {
    const host = await scratchHost({ max: 1_048_576 });
    const { exitCode, result } = await host.run('medic-raise', { ...RAISE_A, mode: 'ensure' });
    expect({ exitCode, result }).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged' } });
    expect(await host.value('max')).toBe(1_048_576);
    expect(await host.text(SYSCTL_FILE)).toMatch(/nf_conntrack_max = 1048576/);
  });

  it('in ensure mode adds nothing on top of a raise that already makes enough last', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    const raised = await host.configuration();
    const joined = { ...RAISE_B, mode: 'ensure', toMax: '393216', toBuckets: '393216' };
    expect((await host.run('medic-raise', joined)).result?.outcome).toBe('unchanged');
    expect(await host.configuration()).toEqual(raised);
  });
});
