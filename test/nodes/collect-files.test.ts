import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { sectionsOf } from './support/collected.ts';
import { type ScratchHost, scratchHost } from './support/scratch-node.ts';
import { NONCE, shipped } from './support/scripts.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';
import { STRANGERS } from './support/strangers.ts';

const shells = SHELLS.filter(({ binary }) => has(binary));
const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });

/** Every file that the collector looks into and that somebody with a hand on the node's configuration can make. */
const FILES = [
  '/etc/os-release',
  '/etc/modules',
  '/etc/sysctl.conf',
  '/etc/sysctl.d/10-a.conf',
  '/etc/sysctl.d/99-zz-conntrack-medic.conf',
  '/etc/modules-load.d/a.conf',
  '/etc/modprobe.d/a.conf',
  '/etc/tuned/active_profile',
  '/etc/tuned/tuned-main.conf',
  '/etc/tuned/mine/tuned.conf',
  '/run/sysctl.d/a.conf',
  '/run/conntrack-medic/unpersisted',
];

async function put(host: ScratchHost, file: string, make: (path: string) => Promise<unknown>): Promise<void> {
  await mkdir(dirname(host.path(file)), { recursive: true });
  await rm(host.path(file), { force: true });
  await make(host.path(file));
}

/** What the collector prints on a node where each of the files is of that making, and one that sets the limit is sound. */
async function collectAmong(make: (path: string) => Promise<unknown>, command: readonly string[]) {
  const host = await scratchHost();
  for (const file of FILES) await put(host, file, make);
  await host.put('/etc/sysctl.d/20-b.conf', 'net.netfilter.nf_conntrack_max = 5000\n');
  return runInScratchNamespace({ root: host.root, script, environment: {}, shell: command.join(' ') });
}

describe.runIf(hasNamespaces())('collect.sh where a file is none', () => {
  it.each(Object.entries(STRANGERS))('is not held up by %s, wherever it stands', async (_, make) => {
    const collected = await Promise.all(shells.map(({ command }) => collectAmong(make, command)));
    for (const { exitCode, stdout, stderr } of collected) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const sections = sectionsOf(stdout);
      expect([...sections.keys()].at(-1)).toBe('end -');
      expect(sections.get('state -')?.lines).toEqual(['half_applied=no', 'incident=']);
      expect(sections.get('persistence -')?.status).toBe('ok');
      expect(sections.get('persistence -')?.lines).toEqual([
        'builtin=no',
        'unread=/etc/sysctl.conf',
        'unread=/etc/sysctl.d/10-a.conf',
        'unread=/etc/sysctl.d/99-zz-conntrack-medic.conf',
        'unread=/run/sysctl.d/a.conf',
        'unread=/etc/modules',
        expect.stringMatching(/^unread_more=\d$/),
        '/etc/sysctl.d/20-b.conf:1: net.netfilter.nf_conntrack_max = 5000',
      ]);
    }
  });

  it('reads what a link leads to, and takes no offence at what stands for nothing', async () => {
    const host = await scratchHost();
    await host.put('/etc/elsewhere', 'net.netfilter.nf_conntrack_max = 5000\n');
    await symlink('../elsewhere', host.path('/etc/sysctl.d/10-link.conf'));
    await symlink('/dev/null', host.path('/etc/sysctl.d/20-masked.conf'));
    await symlink('/nowhere', host.path('/etc/sysctl.d/30-gone.conf'));
    await mkdir(host.path('/etc/sysctl.d/40-folder.conf'));
    // A byte that no text has hides nothing.
    await host.put('/etc/sysctl.d/50-zero.conf', '\0\nnet.ipv4.neigh.default.gc_thresh3 = 4096\n');
    const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {} });
    expect(sectionsOf(stdout).get('persistence -')?.lines).toEqual([
      'builtin=no',
      'modules_load=no',
      '/etc/sysctl.d/10-link.conf:1: net.netfilter.nf_conntrack_max = 5000',
      '/etc/sysctl.d/50-zero.conf:2: net.ipv4.neigh.default.gc_thresh3 = 4096',
    ]);
  });
});
