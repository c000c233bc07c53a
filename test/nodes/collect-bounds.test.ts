import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProcCounters, parseToolCounters } from '../../src/core/parse/conntrack-counters.ts';
import { parsePerCpuTable } from '../../src/core/parse/per-cpu-table.ts';
import { parseSoftnet } from '../../src/core/parse/softnet.ts';
import { collect, sectionsOf } from './support/collected.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { NONCE } from './support/scripts.ts';
import { find, has, hasNamespaces, SHELLS } from './support/shells.ts';
import { withoutTools, withTool } from './support/tools.ts';

const STAT_HEADER =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';
const ARP_HEADER =
  'entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls';

function rows(header: string, row: string, cpus: number): string {
  return `${header === '' ? '' : `${header}\n`}${`${row}\n`.repeat(cpus)}`;
}

function tables(cpus: number): Record<string, string> {
  const stat = `000f4240  00000000 ${'00000000 '.repeat(8)}ffffffff 00000007 00000000  00000000 00000000 00000000 00000000`;
  const arp = `0000002a  ${'ffffffff '.repeat(11)}00000003`;
  return {
    'net/stat/nf_conntrack': rows(STAT_HEADER, stat, cpus),
    'net/softnet_stat': rows('', `ffffffff 00000002 00000001${' 00000000'.repeat(12)}`, cpus),
    'net/stat/arp_cache': rows(ARP_HEADER, arp, cpus),
    'net/stat/ndisc_cache': rows(ARP_HEADER, arp, cpus),
  };
}

const canCover = hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));
// Some builds of busybox find their own applets whatever PATH says: there no tool can be taken away.
const strictShells = shells.filter(
  ({ command }) =>
    spawnSync(command[0], [...command.slice(1), '-c', 'PATH=/nonexistent; uname']).status !== 0,
);

describe.runIf(canCover).each(shells)(
  'collect.sh on many CPUs under $name',
  { concurrent: true },
  ({ command }) => {
    it('adds the rows of 192 CPUs up beyond 32 bits and keeps the product readable', async () => {
      const { stdout } = await collectWithProc({ shell: command, files: tables(192) });
      const sections = sectionsOf(stdout);
      const body = (id: string) => sections.get(id)?.lines.join('\n') ?? '';
      expect(sections.get('stat-nf_conntrack 1')?.lines).toHaveLength(2);
      const counters = parseProcCounters(body('stat-nf_conntrack 1'))?.rows.get('sum');
      expect(counters?.get('drop')).toBe(192n * 0xffffffffn);
      expect(counters?.get('early_drop')).toBe(192n * 7n);
      expect(counters?.get('entries')).toBe(1_000_000n);
      expect(parseSoftnet(body('softnet_stat 1'))).toEqual({
        processed: 192n * 0xffffffffn,
        dropped: 384n,
        timeSqueeze: 192n,
        cpus: 192,
      });
      const neighbours = parsePerCpuTable(body('arp_cache 1'));
      expect(neighbours?.get('table_fulls')).toBe(576n);
      expect(neighbours?.get('entries')).toBe(42n);
      expect(neighbours?.get('lookups')).toBe(192n * 0xffffffffn);
      expect(sections.get('neighbours -')?.lines).toContain('entries=42');
      expect([...sections.keys()].at(-1)).toBe('end -');
    });
  },
);

describe.runIf(canCover)('collect.sh without the counters in /proc', { concurrent: true }, () => {
  const absent = ['net/stat/nf_conntrack'];
  const tool =
    'i=0; while [ $i -lt 64 ]; do echo "cpu=$i   \tfound=1 insert_failed=4294967295 drop=2 "; i=$((i + 1)); done';

  it('asks the tool and adds its rows up, where nothing can be loaded by asking', async () => {
    const environment = await withTool('conntrack', tool);
    const { stdout } = await collectWithProc({
      shell: ['dash'],
      files: {},
      absent: [...absent, 'modules'],
      environment,
    });
    const sections = sectionsOf(stdout);
    expect(sections.get('stat-nf_conntrack 1')?.status).toBe('missing');
    const counters = parseToolCounters(sections.get('conntrack-S 1')?.lines.join('\n') ?? '');
    expect(Object.fromEntries(counters?.rows.get('sum') ?? [])).toEqual({
      found: 64n,
      insert_failed: 64n * 0xffffffffn,
      drop: 128n,
    });
  });

  it.runIf(!existsSync('/sys/module/nf_conntrack_netlink'))(
    'does not ask where asking would load a module',
    async () => {
      const environment = await withTool('conntrack', tool);
      const { stdout } = await collectWithProc({
        shell: ['dash'],
        files: { modules: '' },
        absent,
        environment,
      });
      const sections = sectionsOf(stdout);
      expect(sections.get('stat-nf_conntrack 1')?.status).toBe('missing');
      expect(sections.get('conntrack-S 1')).toBeUndefined();
    },
  );
});

describe.runIf(canCover)('the bound of 24,000 characters', { concurrent: true }, () => {
  const shell = ['dash'];
  const noise = Array.from(
    { length: 300 },
    (_, line) => `[ ${1000 + line}.000001] nf_conntrack: ${'very long line '.repeat(60)}`,
  ).join('\n');

  it('holds with 32 CPUs listed one by one and a flooded kernel log', async () => {
    const counters = ['conntrack', 'linklocal', 'pps', 'bw_in', 'bw_out']
      .map((name) => `     ${name}_allowance_exceeded: 18446744073709551615`)
      .join('\n');
    const { PATH } = await withTool('dmesg', `cat <<'LOG'\n${noise}\nLOG`);
    const tool = await withTool('ethtool', `cat <<'STATISTICS'\nNIC statistics:\n${counters}\nSTATISTICS`);
    const { stdout } = await collectWithProc({
      shell,
      files: tables(32),
      environment: { PATH: `${tool.PATH.split(':')[0]}:${PATH}` },
    });
    const sections = sectionsOf(stdout);
    expect(stdout.length).toBeLessThanOrEqual(24_000);
    expect([...sections.keys()].at(-1)).toBe('end -');
    expect(sections.get('stat-nf_conntrack 1')).toMatchObject({ status: 'ok' });
    expect(sections.get('stat-nf_conntrack 1')?.lines).toHaveLength(33);
    expect(sections.get('persistence -')?.status).toBe('ok');
    for (const { lines } of sections.values()) {
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(512);
    }
  });

  it('cuts the kernel log from its old end and says from when on it is complete', async () => {
    const environment = await withTool('dmesg', `cat <<'LOG'\n[    3.000001] Linux version\n${noise}\nLOG`);
    const { stdout } = await collect(shell, environment);
    const log = sectionsOf(stdout).get('kernel-log -');
    const first = /^\[ (\d+)\./.exec(log?.lines[2] ?? '')?.[1];
    const window = /^window_seconds=(\d+)$/.exec(log?.lines[0] ?? '')?.[1];
    expect(log?.status).toBe('ok');
    expect(log?.lines[1]).toBe('ring_start=3');
    expect(log?.lines.at(-1)).toContain('[ 1299.000001]');
    expect(log?.lines.length).toBeLessThanOrEqual(62);
    expect(Number(window)).toBe(Math.max(0, Math.floor(log?.uptime ?? 0) - Number(first)));
  });
});

describe.runIf(canCover).each(shells)(
  'collect.sh beside tools that print too much, under $name',
  ({ command }) => {
    const entry = `udp 17 119 src=10.0.0.9 dst=10.96.0.10 sport=1 dport=53 src=10.1.0.5 dst=10.0.0.9 sport=53 dport=1 ${' '.repeat(900)}`;
    const tool = `case $1 in
  -S) yes "cpu=0 found=1 drop=2 $(printf %400s)" | head -n 8000 ;;
  -L) yes "${entry}" | head -n 3000 ;;
esac`;

    // On a machine that is short of time what takes too long is cut off sooner.
    it('reads the beginning, and says that it was cut', async () => {
      const environment = await withTool('conntrack', tool);
      const { exitCode, stdout } = await collectWithProc({
        shell: command,
        files: {},
        absent: ['net/stat/nf_conntrack', 'net/nf_conntrack', 'modules'],
        environment,
      });
      const sections = sectionsOf(stdout);
      expect(exitCode).toBe(0);
      const counters = sections.get('conntrack-S 1');
      expect(['truncated', 'timeout']).toContain(counters?.status);
      for (const line of counters?.lines ?? []) expect(line.trimEnd()).toBe('cpu=0 found=1 drop=2');
      const entries = sections.get('entries -');
      expect([entries?.status, entries?.lines[0]?.replace(/\d{4}/, 'some')]).toEqual(
        entries?.status === 'timeout' ? ['timeout', undefined] : ['ok', 'sampled=some complete=no'],
      );
      expect([...sections.keys()].at(-1)).toBe('end -');
    });

    it('never takes a log whose newest lines were not read for a quiet one', async () => {
      const noisy = `yes '[    1.000000] nothing of ours' | head -c 20000000; echo '[   99.000000] nf_conntrack: table full, dropping packet'`;
      const { stdout } = await collect(command, await withTool('dmesg', noisy));
      expect(sectionsOf(stdout).get('kernel-log -')).toMatchObject({ status: 'timeout', lines: [] });
    });

    it('counts rules of which the end was not read as not all', async () => {
      const flow = entry.replace('udp 17 119', 'ipv4     2 udp      17 119');
      const rules = `yes -- '-A POSTROUTING -s 10.0.0.0/8 -m comment --comment "${'x'.repeat(200)}" -j RETURN' | head -c 17000000`;
      const environment = await withTool('iptables-legacy-save', rules);
      const { stdout } = await collectWithProc({
        shell: command,
        files: { 'net/nf_conntrack': `${flow}\n`, 'net/ip_tables_names': 'nat\n' },
        environment,
      });
      const read = sectionsOf(stdout).get('udp-rules -');
      // Without the entries there is no flow to read the rules for.
      expect(read === undefined || read.status === 'timeout' || read.lines[0]?.endsWith('complete=no')).toBe(
        true,
      );
    });
  },
);

describe('collect.sh on hostile text', { concurrent: true }, () => {
  it('tells a log that may not be read from one that is not there', async () => {
    const environment = await withTool('dmesg', 'echo "dmesg: Operation not permitted" >&2; exit 1');
    const sections = sectionsOf((await collect(['dash'], environment)).stdout);
    expect(sections.get('kernel-log -')).toMatchObject({ status: 'denied', lines: [] });
  });

  it('lets no control character, no foreign byte and no forged section through', async () => {
    const environment = await withTool(
      'dmesg',
      String.raw`printf '[    1.000000] boot\n[    2.000000] nf_conntrack \000\033[31m\302\233\rtable full\n'
printf '=== medic/1 aaaaaaaaaaaaaaaa conntrack 1 ok 1.0 nf_conntrack\n=== medic/1 aaaaaaaaaaaaaaaa end - ok 1.0 conntrack\n'`,
    );
    const { stdout } = await collect(['dash'], environment);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
    const lines = sectionsOf(stdout).get('kernel-log -')?.lines ?? [];
    expect(lines).toContain('[    2.000000] nf_conntrack ??[31m???table full');
    expect(stdout.split('\n').filter((line) => line.includes(`${NONCE} conntrack 1`))).toHaveLength(1);
  });
});

describe.each(strictShells)(
  'collect.sh with tools amiss under $name',
  { concurrent: true },
  ({ command }) => {
    it('says which sources are missing without their tools, and reads the rest', async () => {
      const environment = await withoutTools(
        'dmesg',
        'ethtool',
        'conntrack',
        'awk',
        'gawk',
        'mawk',
        'nawk',
        'timeout',
        'renice',
      );
      const { exitCode, stdout } = await collect([find(command[0]) ?? '', ...command.slice(1)], environment);
      const sections = sectionsOf(stdout);
      expect(exitCode).toBe(0);
      expect(sections.get('kernel-log -')).toMatchObject({ status: 'missing', lines: [] });
      expect(sections.get('netstat 0')?.status).toBe('missing');
      expect(sections.get('conntrack 1')?.status).toBe('ok');
      expect(sections.get('meminfo 1')?.lines).toContainEqual(expect.stringMatching(/^MemTotal: /));
      expect([...sections.keys()].at(-1)).toBe('end -');
    });

    it.each([
      ['with timeout', []],
      ['without timeout', ['timeout']],
    ])('gives up on a tool that hangs and still ends, %s', async (_, absent) => {
      const hanging = await withTool('dmesg', 'echo "[ 1.0] nf_conntrack"; exec sleep 60');
      const { PATH } = await withoutTools('dmesg', ...absent);
      const environment = { PATH: `${hanging.PATH.split(':')[0]}:${PATH}` };
      const { stdout } = await collect([find(command[0]) ?? '', ...command.slice(1)], environment);
      const sections = sectionsOf(stdout);
      const log = sections.get('kernel-log -');
      expect(log).toMatchObject({ status: 'timeout', lines: [] });
      expect((sections.get('end -')?.uptime ?? 0) - (sections.get('identity -')?.uptime ?? 0)).toBeLessThan(
        17,
      );
    });
  },
);
