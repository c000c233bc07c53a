import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { readCapture } from '../../src/core/capture/capture.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { collect, sectionsOf } from './support/collected.ts';
import { scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, shipped } from './support/scripts.ts';
import { find, has, hasNamespaces, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process by the name of kube-proxy that does nothing but wait, with arguments of our choice. */
async function startKubeProxy(environment: Record<string, string>, ...options: string[]): Promise<void> {
  const path = join(await temporaryDirectory(), 'kube-proxy');
  await copyFile(find('dash') ?? '/bin/sh', path);
  const child = spawn(path, ['-c', 'echo ready; read _', ...options], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  started.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
}

describe.each(shells)('what collect.sh says about kube-proxy under $name', ({ command }) => {
  it('names the arguments that decide about the limit, in both spellings, and nothing else', async () => {
    await startKubeProxy(
      { AWS_SECRET_ACCESS_KEY: 'do-not-print-me' },
      '--config=/var/lib/kube-proxy/config',
      '--conntrack-min',
      '131072',
      '--token=hunter2',
      '--hostname-override=node-7',
    );
    const lines = sectionsOf((await collect(command)).stdout).get('kube-proxy -')?.lines ?? [];
    expect(lines).toEqual([
      'running=yes',
      expect.stringMatching(/^version=/),
      expect.stringMatching(/^started=\d+\.\d\d$/),
      'arg=--config=/var/lib/kube-proxy/config',
      'arg=--conntrack-min=131072',
      expect.stringMatching(/^kube_ipvs0=(yes|no)$/),
      expect.stringMatching(/^interfaces=/),
    ]);
  });

  it('reads from its configuration file what decides about the limit, and nothing else', async () => {
    const file = join(await temporaryDirectory(), 'config.conf');
    await writeFile(
      file,
      'clientConnection:\n  kubeconfig: /secret\nconntrack:\n  maxPerCore: 65536 # more\n  min: "131072"\niptables:\n  min: 7\nkind: KubeProxyConfiguration\n',
    );
    await startKubeProxy({}, `--config=${file}`, '--conntrack-max-per-core=0');
    const { stdout } = await collect(command);
    const lines = sectionsOf(stdout).get('kube-proxy -')?.lines ?? [];
    expect(lines.filter((line) => line.startsWith('conf'))).toEqual([
      'config=read',
      'conf=maxPerCore=65536',
      'conf=min=131072',
    ]);
    const capture = readCapture(stdout, NONCE);
    if (capture === undefined) throw new Error('the collector printed no capture');
    expect(snapshotOf(capture).kubeProxy).toMatchObject({
      value: { settings: { maxPerCore: 65_536, min: 131_072 } },
    });
  });

  it.each([
    ['another file', 'conntrack:\n  min: 7\n'],
    ['a section in braces', 'kind: KubeProxyConfiguration\nconntrack: { maxPerCore: 0 }\n'],
  ])('takes nothing from %s', async (_, text) => {
    const file = join(await temporaryDirectory(), 'config.conf');
    await writeFile(file, text);
    await startKubeProxy({}, `--config=${file}`);
    const { stdout } = await collect(command);
    expect(stdout).not.toContain('conf=');
    const capture = readCapture(stdout, NONCE);
    expect(capture && snapshotOf(capture).kubeProxy).toMatchObject({ value: { settings: undefined } });
  });

  it('tells since when kube-proxy and PID 1 run, on the clock of the sections', async () => {
    const before = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
    await startKubeProxy({});
    const { stdout } = await collect(command);
    const capture = readCapture(stdout, NONCE);
    if (capture === undefined) throw new Error('the collector printed no capture');
    const { identity, kubeProxy } = snapshotOf(capture);
    const { uptime = 0 } = sectionsOf(stdout).get('kube-proxy -') ?? {};
    const running = kubeProxy.known ? kubeProxy.value.runningSeconds : undefined;
    // It began after `before` and before the section was read; starts are counted in hundredths of a second.
    expect(running).toBeGreaterThanOrEqual(0);
    expect(running).toBeLessThanOrEqual(uptime - before + 0.02);
    expect(identity.runningSeconds.known && identity.runningSeconds.value).toBeGreaterThan(running ?? 0);
  });

  it('never prints its environment or other arguments anywhere', async () => {
    await startKubeProxy({ AWS_SECRET_ACCESS_KEY: 'do-not-print-me' }, '--token=hunter2');
    const { stdout } = await collect(command);
    expect(stdout).toContain('running=yes');
    expect(stdout).not.toMatch(/hunter2|do-not-print-me/);
  });
});

describe.runIf(canCover)('what collect.sh says about persistence', () => {
  it('lists every line that sets a conntrack key with its file and number, comments left out', async () => {
    const host = await scratchHost();
    await host.put(
      '/etc/sysctl.conf',
      '# net.netfilter.nf_conntrack_max = 1\n\nnet.netfilter.nf_conntrack_max=131072\n',
    );
    await symlink('../sysctl.conf', host.path('/etc/sysctl.d/99-sysctl.conf'));
    await host.put('/etc/modules-load.d/net.conf', 'nf_conntrack\n');
    await host.put('/etc/tuned/active_profile', 'latency\n');
    await host.put('/etc/tuned/latency/tuned.conf', '[sysctl]\nnet.netfilter.nf_conntrack_max=65536\n');
    const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {} });
    const { status, lines } = sectionsOf(stdout).get('persistence -') ?? {};
    expect(status).toBe('ok');
    expect(lines).toEqual([
      'builtin=no',
      'modules_load=yes',
      '/etc/sysctl.conf:3: net.netfilter.nf_conntrack_max=131072',
      '/etc/sysctl.d/99-sysctl.conf:3: net.netfilter.nf_conntrack_max=131072',
      '/etc/modules-load.d/net.conf:1: nf_conntrack',
      '/etc/tuned/latency/tuned.conf:2: net.netfilter.nf_conntrack_max=65536',
    ]);
  });

  it('shows what a raise has written, and none of the bytes that its header records', async () => {
    const host = await scratchHost();
    await host.run('medic-raise', RAISE_A);
    const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {} });
    const sections = sectionsOf(stdout);
    expect(sections.get('state -')?.lines).toEqual([
      'half_applied=no',
      `incident=${RAISE_A.incident}`,
      `raised_to=${RAISE_A.toMax}`,
      expect.stringMatching(/^raised_seconds_ago=\d{1,3}$/),
    ]);
    expect(sections.get('persistence -')?.lines).toContainEqual(
      expect.stringMatching(/99-zz-conntrack-medic\.conf:\d+: net\.netfilter\.nf_conntrack_max = 458752$/),
    );
    expect(stdout).not.toContain('medic-before');
  });

  it('reads a node without connection tracking as such', async () => {
    const host = await scratchHost();
    await run([
      'rm',
      '-r',
      host.path('/proc/sys/net/netfilter'),
      host.path('/proc/sys/net/nf_conntrack_max'),
    ]);
    const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {} });
    const sections = sectionsOf(stdout);
    expect(sections.get('conntrack 0')).toMatchObject({ status: 'missing', lines: [] });
    expect(sections.get('conntrack-S 0')).toBeUndefined();
  });
});

describe.runIf(canCover).each(shells)('collect.sh under $name', ({ command }) => {
  it('runs where no file can be written at all, and leaves none behind', async () => {
    const host = await scratchHost();
    // Nothing is writable but the kernel's own files; TMPDIR points at nothing.
    await host.put(
      '/read-only.sh',
      `for path in / /tmp /var/lib /run /etc /dev/shm; do mount -o bind "$path" "$path" 2>/dev/null; mount -o remount,bind,ro "$path" 2>/dev/null; done\n` +
        `if (: >"${host.root}/probe") 2>/dev/null; then echo still writable; fi\nexec ${command.join(' ')} "$1"\n`,
    );
    const { exitCode, stdout, stderr } = await runInScratchNamespace({
      root: host.root,
      script,
      environment: { TMPDIR: '/nonexistent' },
      shell: `sh ${host.path('/read-only.sh')}`,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toContain('still writable');
    expect([...sectionsOf(stdout).keys()].at(-1)).toBe('end -');
  });
});
