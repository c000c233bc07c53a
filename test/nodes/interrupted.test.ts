import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { sectionsOf } from './support/collected.ts';
import { JOURNAL, type ScratchHost, SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, RAISE_B, ROLLBACK_A, shipped } from './support/scripts.ts';
import { find, has, hasNamespaces } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const canCover = hasNamespaces() && has('bash', 'dash');
const raiseA = { document: 'medic-raise', parameters: RAISE_A } as const;
const rollbackA = { document: 'medic-rollback', parameters: ROLLBACK_A } as const;

/** A PATH on which a tool works as ever until it is called for the n-th time: then its caller is killed instead. */
async function deadlyTool(name: string, call: number): Promise<{ PATH: string }> {
  const directory = await temporaryDirectory();
  const lines = [
    '#!/bin/sh',
    `calls=$(($(cat ${directory}/calls) + 1))`,
    `echo $calls >${directory}/calls`,
    `if [ $calls -eq ${call} ]; then kill -9 "$PPID"; fi`,
    `exec ${find(name)} "$@"`,
  ];
  await writeFile(join(directory, 'calls'), '0\n');
  await writeFile(join(directory, name), `${lines.join('\n')}\n`);
  await chmod(join(directory, name), 0o755);
  return { PATH: `${directory}:${process.env['PATH']}` };
}

/** Kills a raise after the limit has risen, while its n-th file is being written. */
async function killedRaise(file = 1): Promise<ScratchHost> {
  const host = await scratchHost();
  const { exitCode } = await host.run('medic-raise', RAISE_A, 'dash', await deadlyTool('chown', file));
  expect(exitCode).toBe(137);
  return host;
}

/** Whether something is half done, and whose change is the newest. */
async function collectedState(host: ScratchHost): Promise<readonly string[]> {
  const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });
  const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {}, shell: 'dash' });
  return sectionsOf(stdout).get('state -')?.lines.slice(0, 2) ?? [];
}

describe.runIf(canCover)('a half-applied raise', { concurrent: true }, () => {
  it('is reported by collect until the next run of any script has settled it', async () => {
    const host = await killedRaise();
    expect(await collectedState(host)).toEqual(['half_applied=yes', 'incident=']);
    await host.run('medic-raise', RAISE_A);
    expect(await collectedState(host)).toEqual(['half_applied=no', `incident=${RAISE_A.incident}`]);
  });

  it('is finished before a refused command, and the answer says so', async () => {
    const host = await killedRaise();
    const { result } = await host.run('medic-raise', { ...RAISE_B, fromMax: '131072' });
    expect(result).toMatchObject({ outcome: 'refused', code: 'value-moved' });
    expect(result?.detail).toMatch(/^An interrupted raise of inc-aaaaaaaa was finished first\./);
    expect(await host.text(SYSCTL_FILE)).toMatch(/nf_conntrack_max = 458752/);
  });

  it('is finished by whatever script comes next, one that writes no file included', async () => {
    const host = await killedRaise();
    await host.put('/bin-of-node/conntrack', '#!/bin/sh\nexit 0\n', 0o755);
    const PATH = `${host.path('/bin-of-node')}:${process.env['PATH']}`;
    const parameters = { ...ROLLBACK_A, destination: '10.96.0.10', port: '53', target: '10.1.1.5' };
    const { result } = await host.run('medic-delete-udp-entry', parameters, 'dash', { PATH });
    expect(result).toMatchObject({ outcome: 'unchanged', deleted: 0 });
    expect(result?.detail).toMatch(/^An interrupted raise of inc-aaaaaaaa was finished first\./);
    expect(await host.text(SYSCTL_FILE)).toMatch(/nf_conntrack_max = 458752/);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
  });

  it.each([1, 2, 3])(
    'is reverted after a reboot, which took the running values, from file %i on',
    async (file) => {
      const host = await killedRaise(file);
      await rm(host.path('/run/conntrack-medic'), { recursive: true });
      await host.setValue('max', 65_536);
      await host.setValue('buckets', 65_536);
      const { result } = await host.run('medic-rollback', ROLLBACK_A);
      expect(result).toMatchObject({ code: 'nothing-to-roll-back', max: { before: 65_536, after: 65_536 } });
      expect(result?.detail).toMatch(/was reverted first/);
      expect(await host.configuration()).toEqual(await (await scratchHost()).configuration());
    },
  );

  it('is reverted when somebody has set another limit since, which stays', async () => {
    const host = await killedRaise();
    await host.setValue('max', 300_000);
    const { result } = await host.run('medic-rollback', ROLLBACK_A);
    expect(result).toMatchObject({ outcome: 'refused', code: 'nothing-to-roll-back' });
    expect(await host.value('max')).toBe(300_000);
    expect(await readdir(host.path('/etc/sysctl.d'))).toEqual([]);
  });

  it('whose journal cannot be read stops every script before it changes anything', async () => {
    const host = await killedRaise();
    await host.put(JOURNAL, 'medic-journal/1\naction raise inc-aaaaaaaa\n', 0o600);
    for (const step of [raiseA, rollbackA]) {
      const { exitCode, result } = await host.run(step.document, step.parameters);
      expect({ exitCode, code: result?.code }).toEqual({ exitCode: 1, code: 'interrupted-run-unfinished' });
    }
    expect(await host.value('max')).toBe(458_752);
  });
});

describe.runIf(canCover)('a half-finished rollback', () => {
  it('is reverted after a reboot that brought the raised limit back from the file that was still there', async () => {
    const host = await scratchHost();
    const clean = await host.configuration();
    await host.run('medic-raise', RAISE_A);
    const raised = await host.configuration();
    // Calls one and two clear what a cut-off journal may have left; three and four remove the module's files.
    const { exitCode } = await host.run('medic-rollback', ROLLBACK_A, 'dash', await deadlyTool('rm', 5));
    expect(exitCode).toBe(137);
    expect(await host.configuration()).not.toEqual(raised);
    await host.setValue('max', 458_752);
    const { result } = await host.run('medic-raise', { ...RAISE_B, fromMax: '131072' });
    expect(result?.detail).toMatch(/^An interrupted rollback of inc-aaaaaaaa was reverted first\./);
    expect(await host.configuration()).toEqual(raised);
    expect((await host.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
    expect(await host.configuration()).toEqual(clean);
  });
});
