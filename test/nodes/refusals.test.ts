import { spawn } from 'node:child_process';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openScratchHost } from './support/open-node.ts';
import { type ScratchHost, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, ROLLBACK_A, shipped } from './support/scripts.ts';
import { find, has, hasNamespaces, run, SHELLS } from './support/shells.ts';
import { withoutTools } from './support/tools.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));

async function everything(host: ScratchHost) {
  return {
    configuration: await host.configuration(),
    max: await host.value('max'),
    buckets: await host.value('buckets'),
  };
}

/** Runs a script that has to refuse, and checks that the node is exactly as it was. */
async function refusal(
  host: ScratchHost,
  document: 'medic-raise' | 'medic-rollback',
  parameters: Readonly<Record<string, string>>,
  shell?: string,
) {
  const before = await everything(host);
  const { exitCode, result, stderr } = await host.run(document, parameters, shell);
  expect(await everything(host)).toEqual(before);
  expect({ exitCode, stderr, outcome: result?.outcome }).toEqual({
    exitCode: 3,
    stderr: '',
    outcome: 'refused',
  });
  return result;
}

/** Where every command has to be refused: a refusal leaves everything as it was, so one node does for all. */
let open: Promise<ScratchHost> | undefined;
function untouched(): Promise<ScratchHost> {
  open ??= openScratchHost();
  return open;
}

describe.runIf(canCover)('raise.sh refuses and changes nothing', () => {
  it.each([
    ['a limit that moved since the plan', 'value-moved', { fromMax: '131072' }],
    ['buckets that moved since the plan', 'value-moved', { fromBuckets: '65536' }],
    ['a target that is the limit', 'not-a-raise', { toMax: '262144' }],
    ['a target below the limit', 'not-a-raise', { toMax: '131072' }],
    ['a target above the ceiling', 'above-ceiling', { toMax: '4194305' }],
    ['buckets above the ceiling', 'above-ceiling', { toBuckets: '9999999' }],
    ['more than four times the limit', 'above-ceiling', { toMax: '1048577' }],
  ])('%s', async (_, code, parameters) => {
    expect((await refusal(await untouched(), 'medic-raise', { ...RAISE_A, ...parameters }))?.code).toBe(code);
  });

  it('a limit of 0, which means unlimited', async () => {
    const host = await scratchHost({ max: 0 });
    const result = await refusal(host, 'medic-raise', { ...RAISE_A, mode: 'ensure' });
    expect(result?.code).toBe('not-a-raise');
  });

  it.each([
    ['5 % of the memory', { memTotalKiB: 3_600_000, memAvailableKiB: 3_500_000 }],
    ['half of what is available', { memTotalKiB: 16_000_000, memAvailableKiB: 360_000 }],
  ])('a table that would take more than %s, in both modes', async (_, memory) => {
    for (const mode of ['exact', 'ensure']) {
      const result = await refusal(await scratchHost(memory), 'medic-raise', { ...RAISE_A, mode });
      expect(result?.code).toBe('above-memory-bound');
      expect(result?.detail).toMatch(/would take \d+ MiB, the bound on this node is \d+ MiB/);
    }
  });

  it('by the entry size that the slab shows: 512 bytes are assumed only where it does not', async () => {
    // 458,752 entries cost 194 MB at 256-byte objects, 235 MB at 512 bytes each, the buckets on top: 5 % lies between.
    const memory = { memTotalKiB: 4_300_000, memAvailableKiB: 4_000_000 };
    const known = await (await scratchHost(memory)).run('medic-raise', RAISE_A);
    expect(known.result?.outcome).toBe('raised');
    const host = await scratchHost(memory);
    await writeFile(host.path('/slabinfo'), 'slabinfo - version: 2.1\n');
    expect((await refusal(host, 'medic-raise', RAISE_A))?.code).toBe('above-memory-bound');
  });

  it('memory that cannot be read', async () => {
    const host = await scratchHost();
    await writeFile(host.path('/meminfo'), 'MemTotal:       16000000 kB\n');
    expect((await refusal(host, 'medic-raise', RAISE_A))?.code).toBe('above-memory-bound');
  });

  it('a link in place of its own file', async () => {
    const host = await scratchHost();
    await symlink('/dev/null', host.path(SYSCTL_FILE));
    const { exitCode, result } = await host.run('medic-raise', RAISE_A);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'unexpected-file' });
    expect(await host.value('max')).toBe(262_144);
  });

  it('a header that somebody has edited', async () => {
    const host = await scratchHost();
    await host.put(
      SYSCTL_FILE,
      '# medic-incident inc-aaaaaaaa max=262144 buckets=many target=458752\n# medic-end\n',
    );
    expect((await refusal(host, 'medic-raise', RAISE_A))?.code).toBe('header-unreadable');
    expect((await refusal(host, 'medic-rollback', ROLLBACK_A))?.code).toBe('header-unreadable');
  });

  it.each(['base64', 'flock', 'stat'])('a node without %s', async (tool) => {
    const host = await untouched();
    const environment = await withoutTools(tool);
    const before = await everything(host);
    const { exitCode, result } = await host.run('medic-raise', RAISE_A, find('dash'), environment);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'missing-tool' });
    expect(result?.detail).toContain(tool);
    expect(await everything(host)).toEqual(before);
  });

  it('while another command holds the lock', async () => {
    const host = await scratchHost();
    const lock = host.path('/run/conntrack-medic/lock');
    await host.put('/run/conntrack-medic/lock', '');
    const holder = spawn('flock', [lock, 'sleep', '60'], { stdio: 'ignore' });
    try {
      await expect
        .poll(async () => (await run(['flock', '-n', lock, 'true'])).exitCode, { timeout: 5_000 })
        .toBe(1);
      expect((await refusal(host, 'medic-raise', RAISE_A))?.code).toBe('busy');
      expect((await refusal(host, 'medic-rollback', ROLLBACK_A))?.code).toBe('busy');
    } finally {
      holder.kill();
    }
  });

  it('outside the initial network namespace, and where nothing is tracked', async () => {
    const host = await scratchHost();
    await rm(host.path('/proc/sys/net/nf_conntrack_max'));
    expect((await refusal(host, 'medic-raise', RAISE_A))?.code).toBe('not-initial-netns');
    expect((await refusal(host, 'medic-rollback', ROLLBACK_A))?.code).toBe('not-initial-netns');
    const bare = await scratchHost();
    await rm(bare.path('/proc/sys/net/nf_conntrack_max'));
    await rm(bare.path('/proc/sys/net/netfilter'), { recursive: true });
    const { exitCode, result } = await bare.run('medic-raise', RAISE_A);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'no-conntrack' });
  });
});

describe.runIf(canCover).each(shells)('the parameters of raise.sh under $name', ({ command }) => {
  it.each([
    ['a leading zero, octal to the kernel', { toMax: '00524288' }],
    ['0, unlimited to the kernel', { toMax: '0' }],
    ['a negative number', { toMax: '-458752' }],
    ['an expression', { toMax: '458752+1' }],
    ['two numbers', { toMax: '458752 1' }],
    ['a second line', { toMax: '458752\n5' }],
    ['hexadecimal', { fromMax: '0x40000' }],
    ['eight digits', { toBuckets: '45875200' }],
    ['three digits', { fromBuckets: '512' }],
    ['nothing', { toBuckets: '' }],
    ['a glob', { toMax: '*' }],
    ['a command', { toMax: '$(touch /etc/owned)' }],
    ['an unknown mode', { mode: 'force' }],
    ['an incident with a slash', { incident: '../../etc/passwd' }],
    ['an incident with a space', { incident: 'inc-aaaaaaaa x' }],
    ['an incident that is too long', { incident: 'a'.repeat(65) }],
  ])('are refused with %s', async (_, parameters) => {
    const asked = { ...RAISE_A, ...parameters };
    const result = await refusal(await untouched(), 'medic-raise', asked, command.join(' '));
    expect(result?.code).toBe('bad-parameter');
  });
});

describe.runIf(canCover)('rollback.sh refuses and changes nothing', () => {
  it('an incident that never raised here', async () => {
    expect((await refusal(await scratchHost(), 'medic-rollback', ROLLBACK_A))?.code).toBe(
      'nothing-to-roll-back',
    );
  });

  it('an incident that is not on top', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    const result = await refusal(host, 'medic-rollback', { nonce: NONCE, incident: 'inc-cccccccc' });
    expect(result).toMatchObject({
      code: 'not-our-incident',
      detail: expect.stringContaining(RAISE_A.incident),
    });
  });

  it('a count above 80 % of the limit before the raise, naming both', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    await host.setValue('count', 209_716);
    const result = await refusal(host, 'medic-rollback', ROLLBACK_A);
    expect(result).toMatchObject({ code: 'count-too-high', count: 209_716 });
    expect(result?.detail).toMatch(/209,716 entries .* 262,144/);
    await host.setValue('count', 209_715);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
  });

  it('a document that it was not written for: parameters are checked there as well', async () => {
    const text = shipped('medic-rollback', { nonce: NONCE, incident: 'inc aaaaaaaa' });
    expect((await run(['dash', '-c', text])).stdout).toContain('code=bad-parameter');
  });
});

describe.runIf(canCover)('rollback.sh', () => {
  it('leaves a limit alone that somebody has set since, and restores the files all the same', async () => {
    const host = await scratchHost();
    const before = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    await host.setValue('max', 600_000);
    await host.setValue('count', 550_000);
    const { exitCode, result } = await host.run('medic-rollback', ROLLBACK_A);
    expect({ exitCode, outcome: result?.outcome }).toEqual({ exitCode: 0, outcome: 'rolled-back' });
    expect(result?.detail).toMatch(/600,000.*somebody else/);
    expect(await host.value('max')).toBe(600_000);
    expect(await host.configuration()).toEqual(before);
  });
});
