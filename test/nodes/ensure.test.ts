import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MODPROBE_FILE, MODULES_FILE, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A } from './support/scripts.ts';
import { hasNamespaces } from './support/shells.ts';

const canCover = hasNamespaces();
const ENSURE_A = { ...RAISE_A, mode: 'ensure' } as const;
/** What an association of another incident asks for: less than incident A has raised to. */
const ENSURE_LESS_B = { ...RAISE_B, mode: 'ensure', toMax: '393216', toBuckets: '393216' } as const;

describe.runIf(canCover)('raise.sh in ensure mode', () => {
  it('changes nothing on a node that has what is asked for, and says so', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', ENSURE_A);
    const raised = await host.configuration();
    const { exitCode, result } = await host.run('medic-raise', ENSURE_A);
    expect({ exitCode, result }).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged', code: '' } });
    expect(await host.configuration()).toEqual(raised);
  });

  it.each([
    [
      'kube-proxy has set another limit',
      async (host: Awaited<ReturnType<typeof scratchHost>>) => host.setValue('max', 131_072),
    ],
    [
      'the module was loaded anew',
      async (host: Awaited<ReturnType<typeof scratchHost>>) => {
        await host.setValue('max', 65_536);
        await host.setValue('buckets', 65_536);
      },
    ],
    ['a file is gone', (host: Awaited<ReturnType<typeof scratchHost>>) => rm(host.path(MODPROBE_FILE))],
    [
      'a file was edited',
      (host: Awaited<ReturnType<typeof scratchHost>>) => host.put(MODULES_FILE, '# nothing\n'),
    ],
  ])('brings back what was raised when %s, and one rollback still undoes it', async (_, drift) => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    const raised = await host.configuration();
    await drift(host);
    const { exitCode } = await host.run('medic-raise', ENSURE_A);
    expect(exitCode).toBe(0);
    expect([await host.value('max'), await host.value('buckets')]).toEqual([458_752, 458_752]);
    expect(await host.configuration()).toEqual(raised);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.max?.after).toBe(262_144);
    expect(await host.configuration()).toEqual(before);
  });

  it('repairs only the running limit where a raise of another incident makes more last', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    const raised = await host.configuration();
    await host.setValue('max', 131_072);
    expect((await host.run('medic-raise', ENSURE_LESS_B)).result).toMatchObject({
      outcome: 'raised',
      max: { before: 131_072, after: 458_752 },
    });
    expect(await host.configuration()).toEqual(raised);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.max?.after).toBe(262_144);
    expect(await host.configuration()).toEqual(before);
  });

  it('never makes a higher limit, which somebody else has set, one that a rollback takes away', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    await host.setValue('max', 600_000);
    expect((await host.run('medic-raise', ENSURE_A)).result?.outcome).toBe('unchanged');
    expect(await host.text(SYSCTL_FILE)).toMatch(/nf_conntrack_max = 600000/);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
    expect(await host.value('max')).toBe(600_000);
  });

  it('keeps within the memory of the node that it meets', async () => {
    const host = await scratchHost({ max: 65_536, memTotalKiB: 2_000_000, memAvailableKiB: 1_500_000 });
    const { result } = await host.run('medic-raise', ENSURE_A);
    expect(result).toMatchObject({ outcome: 'refused', code: 'above-memory-bound' });
    expect(await host.value('max')).toBe(65_536);
  });
});

describe.runIf(canCover)('a raise that arrives after its rollback', () => {
  it.each(['exact', 'ensure'])('is refused in %s mode, however it got there', async (mode) => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    await host.run('medic-rollback', ROLLBACK_A);
    const { exitCode, result } = await host.run('medic-raise', { ...RAISE_A, mode });
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'rolled-back' });
    expect([await host.value('max'), await host.configuration()]).toEqual([262_144, before]);
  });

  it('is refused as well where /var/lib took no note of the rollback', async () => {
    const host = await scratchHost();
    await host.put('/read-only.sh', 'mount -t tmpfs -o ro empty /var/lib\nexec dash "$1"\n', 0o755);
    const shell = `sh ${host.path('/read-only.sh')}`;
    await host.run('medic-raise', RAISE_A, shell);
    await host.run('medic-rollback', ROLLBACK_A, shell);
    expect((await host.run('medic-raise', ENSURE_A, shell)).result?.code).toBe('rolled-back');
    expect(await host.value('max')).toBe(262_144);
  });

  it('of another incident is none of its business', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    await host.run('medic-rollback', ROLLBACK_A);
    const other = { ...ENSURE_A, incident: RAISE_B.incident };
    expect((await host.run('medic-raise', other)).result?.outcome).toBe('raised');
  });
});
