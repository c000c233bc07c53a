import { describe, expect, it } from 'vitest';
import { runInScratchNamespace } from '../../local/recorded/scratch-namespace.ts';
import { readCapture } from '../../src/core/capture/capture.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { collect, collectorFile, sectionsOf } from './support/collected.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { beside } from './support/named-process.ts';
import { scratchHost } from './support/scratch-node.ts';
import { NONCE, shipped } from './support/scripts.ts';
import { has, hasNamespaces, isRoot, MOUNT_NAMESPACE, run, SHELLS } from './support/shells.ts';
import { withTool } from './support/tools.ts';

const shells = SHELLS.filter(({ binary }) => has(binary));
const script = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });
const canCover = hasNamespaces();

/** A pod's namespace as /proc shows it: number, and counters of its listeners since it began. */
interface Pod {
  readonly netns: number;
  readonly overflows: number;
  readonly accepted?: number;
}

/** /proc as it is with a process in each of these namespaces. */
function procOf(pods: readonly Pod[]) {
  const filesOf = ({ netns, overflows, accepted = 10 }: Pod): [string, string][] => [
    [
      `${netns}/net/snmp`,
      `Tcp: PassiveOpens EstabResets InSegs OutSegs RetransSegs OutRsts\nTcp: ${accepted} 0 3000000000 100 0 0\n`,
    ],
    [
      `${netns}/net/netstat`,
      `TcpExt: ListenOverflows ListenDrops TCPAbortOnMemory\nTcpExt: ${overflows} ${overflows} 0\n`,
    ],
  ];
  return {
    files: Object.fromEntries(pods.flatMap(filesOf)),
    links: Object.fromEntries(pods.map(({ netns }) => [`${netns}/ns/net`, `net:[${netns}]`])),
  };
}

/** A busy machine may not read the pods within the time that a collection gives them, and says so: then they are asked again. */
async function podsSeen(shell: readonly string[], before: readonly Pod[], after: readonly Pod[]) {
  for (let attempt = 1; ; attempt++) {
    const { stdout } = await collectWithProc({ shell, ...procOf(before), later: procOf(after) });
    const sections = sectionsOf(stdout);
    if (sections.get('pods 1')?.status === 'timeout' && attempt < 5) continue;
    const capture = readCapture(stdout, NONCE);
    return { sections, snapshot: capture === undefined ? undefined : snapshotOf(capture) };
  }
}

const overflowsIn = ({ snapshot }: Awaited<ReturnType<typeof podsSeen>>) =>
  snapshot === undefined ? undefined : valueOf(snapshot.podProtocol)?.get('TcpExtListenOverflows');

// Eight that overflowed long ago, and more than are printed.
const calm = Array.from({ length: 14 }, (_, index): Pod => ({ netns: 5_001 + index, overflows: 9_000 }));

describe.runIf(canCover && isRoot).each(shells)('the pods in collect.sh under $name', ({ command }) => {
  it('are chosen by what changed between the samples, and none of them is lost', async () => {
    const [first, ...rest] = calm;
    const [young, grown] = [
      { netns: 5_101, overflows: 3 },
      { netns: 5_101, overflows: 240 },
    ];
    const seen = await podsSeen(
      command,
      [...calm, young],
      [{ netns: first?.netns ?? 0, overflows: 9_001 }, ...rest, grown],
    );
    const lines = seen.sections.get('pods 1')?.lines ?? [];
    expect(lines[2]).toBe('netns 5101 10 0 3000000000 100 0 0 240 240 0');
    expect(lines[3]).toMatch(/^netns 5001 /);
    expect(lines.at(-1)).toMatch(/^others \d+ /);
    expect({ overflows: overflowsIn(seen), unread: seen.snapshot?.unreadPods }).toEqual({
      overflows: 238n,
      unread: 0,
    });
  });

  it('count what a namespace has done that began between the samples, also under the number of one that ended', async () => {
    const began = await podsSeen(command, calm, [...calm, { netns: 5_201, overflows: 17 }]);
    expect(began.sections.get('pods 1')?.lines).toContainEqual(expect.stringMatching(/^began 5201 /));
    expect(overflowsIn(began)).toBe(17n);
    const [first, ...rest] = calm;
    const again = await podsSeen(command, calm, [{ netns: first?.netns ?? 0, overflows: 5 }, ...rest]);
    expect(overflowsIn(again)).toBe(5n);
  });

  it('have their sockets told by state where there are most of them, as far as they are counted, and added up beyond', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ netns: 7_001 + index, overflows: 0 }));
    const rows = Array.from(
      { length: 12_000 },
      (_, index) =>
        `${String(index).padStart(4)}: 0100007F:0050 0100007F:${index.toString(16).padStart(4, '0').toUpperCase()} 08 00000000:00000000 00:00000000 00000000     0        0 0 1 0`,
    );
    const { files, links } = procOf(many);
    const inUse = (netns: number) => (netns === 7_030 ? 11_000 : netns - 7_000);
    const sockets = many.flatMap(({ netns }): [string, string][] => [
      [
        `${netns}/net/sockstat`,
        `sockets: used 9\nTCP: inuse ${inUse(netns)} orphan 7 tw ${netns === 7_030 ? 1_000 : 1} alloc 99999 mem 3\nUDP: inuse 2 mem 1\n`,
      ],
      [`${netns}/net/sockstat6`, 'TCP6: inuse 0\nUDP6: inuse 2\n'],
      [
        `${netns}/net/tcp`,
        [
          '  sl  local_address rem_address   st tx_queue',
          ...(netns === 7_030 ? rows : rows.slice(0, 3)),
          '',
        ].join('\n'),
      ],
    ]);
    const given = { files: { ...files, ...Object.fromEntries(sockets) }, links };
    const { stdout } = await collectWithProc({ shell: command, ...given });
    const seen = sectionsOf(stdout).get('pod_sockets 1');
    // On a machine that is short of time the states are left out, and what is read of all is less.
    if (seen?.status === 'timeout') return;
    expect(stdout.length).toBeLessThanOrEqual(24_000);
    const [first, most, next, ...others] = seen?.lines ?? [];
    expect(first).toBe('namespaces=30 hidden=0');
    expect(most).toMatch(/^netns 7030 0 1000 11000 - (first 08=5000|none)$/);
    expect(next).toMatch(/^netns 7029 0 1 29 - (all 08=3|none)$/);
    expect(others).toHaveLength(7);
    expect(others.at(-1)).toBe(`others 22 0 22 ${(22 * 23) / 2}`);
  });

  it('are unread where there are more of them than are looked at', async () => {
    const many = Array.from({ length: 70 }, (_, index) => ({ netns: 6_001 + index, overflows: 1 }));
    const seen = await podsSeen(command, many, many);
    expect(seen.sections.get('pods 1')?.lines[0]).toBe('namespaces=70 read=64 hidden=0');
    expect(seen.snapshot?.unreadPods).toBe(6);
  });
});

describe.runIf(canCover)('what collect.sh leaves out', { concurrent: true }, () => {
  it('is told of the lines of configuration, and of the files that it could not read', async () => {
    const host = await scratchHost();
    const lines = Array.from(
      { length: 50 },
      (_, index) => `net.netfilter.nf_conntrack_max = ${5_000 + index}`,
    );
    await host.put('/etc/sysctl.d/20-many.conf', `${lines.join('\n')}\n`);
    for (let index = 0; index < 7; index += 1)
      await host.put(`/etc/sysctl.d/30-long-${index}.conf`, 'a'.repeat(70_000));
    const { stdout } = await runInScratchNamespace({ root: host.root, script, environment: {} });
    const { lines: seen = [] } = sectionsOf(stdout).get('persistence -') ?? {};
    expect(seen).toContain('unread_more=2');
    expect(seen.filter((line) => line.startsWith('unread='))).toHaveLength(5);
    expect(seen).toContain('unlisted=10');
  });

  it('marks counters of interfaces as cut where there are more interfaces than are read', async () => {
    const host = await scratchHost();
    const names = Array.from({ length: 17 }, (_, index) => `eth${index}`);
    await host.put(
      '/with-interfaces.sh',
      `mount -t tmpfs interfaces /sys/class/net\ncd /sys/class/net\nfor name in ${names.join(' ')}; do mkdir -p "$name/device"; done\nexec dash "$1"\n`,
    );
    const { PATH } = await withTool('ethtool', 'echo "     bw_in_allowance_exceeded: 0"');
    const collected = (many: number) =>
      runInScratchNamespace({
        root: host.root,
        script,
        environment: { PATH },
        shell: `sh ${host.path('/with-interfaces.sh')}`,
      }).then(({ stdout }) => ({ many, section: sectionsOf(stdout).get('ethtool 1') }));
    const { section } = await collected(17);
    expect(section?.status).toBe('truncated');
    expect(section?.lines.filter((line) => line.startsWith('== '))).toHaveLength(16);
  });

  it('is an interface with a name that is none, and nothing that is read along with it', async () => {
    const { PATH } = await withTool('ethtool', 'echo "     bw_in_allowance_exceeded: 0"');
    const covered =
      'mount -t tmpfs interfaces /sys/class/net\ncd /sys/class/net\nfor name in eth0 "a~b"; do mkdir -p "$name/device"; ln -s /drivers/ena "$name/device/driver"; done\nexec dash "$0"\n';
    const { stdout } = await run(
      ['unshare', ...MOUNT_NAMESPACE, 'sh', '-c', covered, await collectorFile()],
      { PATH },
    );
    const sections = sectionsOf(stdout);
    expect(sections.get('ethtool 1')).toMatchObject({
      status: 'truncated',
      lines: ['== eth0 driver=ena', 'bw_in_allowance_exceeded: 0'],
    });
    expect(sections.get('kube-proxy -')?.lines[0]).toMatch(/^running=(no|unknown)$/);
    if (isRoot) expect(sections.get('pods 1')?.lines[0]).toMatch(/^namespaces=\d+ read=\d+ hidden=\d+$/);
  });

  it('is never a counter of a receive ring, however many others a driver has', async () => {
    const others = Array.from({ length: 40 }, (_, index) => `     a${index}_dropped_${index}: 1`).join('\n');
    const host = await scratchHost();
    await host.put(
      '/with-interfaces.sh',
      'mount -t tmpfs interfaces /sys/class/net\nmkdir -p /sys/class/net/eth0/device\nexec dash "$1"\n',
    );
    const { PATH } = await withTool(
      'ethtool',
      `cat <<'STATISTICS'\nNIC statistics:\n${others}\n     rx_out_of_buffer: 77\n     rx_fifo_errors: 5\nSTATISTICS`,
    );
    const { stdout } = await runInScratchNamespace({
      root: host.root,
      script,
      environment: { PATH },
      shell: `sh ${host.path('/with-interfaces.sh')}`,
    });
    const { lines } = sectionsOf(stdout).get('ethtool 1') ?? {};
    expect(lines).toContain('rx_out_of_buffer: 77');
    expect(lines).toContain('rx_fifo_errors: 5');
    expect(lines).toHaveLength(11);
  });
});

describe.runIf(isRoot)('arguments of kube-proxy', () => {
  it('say so where they are cut, and prove no default then', async () => {
    const options = [
      ...Array.from({ length: 70 }, (_, index) => `--v=${index}`),
      '--conntrack-max-per-core=0',
    ];
    const { stdout } = await beside([{ name: 'kube-proxy', options }], () => collect(['dash']));
    expect(sectionsOf(stdout).get('kube-proxy -')?.lines).toContain('arguments=cut');
    const capture = readCapture(stdout, NONCE);
    const kubeProxy = capture && valueOf(snapshotOf(capture).kubeProxy);
    expect(kubeProxy).toMatchObject({ isRunning: true, settings: undefined });
  });
});
