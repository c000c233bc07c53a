import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type ScratchHost, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, SETTINGS_B } from './support/scripts.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));

const A = 'inc-aaaaaaaa';
const B = 'inc-bbbbbbbb';
const C = 'inc-cccccccc';
const UNPERSISTED = '/run/conntrack-medic/unpersisted';
const BUCKETS_BEFORE = '/run/conntrack-medic/buckets-before';
const TIME_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_time_wait';

/** A node with so much memory that no bound but four times what was there holds. */
const large = { max: 131_072, buckets: 32_768, memTotalKiB: 64 * 1024 ** 2, memAvailableKiB: 32 * 1024 ** 2 };

/** What an association asks a node for. */
const ensure = (incident: string, toMax: number, toBuckets = 32_768) => ({
  ...RAISE_A,
  incident,
  mode: 'ensure',
  toMax: String(toMax),
  toBuckets: String(toBuckets),
});

const exact = (incident: string, fromMax: number, toMax: number) => ({
  ...RAISE_A,
  incident,
  fromMax: String(fromMax),
  toMax: String(toMax),
  fromBuckets: '32768',
  toBuckets: '32768',
});

/** A change of one timeout. */
const timeWait = (incident: string, from: number, to: number) => ({
  ...SETTINGS_B,
  incident,
  changes: `${TIME_WAIT}=${from}:${to}`,
});

describe.runIf(canCover).each(shells)('incidents one after another, under $name', ({ command }) => {
  const shell = command.join(' ');

  /** The node, with a shell in whose namespace /etc takes no file besides the plain one. */
  async function node(given: Parameters<typeof scratchHost>[0] = large) {
    const host = await scratchHost(given);
    const lines = ['mount -o remount,bind,ro /etc', `exec ${shell} "$1"`];
    await host.put('/read-only.sh', lines.join('\n'), 0o755);
    const readOnly = `sh ${host.path('/read-only.sh')}`;
    const raise = (parameters: Readonly<Record<string, string>>, isReadOnly = false) =>
      host.run('medic-raise', parameters, isReadOnly ? readOnly : shell);
    const settings = (parameters: Readonly<Record<string, string>>, isReadOnly = false) =>
      host.run('medic-settings', parameters, isReadOnly ? readOnly : shell);
    const back = async (incident: string, isReadOnly = false) =>
      (await host.run('medic-rollback', { nonce: NONCE, incident }, isReadOnly ? readOnly : shell)).result;
    return { host, raise, settings, back };
  }

  const unpersisted = (host: ScratchHost) =>
    existsSync(host.path(UNPERSISTED)) ? host.text(UNPERSISTED) : Promise.resolve('');

  it('keep what /etc did not take, in its order, once it takes files, and all come off', async () => {
    const { host, raise, settings, back } = await node();
    const before = await host.configuration();
    expect((await raise(exact(A, 131_072, 262_144), true)).result?.code).toBe('not-persisted');
    expect((await settings(timeWait(B, 120, 90), true)).result?.code).toBe('not-persisted');
    expect((await settings(timeWait(C, 90, 60))).result).toMatchObject({ outcome: 'changed', code: '' });
    expect(await unpersisted(host)).toBe('');
    const records = (await host.text(SYSCTL_FILE)).match(/^# medic-incident \S+/gm);
    expect(records).toEqual([C, B, A].map((one) => `# medic-incident ${one}`));
    expect((await back(A))?.code).toBe('not-our-incident');
    expect((await back(C))?.outcome).toBe('rolled-back');
    expect(await host.setting(TIME_WAIT)).toBe(90);
    expect((await back(B))?.outcome).toBe('rolled-back');
    expect(await host.setting(TIME_WAIT)).toBe(120);
    expect((await back(A))?.max).toEqual({ before: 262_144, after: 131_072 });
    expect(await host.configuration()).toEqual(before);
  });

  it('keep it too where the file under our name is somebody else’s', async () => {
    const { host, raise, settings, back } = await node();
    await host.put(SYSCTL_FILE, 'net.netfilter.nf_conntrack_max = 131072\n', 0o600);
    const before = await host.configuration();
    await raise(exact(A, 131_072, 262_144), true);
    expect((await settings(timeWait(B, 120, 60))).result?.code).toBe('');
    expect((await back(B))?.outcome).toBe('rolled-back');
    expect((await back(A))?.max).toEqual({ before: 262_144, after: 131_072 });
    expect(await host.configuration()).toEqual(before);
  });

  it('undo what an incident did before and after another one in that order', async () => {
    const { host, settings, back } = await node();
    for (const isPersisted of [true, false]) {
      await settings(timeWait(A, 120, 100), true);
      await settings(timeWait(B, 100, 80), true);
      await settings(timeWait(A, 80, 60), !isPersisted);
      expect((await back(B))?.code).toBe('not-our-incident');
      for (const [incident, to] of [
        [A, 80],
        [B, 100],
        [A, 120],
      ] as const) {
        expect((await back(incident))?.outcome).toBe('rolled-back');
        expect(await host.setting(TIME_WAIT)).toBe(to);
      }
      await host.put('/var/lib/conntrack-medic/rolled-back', '');
      await host.put('/run/conntrack-medic/rolled-back', '');
    }
  });

  it('are counted from the oldest change, in whatever order /etc takes files', async () => {
    const { raise, back } = await node();
    expect((await raise(ensure(A, 524_288, 131_072), true)).result?.code).toBe('not-persisted');
    expect((await raise(ensure(B, 262_144, 65_536))).result?.outcome).toBe('unchanged');
    for (const isReadOnly of [false, true]) {
      const { result } = await raise(ensure(C, 2_097_152, 131_072), isReadOnly);
      expect(result).toMatchObject({ outcome: 'refused', code: 'above-ceiling' });
      expect(result?.detail).toContain('131,072');
    }
    expect((await back(B))?.outcome).toBe('rolled-back');
    expect((await raise(ensure(C, 2_097_152, 131_072))).result?.code).toBe('above-ceiling');
    expect((await back(A))?.max).toEqual({ before: 524_288, after: 131_072 });
  });

  it('never walk the buckets up by raise and rollback', async () => {
    const { host, raise, back } = await node();
    const before = await host.configuration();
    expect((await raise(ensure(A, 262_144, 131_072))).result?.buckets?.after).toBe(131_072);
    expect((await back(A))?.detail).toMatch(/Buckets stay at 131,072 \(before: 32,768\)/);
    expect(await host.configuration()).toEqual(before);
    expect(await host.text(BUCKETS_BEFORE)).toBe('32768\n');
    const { result } = await raise(ensure(B, 262_144, 524_288));
    expect(result).toMatchObject({ outcome: 'refused', code: 'above-ceiling' });
    expect(result?.detail).toContain('32,768');
    // As many as there are already are refused to nobody.
    expect((await raise(ensure(B, 262_144, 131_072))).result?.outcome).toBe('raised');
    await back(B);
    // The module was loaded anew: what is noted counts for nothing and is taken away.
    await host.setValue('buckets', 16_384);
    expect((await raise(ensure(C, 262_144, 65_537))).result?.detail).toContain('16,384');
    expect((await raise(ensure(C, 262_144, 65_536))).result?.outcome).toBe('raised');
    await host.setValue('buckets', 16_384);
    await back(C);
    expect(existsSync(host.path(BUCKETS_BEFORE))).toBe(false);
  });

  it('never walk the buckets up by settings and rollback, nor across a boot before the rollback', async () => {
    const { host, raise, settings, back } = await node();
    const changes = 'net.netfilter.nf_conntrack_buckets=32768:131072';
    await settings({ ...SETTINGS_B, incident: A, changes });
    await host.run('medic-raise', ensure(A, 262_144, 131_072), shell);
    await rm(host.path('/run/conntrack-medic'), { recursive: true });
    expect((await back(A))?.outcome).toBe('rolled-back');
    expect((await raise(ensure(B, 262_144, 524_288))).result?.code).toBe('above-ceiling');
  });

  it('leave a limit that a cut-off raise could not take back to a rollback, and to the bound', async () => {
    const { host, raise, back } = await node();
    // The limit had arrived and the buckets are gone, and the table is too full to lower it.
    await host.setValue('max', 524_288);
    await host.setValue('count', 200_000);
    const journal = [
      'medic-journal/1',
      `action raise ${A}`,
      'values 131072 524288 32768 131072 no',
      'entry 131072 32768 524288 ',
      `file ${SYSCTL_FILE} absent 644:0:0:${Buffer.from('# medic\n').toString('base64')}`,
      'end',
      '',
    ];
    await host.put('/var/lib/conntrack-medic/journal', journal.join('\n'), 0o600);
    expect((await raise(ensure(B, 2_097_152))).result?.code).toBe('above-ceiling');
    expect((await back(A))?.code).toBe('count-too-high');
    await host.setValue('count', 1_000);
    expect((await back(A))?.max).toEqual({ before: 524_288, after: 131_072 });
  });

  it('can change settings of a node whose limit no raise would set, and roll them back', async () => {
    const { host, settings, raise, back } = await node({ ...large, max: 4_000_000_000 });
    const before = await host.configuration();
    expect((await settings(timeWait(A, 120, 60))).result?.outcome).toBe('changed');
    expect((await raise(ensure(B, 262_144))).result?.outcome).toBe('unchanged');
    expect((await back(B))?.outcome).toBe('rolled-back');
    expect((await back(A))?.outcome).toBe('rolled-back');
    expect([await host.value('max'), await host.setting(TIME_WAIT)]).toEqual([4_000_000_000, 120]);
    expect(await host.configuration()).toEqual(before);
  });
});
