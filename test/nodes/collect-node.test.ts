import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { sectionsOf } from './support/collected.ts';
import { scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A, shipped } from './support/scripts.ts';
import { has, hasNamespaces, run, SHELLS } from './support/shells.ts';

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });

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

describe.runIf(canCover).each(shells)(
  'the settings of a node under $name',
  { concurrent: true },
  ({ command }) => {
    it('are read in their own spelling, the backlog of received packets among them', async () => {
      const host = await scratchHost();
      await host.setSetting('net.core.netdev_max_backlog', 5_000);
      await host.put('/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait', '-1\n');
      const shell = command.join(' ');
      const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {}, shell });
      const sections = sectionsOf(stdout);
      expect(sections.get('conntrack 1')?.lines).toEqual([
        'nf_conntrack_count=1000',
        'nf_conntrack_max=262144',
        'nf_conntrack_buckets=262144',
      ]);
      expect(sections.get('timeouts -')?.lines).toEqual([
        'nf_conntrack_tcp_timeout_established=86400',
        'nf_conntrack_tcp_timeout_time_wait=120',
        'netdev_max_backlog=5000',
      ]);
      expect(sections.get('neighbours -')?.lines.filter((line) => !line.includes('entries'))).toEqual([
        'gc_thresh1=128',
        'gc_thresh2=512',
        'gc_thresh3=1024',
        'ipv6_gc_thresh1=128',
        'ipv6_gc_thresh2=512',
        'ipv6_gc_thresh3=1024',
      ]);
    });
  },
);

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

describe.runIf(canCover)(
  'what collect.sh says about pods with security groups of their own',
  { concurrent: true },
  () => {
    const seen = async (interfaces: readonly string[], configuration: string | undefined) => {
      const host = await scratchHost();
      if (configuration !== undefined) await host.put('/etc/cni/net.d/10-aws.conflist', configuration);
      await host.put(
        '/with-interfaces.sh',
        `mount -t tmpfs interfaces /sys/class/net\ncd /sys/class/net\nmkdir ${interfaces.join(' ')}\nexec dash "$1"\n`,
      );
      const shell = `sh ${host.path('/with-interfaces.sh')}`;
      const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {}, shell });
      return sectionsOf(stdout)
        .get('kube-proxy -')
        ?.lines.filter((line) => line.startsWith('branch_'));
    };
    const branches = ['lo', 'eth0', 'vlan.eth.1', 'vlan.eth.2', 'vlan0f3b2c1a9d8'];

    it('counts their interfaces and names the mode of the plugin', async () => {
      const configuration = (mode: string) =>
        `{"plugins": [{"type": "aws-cni", "podSGEnforcingMode": "${mode}", "vethPrefix": "eni"}]}`;
      expect(await seen(branches, configuration('strict'))).toEqual([
        'branch_interfaces=2',
        'branch_mode=strict',
      ]);
      expect(await seen(branches, configuration('standard'))).toEqual([
        'branch_interfaces=2',
        'branch_mode=standard',
      ]);
      expect(await seen(branches, undefined)).toEqual(['branch_interfaces=2', 'branch_mode=']);
    });

    it('takes no other VLAN for one', async () => {
      expect(await seen(['lo', 'eth0', 'vlan10', 'eth0.12'], undefined)).toEqual(['branch_interfaces=0']);
    });
  },
);
