import { mkdir, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bottlerocket, canBeBottlerocket } from './support/bottlerocket.ts';
import { sectionsOf } from './support/collected.ts';
import { type ScratchHost, scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, ROLLBACK_A, SETTINGS_A } from './support/scripts.ts';
import { hasNamespaces } from './support/shells.ts';

const canRun = hasNamespaces() && canBeBottlerocket();
const MAX = 'net.netfilter.nf_conntrack_max';
const BUCKETS = 'net.netfilter.nf_conntrack_buckets';
const STACK = '/bottlerocket/host-containers/current/conntrack-medic/99-zz-conntrack-medic.conf';

/** A Bottlerocket node whose store says nothing about connection tracking yet. */
async function bottlerocketNode() {
  const host = await scratchHost();
  await host.put('/bottlerocket/store', 'net.core.somaxconn 4096\n');
  const { shell, PATH } = await bottlerocket(host);
  const run = (document: Parameters<ScratchHost['run']>[0], parameters: Readonly<Record<string, string>>) =>
    host.run(document, parameters, shell, { PATH });
  return { host, run };
}

async function store(host: ScratchHost): Promise<Record<string, number>> {
  const lines = (await host.text('/bottlerocket/store')).trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [key = '', value] = line.split(' ');
      return [key, Number(value)];
    }),
  );
}

describe.runIf(canRun)('on Bottlerocket', { concurrent: true }, () => {
  it('a raise goes through the settings store, which makes it last, and touches no file of the container', async () => {
    const { host, run } = await bottlerocketNode();
    const before = await host.configuration();
    const { exitCode, stderr, result } = await run('medic-raise', RAISE_A);
    expect({ exitCode, stderr, result }).toMatchObject({
      exitCode: 0,
      stderr: '',
      result: { outcome: 'raised', code: '', max: { before: 262_144, after: 458_752 } },
    });
    expect(result?.detail).toMatch(/settings store of Bottlerocket makes it last/);
    expect(await store(host)).toEqual({ 'net.core.somaxconn': 4_096, [MAX]: 458_752, [BUCKETS]: 458_752 });
    expect([await host.value('max'), await host.value('buckets')]).toEqual([458_752, 458_752]);
    expect(await host.configuration()).toEqual(before);
    expect(await host.text(STACK)).toMatch(/^# medic-store net\.netfilter\.nf_conntrack_max absent$/m);
  });

  it('a rollback takes the store back, and says what it cannot forget', async () => {
    const { host, run } = await bottlerocketNode();
    await run('medic-raise', RAISE_A);
    const { exitCode, result } = await run('medic-rollback', ROLLBACK_A);
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { outcome: 'rolled-back', max: { before: 458_752, after: 262_144 } },
    });
    expect(await store(host)).toMatchObject({ [MAX]: 262_144 });
    expect(result?.detail).toMatch(/cannot forget a key:.* nf_conntrack_max=262144 \(before: no value\)/);
    await expect(host.text(STACK)).rejects.toThrow(/ENOENT/);
    expect((await run('medic-raise', RAISE_A)).result?.code).toBe('rolled-back');
  });

  it('what the store had before comes back exactly', async () => {
    const { host, run } = await bottlerocketNode();
    const timeout = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
    await host.put('/bottlerocket/store', `${MAX} 262144\n${timeout} 3600\n`);
    const before = await store(host);
    const changes = `${timeout}=3600:60`;
    expect((await run('medic-settings', { ...SETTINGS_A, changes })).result?.outcome).toBe('changed');
    expect(await store(host)).toEqual({ ...before, [timeout]: 60 });
    const { result } = await run('medic-rollback', ROLLBACK_A);
    expect(result?.outcome).toBe('rolled-back');
    expect(result?.detail).not.toMatch(/cannot forget/);
    expect(await store(host)).toEqual(before);
    expect(await host.setting(timeout)).toBe(3_600);
  });

  it('a rollback still works after a reboot, which takes all of the container but one folder', async () => {
    const { host, run } = await bottlerocketNode();
    await run('medic-raise', RAISE_A);
    for (const folder of ['/run', '/var/lib']) {
      await rm(host.path(folder), { recursive: true });
      await mkdir(host.path(folder));
    }
    expect((await run('medic-rollback', ROLLBACK_A)).result).toMatchObject({
      outcome: 'rolled-back',
      max: { after: 262_144 },
    });
  });

  it.each([
    ['medic-raise', RAISE_A, MAX, 262_144],
    ['medic-raise', RAISE_A, BUCKETS, 262_144],
    ['medic-settings', SETTINGS_A, 'net.ipv4.neigh.default.gc_thresh2', 512],
  ] as const)(
    '%s killed before the store applied what it was given is reverted in the store as well',
    async (document, parameters, key, former) => {
      const { host, run } = await bottlerocketNode();
      await host.put('/bottlerocket/deadly', key);
      expect((await run(document, parameters)).exitCode).toBe(137);
      await rm(host.path('/bottlerocket/deadly'));
      const { result } = await run('medic-rollback', ROLLBACK_A);
      expect(result).toMatchObject({ code: 'nothing-to-roll-back' });
      expect(result?.detail).toMatch(/was reverted first/);
      expect(await store(host)).toMatchObject({ [key]: former });
      await expect(host.text(STACK)).rejects.toThrow(/ENOENT/);
    },
  );

  it('a store that refuses leaves everything as it was', async () => {
    const { host, run } = await bottlerocketNode();
    const before = await store(host);
    await host.put('/bottlerocket/refuse', '');
    expect(await run('medic-raise', RAISE_A)).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'write-failed', max: { before: 262_144, after: 262_144 } },
    });
    expect(await store(host)).toEqual(before);
  });

  it('collect says so, and who has changed the node', async () => {
    const { run } = await bottlerocketNode();
    await run('medic-raise', RAISE_A);
    const sections = sectionsOf((await run('medic-collect', { nonce: NONCE, sampleSeconds: '2' })).stdout);
    expect(sections.get('identity -')?.lines).toContain('platform=bottlerocket 1.46.0');
    expect(sections.get('state -')?.lines.slice(0, 2)).toEqual([
      'half_applied=no',
      `incident=${RAISE_A.incident}`,
    ]);
    expect(sections.get('persistence -')?.lines).toContainEqual(
      expect.stringMatching(/conntrack-medic\.conf:\d+: net\.netfilter\.nf_conntrack_max = 458752$/),
    );
  });

  it.each(['medic-raise', 'medic-settings'] as const)(
    '%s is refused where apiclient is out of reach',
    async (document) => {
      const { host, run } = await bottlerocketNode();
      await rm(host.path('/bin-of-node/apiclient'));
      const parameters = document === 'medic-raise' ? RAISE_A : SETTINGS_A;
      expect(await run(document, parameters)).toMatchObject({
        exitCode: 3,
        result: { outcome: 'refused', code: 'not-supported' },
      });
      expect(await host.value('max')).toBe(262_144);
    },
  );
});
