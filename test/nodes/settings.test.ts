import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openScratchHost } from './support/open-node.ts';
import { MODULES_FILE, type ScratchHost, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, ROLLBACK_A, ROLLBACK_B, SETTINGS_A, SETTINGS_B } from './support/scripts.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const ESTABLISHED = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const CLOSE_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
const TIME_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_time_wait';
const BUCKETS = 'net.netfilter.nf_conntrack_buckets';
const threshold = (level: number) => `net.ipv4.neigh.default.gc_thresh${level}`;

/** What incident A's command asks for, by key. */
const WANTED: ReadonlyMap<string, readonly [number, number]> = new Map(
  SETTINGS_A.changes.split(',').map((change) => {
    const [key = '', numbers = ''] = change.split('=');
    const [from, to] = numbers.split(':').map(Number);
    return [key, [from ?? 0, to ?? 0]] as const;
  }),
);

function running(host: ScratchHost): Promise<readonly (readonly [string, number])[]> {
  return Promise.all(
    [...WANTED.keys(), TIME_WAIT].map(async (key) => [key, await host.setting(key)] as const),
  );
}

/** Everything that a refused command must leave alone. */
async function everything(host: ScratchHost) {
  return {
    configuration: await host.configuration(),
    values: await running(host),
    max: await host.value('max'),
  };
}

describe.runIf(canCover).each(shells)('settings.sh under $name', ({ command }) => {
  const shell = command.join(' ');
  let untouched: Promise<ScratchHost> | undefined;

  it('changes every setting, tells it before and after, writes it down, and all of it comes off', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    const changed = await host.run('medic-settings', SETTINGS_A, shell);
    expect(changed).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'changed', code: '' } });
    const told = changed.result?.values.map(({ key, before: was, after }) => [key, [was, after]] as const);
    expect(new Map(told)).toEqual(WANTED);
    for (const [key, [, to]] of WANTED) expect([key, await host.setting(key)]).toEqual([key, to]);
    expect(changed.result?.files).toEqual(
      [SYSCTL_FILE, MODULES_FILE].map((path) => ({ path, state: 'written' })),
    );
    const lines = (await host.text(SYSCTL_FILE)).split('\n').filter((line) => line.startsWith('net'));
    expect(lines.toSorted()).toEqual([...WANTED].map(([key, [, to]]) => `${key} = ${to}`).toSorted());

    const back = await host.run('medic-rollback', ROLLBACK_A, shell);
    expect(back).toMatchObject({ exitCode: 0, stderr: '', result: { outcome: 'rolled-back', code: '' } });
    expect(await host.configuration()).toEqual(before);
    for (const [key, [from, to]] of WANTED) {
      // A longer table is not made shorter again: that would stall traffic once more.
      const expected = key === BUCKETS ? to : from;
      expect([key, await host.setting(key)]).toEqual([key, expected]);
      expect(back.result?.values).toContainEqual({ key, before: to, after: expected });
    }
    expect(back.result?.detail).toMatch(/Buckets stay at 524,288/);
  });

  it.each([
    ['nothing', ''],
    ['an unfinished change', BUCKETS],
    ['a change without a start', `${BUCKETS}=:524288`],
    ['two numbers in one', `${BUCKETS}=262144:524288:1`],
    ['an empty place', `${BUCKETS}=262144:524288,,${TIME_WAIT}=120:60`],
    ['a comma at the end', `${BUCKETS}=262144:524288,`],
    ['a key twice', `${TIME_WAIT}=120:60,${TIME_WAIT}=60:30`],
    ['a leading zero, octal to the kernel', `${BUCKETS}=262144:0524288`],
    ['a negative number', `${TIME_WAIT}=120:-60`],
    ['a space', `${TIME_WAIT}=120:60 `],
    ['a second line', `${TIME_WAIT}=120:60\n`],
    ['a glob', `${TIME_WAIT}=*:60`],
    ['a command', `${TIME_WAIT}=120:$(touch /etc/owned)`],
    ['seven changes', [...WANTED.keys(), TIME_WAIT].map((key) => `${key}=1:2`).join(',')],
  ])('refuses %s as a list of changes', async (_, changes) => {
    // A refusal leaves everything as it was, so one node does for all.
    untouched ??= openScratchHost();
    const host = await untouched;
    const before = await everything(host);
    const { exitCode, stderr, result } = await host.run('medic-settings', { ...SETTINGS_A, changes }, shell);
    expect({ exitCode, stderr, code: result?.code }).toEqual({
      exitCode: 3,
      stderr: '',
      code: 'bad-parameter',
    });
    expect(await everything(host)).toEqual(before);
  });
});

describe.runIf(canCover)('settings.sh refuses and changes nothing', () => {
  let untouched: Promise<ScratchHost> | undefined;

  it.each([
    ['a key that is not its own', 'unknown-key', 'kernel.core_pattern=1:2'],
    ['the limit, which is for raise', 'unknown-key', 'net.netfilter.nf_conntrack_max=262144:458752'],
    ['a value that moved since the plan', 'value-moved', `${TIME_WAIT}=110:60`],
    ['one moved value among others', 'value-moved', `${TIME_WAIT}=120:60,${CLOSE_WAIT}=3599:60`],
    ['a longer timeout', 'wrong-direction', `${ESTABLISHED}=86400:432000`],
    ['the same timeout', 'wrong-direction', `${ESTABLISHED}=86400:86400`],
    ['fewer buckets', 'wrong-direction', `${BUCKETS}=262144:131072`],
    ['a lower threshold', 'wrong-direction', `${threshold(3)}=1024:768`],
    ['a timeout that cuts living connections', 'out-of-bounds', `${ESTABLISHED}=86400:600`],
    ['no time at all', 'out-of-bounds', `${TIME_WAIT}=120:0`],
    ['more buckets than any node needs', 'out-of-bounds', `${BUCKETS}=262144:9999999`],
    ['a threshold beyond reason', 'out-of-bounds', `${threshold(3)}=1024:9999999`],
    ['thresholds that cross', 'thresholds-out-of-order', `${threshold(2)}=512:2048`],
    ['thresholds that meet', 'thresholds-out-of-order', `${threshold(2)}=512:4096,${threshold(3)}=1024:4096`],
    ['the first threshold above the second', 'thresholds-out-of-order', `${threshold(1)}=128:512`],
  ])('%s', async (_, code, changes) => {
    untouched ??= openScratchHost();
    const host = await untouched;
    const before = await everything(host);
    const { exitCode, result } = await host.run('medic-settings', { ...SETTINGS_A, changes });
    expect({ exitCode, outcome: result?.outcome, code: result?.code }).toEqual({
      exitCode: 3,
      outcome: 'refused',
      code,
    });
    expect(await everything(host)).toEqual(before);
  });

  it.each([
    ['buckets', `${BUCKETS}=262144:4194304`],
    ['neighbours', `${threshold(2)}=512:65536,${threshold(3)}=1024:131072`],
  ])('more %s than the memory allows', async (_, changes) => {
    const host = await scratchHost({ memTotalKiB: 600_000, memAvailableKiB: 500_000 });
    const { result } = await host.run('medic-settings', { ...SETTINGS_A, changes });
    expect(result).toMatchObject({ outcome: 'refused', code: 'above-memory-bound' });
  });

  it('a setting that this node does not have', async () => {
    const host = await scratchHost();
    await rm(host.path('/proc/sys/net/ipv6'), { recursive: true });
    const changes = 'net.ipv6.neigh.default.gc_thresh3=1024:4096';
    const { result } = await host.run('medic-settings', { ...SETTINGS_A, changes });
    expect(result).toMatchObject({ outcome: 'refused', code: 'key-missing' });
  });

  it('outside the initial network namespace, with connection tracking and without', async () => {
    const host = await scratchHost();
    await rm(host.path('/proc/sys/net/nf_conntrack_max'));
    expect((await host.run('medic-settings', SETTINGS_A)).result?.code).toBe('not-initial-netns');
    await rm(host.path('/proc/sys/net/netfilter'), { recursive: true });
    await rm(host.path('/proc/sys/net/core'), { recursive: true });
    const changes = `${threshold(3)}=1024:4096`;
    expect((await host.run('medic-settings', { ...SETTINGS_A, changes })).result?.code).toBe('no-conntrack');
  });

  it('timeouts where nothing is tracked, but not thresholds', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await rm(host.path('/proc/sys/net/nf_conntrack_max'));
    await rm(host.path('/proc/sys/net/netfilter'), { recursive: true });
    expect((await host.run('medic-settings', SETTINGS_A)).result?.code).toBe('no-conntrack');
    const changes = `${threshold(3)}=1024:4096`;
    const { result } = await host.run('medic-settings', { ...SETTINGS_A, changes });
    expect(result).toMatchObject({ outcome: 'changed', code: '' });
    expect(result?.files.map(({ path }) => path)).toEqual([SYSCTL_FILE]);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
    expect(await host.setting(threshold(3))).toBe(1_024);
    expect(await host.configuration()).toEqual(before);
  });

  it('for an incident that was rolled back on this node', async () => {
    const host = await scratchHost();
    await host.run('medic-settings', SETTINGS_A);
    await host.run('medic-rollback', ROLLBACK_A);
    const before = await everything(host);
    const again = { ...SETTINGS_A, changes: `${TIME_WAIT}=120:60` };
    expect((await host.run('medic-settings', again)).result).toMatchObject({
      outcome: 'refused',
      code: 'rolled-back',
    });
    expect(await everything(host)).toEqual(before);
  });
});

describe.runIf(canCover)('settings.sh', () => {
  it('delivered twice says the second time that nothing was left to do', async () => {
    const host = await scratchHost();
    await host.run('medic-settings', SETTINGS_A);
    const before = await everything(host);
    expect((await host.run('medic-settings', SETTINGS_A)).result).toMatchObject({
      outcome: 'unchanged',
      code: '',
    });
    expect(await everything(host)).toEqual(before);
  });

  it('leaves one entry for two changes of one incident, and one rollback undoes both', async () => {
    const host = await scratchHost();
    const original = await everything(host);
    await host.run('medic-settings', { ...SETTINGS_A, changes: `${TIME_WAIT}=120:60` });
    await host.run('medic-settings', { ...SETTINGS_A, changes: `${TIME_WAIT}=60:30,${CLOSE_WAIT}=3600:60` });
    expect(await host.text(SYSCTL_FILE)).toMatch(/_time_wait = 30$/m);
    await host.run('medic-rollback', ROLLBACK_A);
    expect(await everything(host)).toEqual(original);
  });

  it.each([
    { where: 'on top of a raise', first: 'medic-raise', second: 'medic-settings' },
    { where: 'below a raise', first: 'medic-settings', second: 'medic-raise' },
  ] as const)('$where keeps what that made last, and both come off in reverse', async ({ first, second }) => {
    const host = await scratchHost();
    const original = { ...(await everything(host)), values: undefined };
    const parameters = { 'medic-raise': RAISE_A, 'medic-settings': SETTINGS_B };
    const run = (document: typeof first, { incident }: { readonly incident: string }) =>
      host.run(document, { ...parameters[document], incident });
    expect((await run(first, ROLLBACK_A)).exitCode).toBe(0);
    const between = await host.configuration();
    expect((await run(second, ROLLBACK_B)).exitCode).toBe(0);
    const text = await host.text(SYSCTL_FILE);
    expect(text).toMatch(/^net\.netfilter\.nf_conntrack_max = 458752$/m);
    expect(text).toMatch(/^net\.netfilter\.nf_conntrack_tcp_timeout_time_wait = 60$/m);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.code).toBe('not-our-incident');
    expect((await host.run('medic-rollback', ROLLBACK_B)).result?.outcome).toBe('rolled-back');
    expect(await host.configuration()).toEqual(between);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
    expect({ ...(await everything(host)), values: undefined }).toEqual(original);
    expect(await host.setting(TIME_WAIT)).toBe(120);
  });

  it('and a raise of one incident come off together', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-settings', { ...SETTINGS_A, changes: `${TIME_WAIT}=120:60` });
    expect((await host.run('medic-raise', RAISE_A)).result?.outcome).toBe('raised');
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result?.max).toEqual({ before: 458_752, after: 262_144 });
    expect(result?.values).toEqual([{ key: TIME_WAIT, before: 60, after: 120 }]);
    expect(await host.configuration()).toEqual(before);
  });
});

describe.runIf(canCover)('a rollback of settings', () => {
  it('leaves alone what somebody else has set since, and names it', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-settings', SETTINGS_A);
    await host.setSetting(CLOSE_WAIT, 90);
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result?.outcome).toBe('rolled-back');
    expect(result?.detail).toContain(`${CLOSE_WAIT}=90`);
    expect([await host.setting(CLOSE_WAIT), await host.setting(ESTABLISHED)]).toEqual([90, 86_400]);
    expect(await host.configuration()).toEqual(before);
  });

  it('is refused while more neighbours are in use than the former threshold bears', async () => {
    const host = await scratchHost();
    await host.run('medic-settings', SETTINGS_A);
    const before = await everything(host);
    // 820 and 819 neighbours: 80 % of 1024 lie between.
    await host.put('/proc/net/stat/arp_cache', 'entries  allocs\n00000334  00000000\n');
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result).toMatchObject({ outcome: 'refused', code: 'count-too-high' });
    expect(result?.detail).toMatch(/820 neighbours .* 1,024/);
    expect(await everything(host)).toEqual(before);
    await host.put('/proc/net/stat/arp_cache', 'entries  allocs\n00000333  00000000\n');
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
  });

  it('after a reboot that brought other values puts the files back and leaves the values', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-settings', SETTINGS_A);
    await rm(host.path('/run/conntrack-medic'), { recursive: true });
    for (const [key, [from]] of WANTED) await host.setSetting(key, from);
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result?.outcome).toBe('rolled-back');
    expect(result?.detail).not.toMatch(/somebody else/);
    expect(await host.configuration()).toEqual(before);
  });
});
