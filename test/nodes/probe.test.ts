import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';

import { MOST_CHARACTERS } from '../../src/core/fleet/probe-output.ts';
import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { beside } from './support/named-process.ts';
import { probe, probeFile, readingOf } from './support/probed.ts';
import { NONCE, shipped } from './support/scripts.ts';
import { type Finished, find, has, hasNamespaces, isRoot, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';
import { withoutTools, withTool } from './support/tools.ts';

/** The node's own table is seen from the initial network namespace alone, which is where this key is. */
const isNode = existsSync('/proc/sys/net/core/netdev_max_backlog');
const PROC = '/proc/sys/net/netfilter/nf_conntrack_';
const shells = SHELLS.filter(({ binary }) => has(binary));
const canCover = hasNamespaces();
const textOf = (path: string): string => readFileSync(path, 'utf8').trim();

/** The sum of a column of the kernel's own table over CPUs. */
function counter(name: string): number {
  const [header = '', ...rows] = textOf('/proc/net/stat/nf_conntrack').split('\n');
  const column = header.split(/\s+/).indexOf(name);
  return rows.reduce((sum, row) => sum + Number.parseInt(row.split(/\s+/)[column] ?? '', 16), 0);
}

describe.each(shells)('probe.sh under $name', { concurrent: true }, ({ command }) => {
  let finished: Finished;
  let reading: ProbeReading;

  beforeAll(async () => {
    finished = await probe(command);
    reading = readingOf(finished.stdout);
  });

  it('says every value or why it is not there, and its end last', () => {
    expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
    expect(finished.stdout).toMatch(/^[\n\x20-\x7e]*$/);
    expect(finished.stdout).toMatch(new RegExp(`^medic-probe/1 ${NONCE}\\n[^]*\\nend ${NONCE}\\n$`));
    // The id of a boot says more than its time.
    const { bootedAt: _leftOut, ...gaps } = reading.gaps;
    const unsaid = Object.values(gaps).filter((why) => !/^(missing|denied|timeout)$/.test(why));
    expect(unsaid).toEqual([]);
  });

  it('names this kernel, this boot and the time of its own clock', () => {
    expect(reading).toMatchObject({
      bootId: textOf('/proc/sys/kernel/random/boot_id'),
      kernel: textOf('/proc/sys/kernel/osrelease'),
    });
    expect(finished.stdout).toMatch(/^clock=\d{10}$/m);
  });

  it.runIf(isNode && existsSync(`${PROC}max`))(
    'reads the whole numbers of the kernel, in both samples',
    () => {
      expect(reading).toMatchObject({
        max: Number(textOf(`${PROC}max`)),
        buckets: Number(textOf(`${PROC}buckets`)),
      });
      expect(finished.stdout).toMatch(/^count=\d+ \d+$/m);
    },
  );

  it.runIf(isNode && existsSync('/proc/net/stat/nf_conntrack'))('adds the counters of all CPUs up', () => {
    // They only grow, and nobody empties them.
    expect(reading.drops).toBeGreaterThanOrEqual(0);
    expect(reading.drops).toBeLessThanOrEqual(counter('drop'));
    expect(finished.stdout).toMatch(/^insert_failed=\d+ \d+$/m);
  });

  it.each([
    ['a short nonce', { nonce: 'k3v9', sampleSeconds: '2' }, /nonce must be/],
    ['a nonce of two lines', { nonce: `${NONCE}\n`, sampleSeconds: '2' }, /nonce must be/],
    ['no pause between the samples', { nonce: NONCE, sampleSeconds: '0' }, /sampleSeconds must be/],
    ['a pause of a minute', { nonce: NONCE, sampleSeconds: '60' }, /sampleSeconds must be/],
    ['an octal pause', { nonce: NONCE, sampleSeconds: '010' }, /sampleSeconds must be/],
  ])('prints nothing but the reason for %s', async (_, parameters, reason) => {
    const refused = await run([...command, '-c', shipped('medic-probe', parameters)]);
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toMatch(reason);
  });

  it.runIf(isRoot)('does not take the table of another network namespace for the node’s', async () => {
    const { stdout } = await run(['unshare', '-n', ...command, await probeFile()]);
    const { gaps } = readingOf(stdout);
    for (const field of ['count', 'max', 'buckets', 'drops'] as const)
      expect([field, gaps[field]]).toEqual([field, existsSync(`${PROC}max`) ? 'denied' : 'missing']);
  });
});

const HEADER =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';
const ROW = `000f4240  ${'00000000 '.repeat(6)}00000002 00000000 00000003 ffffffff 00000007 00000000  00000000 00000000 00000000 00000000`;

describe.runIf(canCover)('what probe.sh makes of the kernel’s files', { concurrent: true }, () => {
  const withFiles = async (
    files: Readonly<Record<string, string>>,
    absent: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ) =>
    Promise.all(
      shells.map(async ({ command: shell }) => {
        const script = await probeFile();
        const { stdout } = await collectWithProc({ shell, files, absent, environment, script });
        return readingOf(stdout);
      }),
    );

  it('adds counters up beyond 32 bits, and takes the larger family of neighbours', async () => {
    const arp = (entries: string) => `entries allocs\n${`${entries} 00000001\n`.repeat(192)}`;
    const files = {
      'net/stat/nf_conntrack': `${HEADER}\n${`${ROW}\n`.repeat(192)}`,
      'net/stat/arp_cache': arp('0000002a'),
      'net/stat/ndisc_cache': arp('0000002b'),
    };
    for (const reading of await withFiles(files))
      expect(reading).toMatchObject({
        drops: 192 * 0xffffffff,
        insertFailed: 576,
        earlyDrops: 1_344,
        chainTooLong: 384,
        neighbours: 43,
      });
  });

  it('calls a counter that an older kernel does not have missing, and no zero', async () => {
    const old = HEADER.replace('chainlength', 'delete_list');
    for (const reading of await withFiles({ 'net/stat/nf_conntrack': `${old}\n${ROW}\n` })) {
      expect(reading.gaps).toMatchObject({ chainTooLong: 'missing' });
      expect(reading).toMatchObject({ insertFailed: 3 });
    }
  });

  it('says that counters are not there where the kernel shows none and the tool would load a module', async () => {
    const environment = await withTool('conntrack', 'echo "cpu=0 insert_failed=4 drop=5 early_drop=6"');
    const asked = await withFiles({}, ['net/stat/nf_conntrack', 'modules'], environment);
    for (const { gaps, ...reading } of asked)
      if (existsSync('/sys/module/nf_conntrack_netlink') || reading.drops !== undefined)
        expect(reading).toMatchObject({ drops: 5, insertFailed: 4, earlyDrops: 6 });
      else expect(gaps).toMatchObject({ drops: 'missing', insertFailed: 'missing' });
    for (const { gaps } of await withFiles({}, ['net/stat/nf_conntrack'], await withoutTools('conntrack')))
      expect(gaps).toMatchObject({ drops: 'missing', earlyDrops: 'missing' });
  });
});

describe('probe.sh without its tools', { concurrent: true }, () => {
  it('reads nothing without awk, and says so of nothing that it could not see', async () => {
    for (const { command } of shells.filter(({ name }) => name !== 'busybox ash')) {
      const { stdout } = await probe(command, await withoutTools('awk', 'mawk', 'gawk'));
      const reading = readingOf(stdout);
      expect(reading).not.toHaveProperty('count');
      expect(reading.gaps).toMatchObject({ count: 'not-printed', drift: 'not-printed' });
    }
  });

  it.runIf(has('busybox'))('reads the same with the awk of busybox', async () => {
    const environment = await withTool('awk', 'exec busybox awk "$@"');
    const [own, other] = await Promise.all([probe(['dash']), probe(['dash'], environment)]);
    const without = (text: string) =>
      text.replace(/^clock=.*\n/m, '').replace(/^(count|drop|insert_failed|early_drop)=.*$/gm, '$1');
    expect(without(other.stdout)).toBe(without(own.stdout));
    expect(other.stdout).toMatch(/^count=/m);
  });
});

// The machine's processes are seen by all: one after the other.
describe.runIf(isRoot)('what probe.sh says of kube-proxy', () => {
  const beside1 = async (options: readonly string[], by: readonly string[] = []) =>
    beside([{ name: 'kube-proxy', by, options }], async () => readingOf((await probe(['dash'])).stdout));

  it('has its arguments with the defaults of what is not said, and since when it runs', async () => {
    const reading = await beside1(['--conntrack-min=65536', '--conntrack-max-per-core', '16384']);
    expect(reading).toMatchObject({ kubeProxyPerCore: 16_384, kubeProxyMin: 65_536 });
    expect(reading.kubeProxyStarted).toBeGreaterThan(0);
    expect(await beside1([])).toMatchObject({ kubeProxyPerCore: 32_768, kubeProxyMin: 131_072 });
  });

  it('has the values of its file, which beats every argument', async () => {
    const file = `${await temporaryDirectory()}/config.conf`;
    spawnSync('sh', [
      '-c',
      `printf 'kind: KubeProxyConfiguration\nconntrack:\n  maxPerCore: 8192\n  min: null\n' >'${file}'`,
    ]);
    expect(await beside1([`--config=${file}`, '--conntrack-min=7'])).toMatchObject({
      kubeProxyPerCore: 8_192,
      kubeProxyMin: 131_072,
    });
    expect((await beside1(['--config=/nowhere', '--conntrack-min=7'])).gaps).toMatchObject({
      kubeProxyPerCore: 'denied',
      kubeProxyMin: 'denied',
    });
  });

  it('passes one of another network namespace over', async () => {
    const { gaps } = await beside1(['--conntrack-min=7'], ['unshare', '-n']);
    expect(gaps).toMatchObject({ kubeProxyMin: 'missing', kubeProxyStarted: 'missing' });
  });

  it('does not call absent what it can not see from a process namespace of its own', async () => {
    const inNamespace = ['unshare', '--pid', '--fork', '--mount-proc', 'dash', await probeFile()];
    expect(readingOf((await run(inNamespace)).stdout).gaps).toMatchObject({
      kubeProxyMin: 'denied',
      kubeProxyStarted: 'denied',
    });
  });
});

describe.runIf(isRoot && canCover)(
  'what probe.sh says of the allowances of EC2',
  { concurrent: true },
  () => {
    const COVER = `
mount -t tmpfs interfaces /sys/class/net && mount -t tmpfs drivers /sys/bus/pci/drivers || exit 9
mkdir /sys/bus/pci/drivers/ena
i=0
while [ $i -lt "$1" ]; do
  mkdir -p "/sys/class/net/eth$i/device" && ln -s /sys/bus/pci/drivers/ena "/sys/class/net/eth$i/device/driver"
  i=$((i + 1))
done
shift
exec "$@"`;
    const onInterfaces = async (many: number, ethtool: string) => {
      const environment = await withTool('ethtool', ethtool);
      const script = await probeFile();
      return Promise.all(
        shells.map(async ({ command }) => {
          const covered = ['unshare', '-m', 'sh', '-c', COVER, 'sh', String(many), ...command, script];
          const { stdout } = await run(covered, environment);
          return { stdout, reading: readingOf(stdout) };
        }),
      );
    };
    const COUNTS =
      'echo "     conntrack_allowance_exceeded: 7"; echo "     conntrack_allowance_available: 19${2#eth}"';

    it('adds what was exceeded up and takes the least that is available', async () => {
      for (const { reading } of await onInterfaces(3, COUNTS))
        expect(reading).toMatchObject({ enaExceeded: 21, enaAvailable: 190 });
    });

    it('knows neither where one interface was not read, or an older driver does not tell', async () => {
      for (const { reading } of await onInterfaces(2, `[ "$2" = eth0 ] || exit 1; ${COUNTS}`))
        expect(reading.gaps).toMatchObject({ enaExceeded: 'denied', enaAvailable: 'denied' });
      for (const { reading } of await onInterfaces(1, 'echo "     rx_drops: 4"'))
        expect(reading.gaps).toMatchObject({ enaExceeded: 'missing', enaAvailable: 'missing' });
    });

    it('stays within what one call brings of fifty nodes, with 4,000 interfaces and a tool that floods', async () => {
      for (const many of [4_000, 2]) {
        for (const { stdout, reading } of await onInterfaces(many, 'yes conntrack_allowance_exceeded')) {
          expect(stdout.length).toBeLessThanOrEqual(MOST_CHARACTERS);
          expect(reading.gaps).toMatchObject({ enaExceeded: 'timeout', enaAvailable: 'timeout' });
          expect(reading.gaps).not.toHaveProperty('bootId');
        }
      }
    });
  },
);

/** The number of the process that was started last in the reader's namespace of processes. */
const LAST = '/proc/sys/kernel/ns_last_pid';

describe.runIf(isRoot && existsSync(LAST) && find('unshare') !== undefined)('what probe.sh costs', () => {
  it('are few processes, however many others run on the node', async () => {
    const script = [
      'i=0; while [ $i -lt "$1" ]; do sleep 60 & i=$((i + 1)); done; shift',
      `read before <${LAST}; "$@"; read after <${LAST}; echo "started $((after - before))"`,
    ].join('\n');
    for (const { command } of shells) {
      for (const others of ['0', '50']) {
        const inNamespaces = ['unshare', '-n', '-p', '--fork', '--kill-child', '--mount-proc', 'bash', '-c'];
        const { stdout } = await run([
          ...inNamespaces,
          script,
          'bash',
          others,
          ...command,
          await probeFile(),
        ]);
        expect(Number(stdout.split('started ')[1])).toBeLessThanOrEqual(20);
      }
    }
    // Printed for whoever changes it; how long anything takes is never asserted.
    const timed = await run([
      'bash',
      '-c',
      'TIMEFORMAT="%U s user, %S s sys"; time dash "$0" >/dev/null',
      await probeFile(),
    ]);
    console.log(`probe.sh in dash: ${timed.stderr.trim()}`);
  });
});
