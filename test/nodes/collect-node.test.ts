import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { readCapture } from '../../src/core/capture/capture.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { collect, sectionsOf } from './support/collected.ts';
import { beside } from './support/named-process.ts';
import { scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, shipped } from './support/scripts.ts';
import { has, hasNamespaces, isRoot, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });
/** What the collector prints in each shell while the node's kube-proxy runs with arguments of our choice. */
async function collectBesideKubeProxy(
  environment: Readonly<Record<string, string>>,
  ...options: string[]
): Promise<ReadonlyMap<string, string>> {
  return beside([{ name: 'kube-proxy', environment, options }], async () => {
    const printed = shells.map(async ({ name, command }) => [name, (await collect(command)).stdout] as const);
    return new Map(await Promise.all(printed));
  });
}

function linesOf(stdout: string | undefined): readonly string[] {
  return sectionsOf(stdout ?? '').get('kube-proxy -')?.lines ?? [];
}

function read(stdout: string | undefined): Snapshot {
  const capture = readCapture(stdout ?? '', NONCE);
  if (capture === undefined) throw new Error('the collector printed no capture');
  return snapshotOf(capture);
}

// The machine has one kube-proxy at most: one after the other.
describe.runIf(isRoot)('what collect.sh says about kube-proxy by its arguments', () => {
  let printed: ReadonlyMap<string, string>;
  let before: number;
  beforeAll(async () => {
    before = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
    printed = await collectBesideKubeProxy(
      { AWS_SECRET_ACCESS_KEY: 'do-not-print-me' },
      '--config=/var/lib/kube-proxy/config',
      '--conntrack-min',
      '131072',
      '--token=hunter2',
      '--hostname-override=node-7',
    );
  });

  it.each(shells)(
    'names those that decide about the limit, in both spellings, and nothing else, under $name',
    ({ name }) => {
      expect(linesOf(printed.get(name))).toEqual([
        'running=yes',
        expect.stringMatching(/^version=/),
        expect.stringMatching(/^started=\d+\.\d\d$/),
        'arg=--config=/var/lib/kube-proxy/config',
        'arg=--conntrack-min=131072',
        expect.stringMatching(/^kube_ipvs0=(yes|no)$/),
        expect.stringMatching(/^interfaces=/),
      ]);
    },
  );

  it.each(shells)(
    'tells since when kube-proxy and PID 1 run, on the clock of the sections, under $name',
    ({ name }) => {
      const { identity, kubeProxy } = read(printed.get(name));
      const { uptime = 0 } = sectionsOf(printed.get(name) ?? '').get('kube-proxy -') ?? {};
      const running = kubeProxy.known ? kubeProxy.value.runningSeconds : undefined;
      // It began after `before` and before the section was read; starts are counted in hundredths of a second.
      expect(running).toBeGreaterThanOrEqual(0);
      expect(running).toBeLessThanOrEqual(uptime - before + 0.02);
      expect(identity.runningSeconds.known && identity.runningSeconds.value).toBeGreaterThan(running ?? 0);
    },
  );

  it.each(shells)('never prints its environment or other arguments anywhere, under $name', ({ name }) => {
    expect(printed.get(name)).toContain('running=yes');
    expect(printed.get(name)).not.toMatch(/hunter2|do-not-print-me/);
  });
});

describe.runIf(isRoot)('what collect.sh says about the configuration file of kube-proxy', () => {
  const besideFile = async (text: string, ...options: string[]) => {
    const file = join(await temporaryDirectory(), 'config.conf');
    await writeFile(file, text);
    return collectBesideKubeProxy({}, `--config=${file}`, ...options);
  };

  it('reads what decides about the limit, and nothing else', async () => {
    const printed = await besideFile(
      'clientConnection:\n  kubeconfig: /secret\nconntrack:\n  maxPerCore: 65536 # more\n  min: "131072"\niptables:\n  min: 7\nkind: KubeProxyConfiguration\n',
      '--conntrack-max-per-core=0',
    );
    for (const [name, stdout] of printed) {
      const lines = linesOf(stdout).filter((line) => line.startsWith('conf'));
      expect({ name, lines }).toEqual({
        name,
        lines: ['config=read', 'conf=maxPerCore=65536', 'conf=min=131072'],
      });
      expect(read(stdout).kubeProxy).toMatchObject({
        value: { settings: { maxPerCore: 65_536, min: 131_072 } },
      });
    }
    expect(printed.size).toBe(shells.length);
  });

  it.each([
    ['another file', 'conntrack:\n  min: 7\n'],
    ['a section in braces', 'kind: KubeProxyConfiguration\nconntrack: { maxPerCore: 0 }\n'],
  ])('takes nothing from %s', async (_, text) => {
    const printed = await besideFile(text);
    for (const [name, stdout] of printed) {
      expect({ name, takes: stdout.includes('conf=') }).toEqual({ name, takes: false });
      expect(read(stdout).kubeProxy).toMatchObject({ value: { settings: undefined } });
    }
    expect(printed.size).toBe(shells.length);
  });
});

describe.runIf(canCover)('what collect.sh says about persistence', { concurrent: true }, () => {
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

describe.runIf(canCover).each(shells)('collect.sh under $name', { concurrent: true }, ({ command }) => {
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
