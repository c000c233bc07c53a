import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/core/capture/capture.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { collect, collectorFile, sectionsOf } from './support/collected.ts';
import { beside, type NamedProcess } from './support/named-process.ts';
import { NONCE } from './support/scripts.ts';
import { has, isRoot, run, SHELLS } from './support/shells.ts';
import { STRANGERS } from './support/strangers.ts';
import { temporaryDirectory } from './support/temporary.ts';

const shells = SHELLS.filter(({ binary }) => has(binary));
const OTHER_NAMESPACE = ['unshare', '-n'];
const OTHER_USER = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Lines of a section in each shell while the processes run. */
async function linesBeside(
  section: string,
  processes: readonly NamedProcess[],
): Promise<readonly (readonly string[])[]> {
  return beside(processes, () =>
    Promise.all(
      shells.map(
        async ({ command }) => sectionsOf((await collect(command)).stdout).get(section)?.lines ?? [],
      ),
    ),
  );
}

const namedKubeProxy = (by: readonly string[], min: string): NamedProcess => {
  return { name: 'kube-proxy', by, options: [`--conntrack-min=${min}`] };
};

// The machine's processes are seen by all: one after the other.
describe.runIf(isRoot && has('setpriv', 'unshare'))('whose process collect.sh takes for the node’s', () => {
  it.each([
    ['in another network namespace', OTHER_NAMESPACE],
    ['of another user', OTHER_USER],
    ['of another user in another network namespace', [...OTHER_NAMESPACE, ...OTHER_USER]],
    ['that is root only in a user namespace of its own', [...OTHER_USER, 'unshare', '-U', '-r', '-n']],
  ])('passes a kube-proxy over %s', async (_, by) => {
    for (const lines of await linesBeside('kube-proxy -', [namedKubeProxy(by, '7')]))
      expect([...lines]).toEqual([
        'running=no',
        expect.stringMatching(/^kube_ipvs0=/),
        expect.stringMatching(/^interfaces=/),
        'branch_interfaces=0',
      ]);
  });

  it('reads the node’s own kube-proxy among others of that name', async () => {
    const processes = [
      namedKubeProxy(OTHER_USER, '7'),
      namedKubeProxy(OTHER_NAMESPACE, '8'),
      namedKubeProxy([], '131072'),
      namedKubeProxy(OTHER_USER, '9'),
    ];
    for (const lines of await linesBeside('kube-proxy -', processes))
      expect(lines.filter((line) => /^(running|arg)=/.test(line))).toEqual([
        'running=yes',
        'arg=--conntrack-min=131072',
      ]);
  });

  it.each(['tuned', 'bpftune'])('tells whether %s runs by the same rule', async (name) => {
    const others = [
      { name, by: OTHER_USER },
      { name, by: OTHER_NAMESPACE },
    ];
    for (const lines of await linesBeside('tuners -', others)) expect(lines).toContain(`${name}=no`);
    for (const lines of await linesBeside('tuners -', [...others, { name }]))
      expect(lines).toContain(`${name}=yes`);
  });

  it('says that it does not know where the namespace of a root’s process can not be read', async () => {
    // Whoever lacks a capability that a process has may not ask for its namespaces (man 2 ptrace).
    const less = [
      'setpriv',
      '--bounding-set',
      '-sys_ptrace,-sys_time',
      '--inh-caps',
      '-sys_ptrace,-sys_time',
    ];
    for (const { command } of shells) {
      const { stdout } = await beside([namedKubeProxy([], '7')], async () =>
        run([...less, ...command, await collectorFile()]),
      );
      expect(sectionsOf(stdout).get('kube-proxy -')?.lines).toContain('running=unknown');
      expect(stdout).not.toContain('conntrack-min');
    }
  });

  it('does not call absent what it can not see from a process namespace of its own', async () => {
    const { stdout } = await run([
      'unshare',
      '--pid',
      '--fork',
      '--mount-proc',
      'dash',
      await collectorFile(),
    ]);
    expect(sectionsOf(stdout).get('kube-proxy -')?.lines).toContain('running=unknown');
  });
});

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
        'branch_interfaces=0',
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

describe.runIf(isRoot)('collect.sh where the configuration of kube-proxy is none', () => {
  it.each(Object.entries(STRANGERS))('is not held up by %s', async (_, make) => {
    const path = join(await temporaryDirectory(), 'config.conf');
    await make(path);
    await beside([{ name: 'kube-proxy', options: [`--config=${path}`] }], async () => {
      const printed = await Promise.all(shells.map(({ command }) => collect(command)));
      for (const { stdout } of printed) {
        const sections = sectionsOf(stdout);
        expect([...sections.keys()].at(-1)).toBe('end -');
        const lines = sections.get('kube-proxy -')?.lines ?? [];
        expect(lines).toContain(`arg=--config=${path}`);
        expect(lines.filter((line) => line.startsWith('conf'))).toEqual([]);
      }
    });
  });
});
