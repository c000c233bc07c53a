import { rename, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, SETTINGS_B } from './support/scripts.ts';
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
    const host = await scratchHost({ max: 131_072, memTotalKiB: 2_000_000, memAvailableKiB: 1_500_000 });
    const { result } = await host.run('medic-raise', ENSURE_A);
    expect(result).toMatchObject({ outcome: 'refused', code: 'above-memory-bound' });
    expect(await host.value('max')).toBe(131_072);
  });
});

/** What an association asks a node for. */
const ensure = (toMax: number, toBuckets: number, incident: string = RAISE_A.incident) => ({
  ...RAISE_A,
  incident,
  mode: 'ensure',
  toMax: String(toMax),
  toBuckets: String(toBuckets),
});
const B = RAISE_B.incident;

async function running(host: ScratchHost): Promise<readonly [number, number]> {
  return [await host.value('max'), await host.value('buckets')];
}

async function refusedAsTooFar(host: ScratchHost, asked: Readonly<Record<string, string>>, why: RegExp) {
  const before = [await running(host), await host.configuration()];
  const { exitCode, result } = await host.run('medic-raise', asked);
  expect({ exitCode, result }).toMatchObject({
    exitCode: 3,
    result: { outcome: 'refused', code: 'above-ceiling', detail: expect.stringMatching(why) },
  });
  expect([await running(host), await host.configuration()]).toEqual(before);
}

describe.runIf(canCover)('the bound of ensure mode, four times what was before our first change', () => {
  const small = { max: 131_072, buckets: 32_768 } as const;

  it('is counted from where a node stands that was never changed', async () => {
    const host = await scratchHost(small);
    await refusedAsTooFar(host, ensure(524_289, 32_768), /131,072, and 524,289 is more than four times/);
    await refusedAsTooFar(host, ensure(524_288, 131_073), /32,768, and 131,073 are more than four times/);
    // One node that answered with many buckets made this of a group.
    await refusedAsTooFar(host, ensure(262_144, 4_194_304), /buckets .* 32,768, and 4,194,304/);
    expect((await host.run('medic-raise', ensure(524_288, 131_072))).result?.outcome).toBe('raised');
    expect(await running(host)).toEqual([524_288, 131_072]);
  });

  it.each([
    ['the limit', ensure(2_097_152, 131_072, B), /131,072, and 2,097,152 is more/],
    ['the buckets', ensure(500_000, 524_288, B), /32,768, and 524,288 are more/],
  ])('is not walked up by later incidents: %s', async (_, asked, why) => {
    const host = await scratchHost(small);
    expect((await host.run('medic-raise', ensure(524_288, 131_072))).result?.outcome).toBe('raised');
    // As kube-proxy does: a node that stands lower is asked again.
    await host.setValue('max', 65_536);
    for (const _run of [1, 2]) await refusedAsTooFar(host, asked, why);
    expect((await host.run('medic-raise', ensure(524_288, 131_072))).result?.max?.after).toBe(524_288);
  });

  it('is counted from the oldest change, whatever came on top: settings, raises by a plan, rollbacks of those', async () => {
    const host = await scratchHost(small);
    const settings = {
      ...SETTINGS_B,
      incident: 'inc-00000000',
      changes: 'net.netfilter.nf_conntrack_buckets=32768:131072',
    };
    expect((await host.run('medic-settings', settings)).result?.outcome).toBe('changed');
    const exact = {
      ...RAISE_A,
      fromMax: '131072',
      toMax: '262144',
      fromBuckets: '131072',
      toBuckets: '262144',
    };
    expect((await host.run('medic-raise', exact)).result?.outcome).toBe('raised');
    await refusedAsTooFar(host, ensure(524_289, 262_144, B), /131,072, and 524,289 is/);
    await refusedAsTooFar(host, ensure(300_000, 300_000, B), /32,768, and 300,000 are/);
    await host.run('medic-rollback', ROLLBACK_A);
    await refusedAsTooFar(host, ensure(300_000, 300_000, B), /32,768, and 300,000 are/);
    // More buckets than the bound are there already: they stay, and the limit is raised.
    expect((await host.run('medic-raise', ensure(300_000, 131_072, B))).result?.outcome).toBe('raised');
    expect(await running(host)).toEqual([300_000, 262_144]);
  });

  it('holds where the change could not be written down', async () => {
    const host = await scratchHost(small);
    await host.put('/read-only.sh', 'mount -o remount,bind,ro /etc\nexec dash "$1"\n', 0o755);
    const shell = `sh ${host.path('/read-only.sh')}`;
    expect((await host.run('medic-raise', ensure(524_288, 131_072), shell)).result?.code).toBe(
      'not-persisted',
    );
    await refusedAsTooFar(host, ensure(2_097_152, 131_072, B), /131,072, and 2,097,152 is more/);
    await refusedAsTooFar(host, ensure(524_289, 524_288, B), /131,072, and 524,289 is more/);
  });

  it('holds for what a file makes last that somebody has edited', async () => {
    const host = await scratchHost(small);
    await host.run('medic-raise', ensure(524_288, 131_072));
    const text = await host.text(SYSCTL_FILE);
    await host.setValue('max', 131_072);
    for (const [kept, why] of [
      ['4000000', /131,072, and 4,000,000 is more/],
      ['9999999999', /131,072, and 9,999,999,999 is more/],
    ] as const) {
      await host.put(SYSCTL_FILE, text.replace('max = 524288', `max = ${kept}`));
      await refusedAsTooFar(host, ensure(262_144, 65_536, B), why);
    }
    // No number at all, or one that a shell would read as another: it makes nothing last.
    for (const kept of ['99999999999', '0524288']) {
      await host.put(SYSCTL_FILE, text.replace('max = 524288', `max = ${kept}`));
      await host.setValue('max', 131_072);
      const { stderr, result } = await host.run('medic-raise', ensure(262_144, 65_536, B));
      expect([stderr, result?.max?.after]).toEqual(['', 262_144]);
      await host.run('medic-rollback', { ...ROLLBACK_A, incident: B });
      await rm(host.path('/var/lib/conntrack-medic'), { recursive: true });
    }
  });

  it('refuses nothing to a node that has what is asked for', async () => {
    const host = await scratchHost({
      ...small,
      memTotalKiB: 64 * 1024 * 1024,
      memAvailableKiB: 32 * 1024 * 1024,
    });
    const exact = (from: number, to: number, incident: string) => ({
      ...RAISE_A,
      incident,
      fromMax: String(from),
      toMax: String(to),
      fromBuckets: '32768',
      toBuckets: '32768',
    });
    await host.run('medic-raise', exact(131_072, 524_288, RAISE_A.incident));
    await host.run('medic-raise', exact(524_288, 2_097_152, B));
    const { exitCode, result } = await host.run('medic-raise', ensure(2_097_152, 32_768, B));
    expect({ exitCode, outcome: result?.outcome }).toEqual({ exitCode: 0, outcome: 'unchanged' });
    await host.setValue('max', 1_000_000);
    await refusedAsTooFar(host, ensure(2_097_152, 32_768, B), /131,072, and 2,097,152 is more/);
  });

  it('does not count a record of a node on which nothing was tracked', async () => {
    const host = await scratchHost(small);
    const netfilter = host.path('/proc/sys/net/netfilter');
    await rename(netfilter, `${netfilter}-away`);
    await rename(host.path('/proc/sys/net/nf_conntrack_max'), host.path('/proc/sys/net/away'));
    const changes = 'net.ipv4.neigh.default.gc_thresh3=1024:4096';
    expect((await host.run('medic-settings', { ...SETTINGS_B, changes })).result?.outcome).toBe('changed');
    await rename(`${netfilter}-away`, netfilter);
    await rename(host.path('/proc/sys/net/away'), host.path('/proc/sys/net/nf_conntrack_max'));
    await refusedAsTooFar(host, ensure(524_289, 32_768), /131,072, and 524,289 is more/);
    expect((await host.run('medic-raise', ensure(524_288, 131_072))).result?.outcome).toBe('raised');
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
