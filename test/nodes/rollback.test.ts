import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type ScratchHost, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, ROLLBACK_A } from './support/scripts.ts';
import { hasNamespaces } from './support/shells.ts';

const canCover = hasNamespaces();

/** A raised node, and what was under /etc before. */
async function raised(): Promise<{ host: ScratchHost; before: Readonly<Record<string, string>> }> {
  const host = await scratchHost();
  const before = await host.configuration();
  await host.run('medic-raise', RAISE_A);
  return { host, before };
}

async function reboot(host: ScratchHost, max: number): Promise<void> {
  await rm(host.path('/run/conntrack-medic'), { recursive: true });
  await host.setValue('max', max);
}

describe.runIf(canCover)('a rollback after a reboot', () => {
  it('lowers a limit that our file brought back, and takes the file away', async () => {
    const { host, before } = await raised();
    await reboot(host, 458_752);
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result).toMatchObject({ outcome: 'rolled-back', max: { before: 458_752, after: 262_144 } });
    expect(await host.configuration()).toEqual(before);
  });

  it.each([
    [
      'is what it was before the raise',
      262_144,
      /The files are as they were; the limit is 262,144 and was left\./,
    ],
    [
      'is lower than ever',
      131_072,
      /the limit is 131,072, which somebody else has set since, and was left\./,
    ],
    [
      'is higher than ours',
      1_048_576,
      /the limit is 1,048,576, which somebody else has set since, and was left\./,
    ],
  ])('leaves a limit alone that %s, and says so apart from the files', async (_, max, detail) => {
    const { host, before } = await raised();
    await reboot(host, max);
    // Nothing is lowered, so nothing can hurt however full the table is.
    await host.setValue('count', Math.floor(max * 0.95));
    const { exitCode, result } = await host.run('medic-rollback', ROLLBACK_A);
    expect({ exitCode, outcome: result?.outcome }).toEqual({ exitCode: 0, outcome: 'rolled-back' });
    expect(result?.detail).toMatch(detail);
    expect(result?.files.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed']);
    expect(await host.value('max')).toBe(max);
    expect(await host.configuration()).toEqual(before);
  });

  it('takes the files away where the module is not loaded any more', async () => {
    const { host, before } = await raised();
    await rm(host.path('/run/conntrack-medic'), { recursive: true });
    await rm(host.path('/proc/sys/net/nf_conntrack_max'));
    await rm(host.path('/proc/sys/net/netfilter'), { recursive: true });
    const { exitCode, result } = await host.run('medic-rollback', ROLLBACK_A);
    expect({ exitCode, outcome: result?.outcome, max: result?.max }).toEqual({
      exitCode: 0,
      outcome: 'rolled-back',
      max: undefined,
    });
    expect(result?.detail).toMatch(/nf_conntrack is not loaded, so there is no limit to lower/);
    expect(await host.configuration()).toEqual(before);
  });

  it('a second time has nothing to do and says so', async () => {
    const { host, before } = await raised();
    await reboot(host, 262_144);
    await host.run('medic-rollback', ROLLBACK_A);
    await reboot(host, 262_144);
    const { exitCode, result } = await host.run('medic-rollback', ROLLBACK_A);
    expect({ exitCode, outcome: result?.outcome }).toEqual({ exitCode: 0, outcome: 'unchanged' });
    expect(result?.detail).toMatch(/rolled back before; nothing was left to do/);
    expect(await host.configuration()).toEqual(before);
  });
});
