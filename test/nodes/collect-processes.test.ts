import { describe, expect, it } from 'vitest';
import { collect, collectorFile, sectionsOf } from './support/collected.ts';
import { beside, type NamedProcess } from './support/named-process.ts';
import { has, isRoot, run, SHELLS } from './support/shells.ts';

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

const kubeProxy = (by: readonly string[], min: string): NamedProcess => {
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
    for (const lines of await linesBeside('kube-proxy -', [kubeProxy(by, '7')]))
      expect([...lines]).toEqual([
        'running=no',
        expect.stringMatching(/^kube_ipvs0=/),
        expect.stringMatching(/^interfaces=/),
      ]);
  });

  it('reads the node’s own kube-proxy among others of that name', async () => {
    const processes = [
      kubeProxy(OTHER_USER, '7'),
      kubeProxy(OTHER_NAMESPACE, '8'),
      kubeProxy([], '131072'),
      kubeProxy(OTHER_USER, '9'),
    ];
    for (const lines of await linesBeside('kube-proxy -', processes))
      expect(lines.filter((line) => /^(running|arg)=/.test(line))).toEqual([
        'running=yes',
        'arg=--conntrack-min=131072',
      ]);
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
      const { stdout } = await beside([kubeProxy([], '7')], async () =>
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
