import { readFile, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseEntries } from '../../src/core/parse/entries/entries.ts';
import { isReadableInNamespace, NETWORK_NAMESPACE } from './support/network-namespace.ts';
import { openScratchHost } from './support/open-node.ts';
import { type ScratchHost, scratchHost } from './support/scratch-node.ts';
import { NONCE, RAISE_A } from './support/scripts.ts';
import { find, has, hasNamespaces, run, SHELLS } from './support/shells.ts';
import { withoutTools } from './support/tools.ts';

const canRun = hasNamespaces() && has('conntrack');
const shells = SHELLS.filter(({ binary }) => has(binary));
const showsTable = canRun && isReadableInNamespace('/proc/net/nf_conntrack', 'conntrack -L');

const STALE = {
  nonce: NONCE,
  incident: RAISE_A.incident,
  destination: '10.96.0.10',
  port: '53',
  target: '10.1.1.5',
} as const;

/** `conntrack` arguments of an entry that was sent to a service and is translated to an endpoint. */
function entry(given: {
  service: string;
  port?: number;
  endpoint: string;
  source?: number;
  protocol?: string;
}) {
  const { service, port = 53, endpoint, source = 5_353, protocol = 'udp' } = given;
  const client = service.includes(':') ? 'fd00::1' : '10.0.0.1';
  return [
    `conntrack -I -p ${protocol} -t 60 -s ${client} -d ${service} --sport ${source} --dport ${port}`,
    `-r ${endpoint} -q ${client} --reply-port-src ${port} --reply-port-dst ${source}`,
    protocol === 'tcp' ? '--state ESTABLISHED' : '',
  ].join(' ');
}

/** Runs the script in a network namespace of its own whose table really holds these entries; tells what is left. */
async function withTable(
  host: ScratchHost,
  entries: readonly string[],
  parameters: Readonly<Record<string, string>>,
  shell = 'dash',
) {
  const lines = [
    ...entries.map((one) => `${one} >/dev/null 2>&1 || exit 99`),
    `${shell} "$1"`,
    'code=$?',
    '{ conntrack -L -f ipv4; conntrack -L -f ipv6; } 2>/dev/null >"${0%/*}/left"',
    'exit $code',
  ];
  await host.put('/table.sh', lines.join('\n'), 0o755);
  const ran = await host.run('medic-delete-udp-entry', parameters, `unshare -n sh ${host.path('/table.sh')}`);
  const left = (await readFile(host.path('/left'), 'utf8')).trim().split('\n').filter(Boolean);
  return { ...ran, left };
}

describe.runIf(canRun).each(shells)('delete-udp-entry.sh under $name', ({ command }) => {
  const shell = command.join(' ');
  let untouched: Promise<ScratchHost> | undefined;

  it('deletes exactly the entries of one service that lead to one endpoint', async () => {
    const others = [
      entry({ service: '10.96.0.10', endpoint: '10.1.1.6', source: 1_000 }),
      entry({ service: '10.96.0.10', endpoint: '10.1.1.5', source: 1_001, port: 54 }),
      entry({ service: '10.96.0.11', endpoint: '10.1.1.5', source: 1_002 }),
      entry({ service: '10.96.0.10', endpoint: '10.1.1.5', source: 1_003, protocol: 'tcp' }),
      entry({ service: 'fd00::53', endpoint: 'fd00::5', source: 1_004 }),
    ];
    const stale = [2_001, 2_002, 2_003].map((source) =>
      entry({ service: '10.96.0.10', endpoint: '10.1.1.5', source }),
    );
    const { exitCode, stderr, result, left } = await withTable(
      await scratchHost(),
      [...others, ...stale],
      STALE,
      shell,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(result).toMatchObject({ outcome: 'changed', code: '', deleted: 3 });
    expect(left).toHaveLength(others.length);
    expect(left.join('\n')).not.toMatch(/sport=200[123] /);
  });

  it('does the same for IPv6', async () => {
    const entries = [
      entry({ service: 'fd00::53', endpoint: 'fd00::5', source: 1_001 }),
      entry({ service: 'fd00::53', endpoint: 'fd00::6', source: 1_002 }),
    ];
    const parameters = { ...STALE, destination: 'fd00::53', target: 'fd00::5' };
    const { result, left } = await withTable(await scratchHost(), entries, parameters, shell);
    expect(result).toMatchObject({ outcome: 'changed', deleted: 1 });
    expect(left).toEqual([expect.stringContaining('src=fd00::6')]);
  });

  it.runIf(showsTable)(
    'takes the addresses of IPv6 as they are read from the kernel, which spells them otherwise than the tool',
    async () => {
      const stale = entry({ service: 'fd00::53', endpoint: 'fd00::5', source: 1_001 });
      const host = await scratchHost();
      await host.put('/print.sh', `${stale} >/dev/null 2>&1 || exit 99\ncat /proc/net/nf_conntrack\n`, 0o755);
      const { stdout } = await run([...NETWORK_NAMESPACE, 'sh', host.path('/print.sh')]);
      expect(stdout).toContain('dst=fd00:0000:0000:0000:0000:0000:0000:0053');
      const [flow] = parseEntries(stdout);
      const destination = flow?.original.destination ?? '';
      const target = flow?.reply.source ?? '';
      const { result, left } = await withTable(host, [stale], { ...STALE, destination, target }, shell);
      expect(result).toMatchObject({ outcome: 'changed', deleted: 1 });
      expect(left).toEqual([]);
    },
  );

  it.each([
    ['a destination with a leading zero', { destination: '10.96.0.010x' }],
    ['a network', { destination: '10.96.0.0/16' }],
    ['a name', { destination: 'kube-dns' }],
    ['an option', { destination: '-F' }],
    ['three numbers', { destination: '10.96.10' }],
    ['a second word', { target: '10.1.1.5 -F' }],
    ['a command', { target: '$(reboot)' }],
    ['a target of the other family', { target: 'fd00::5' }],
    ['no target', { target: '' }],
    ['a target that is the destination', { target: '10.96.0.10' }],
    ['port 0', { port: '0' }],
    ['port 65536', { port: '65536' }],
    ['two ports', { port: '53,54' }],
    ['an octal port', { port: '053' }],
  ])('refuses %s', async (_, parameters) => {
    // A refusal leaves everything as it was, so one node does for all.
    untouched ??= openScratchHost();
    const host = await untouched;
    const { exitCode, result } = await host.run('medic-delete-udp-entry', { ...STALE, ...parameters }, shell);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'bad-parameter' });
  });
});

describe.runIf(canRun)('delete-udp-entry.sh', () => {
  it('says that nothing was left to do where no entry leads there any more', async () => {
    const others = [entry({ service: '10.96.0.10', endpoint: '10.1.1.6' })];
    const { exitCode, result, left } = await withTable(await scratchHost(), others, STALE);
    expect({ exitCode, result }).toMatchObject({ exitCode: 0, result: { outcome: 'unchanged', deleted: 0 } });
    expect(left).toHaveLength(1);
  });

  it('refuses more than a thousand and deletes none of them', async () => {
    const loop = `i=0; while [ $i -le 1000 ]; do ${entry({ service: STALE.destination, endpoint: STALE.target }).replace('--sport 5353', '--sport $((i + 2000))').replace('--reply-port-dst 5353', '--reply-port-dst $((i + 2000))')} || exit 99; i=$((i + 1)); done`;
    const { exitCode, result, left } = await withTable(await scratchHost(), [`{ ${loop}; }`], STALE);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'too-many-entries' });
    expect(left).toHaveLength(1_001);
  }, 60_000);

  it('refuses without the tool, and says when the entries go by themselves', async () => {
    const host = await scratchHost();
    const environment = await withoutTools('conntrack');
    const { exitCode, result } = await host.run('medic-delete-udp-entry', STALE, find('dash'), environment);
    expect({ exitCode, code: result?.code }).toEqual({ exitCode: 3, code: 'missing-tool' });
    expect(result?.detail).toMatch(/quiet for longer than nf_conntrack_udp_timeout_stream/);
  });

  it('deletes nothing with a tool that lists what was not asked for', async () => {
    const host = await scratchHost();
    const line =
      'udp 17 20 src=10.0.0.1 dst=10.96.0.99 sport=1 dport=53 src=10.1.1.5 dst=10.0.0.1 sport=53 dport=1 mark=0 use=1';
    await host.put(
      '/bin-of-node/conntrack',
      `#!/bin/sh\necho "$*" >>${host.path('/calls')}\necho '${line}'\n`,
      0o755,
    );
    const PATH = `${host.path('/bin-of-node')}:${process.env['PATH']}`;
    const { result } = await host.run('medic-delete-udp-entry', STALE, 'dash', { PATH });
    expect(result).toMatchObject({ outcome: 'refused', code: 'tool-unreliable' });
    expect(await host.text('/calls')).not.toMatch(/-D/);
  });

  it('refuses outside the initial network namespace', async () => {
    const host = await scratchHost();
    await rm(host.path('/proc/sys/net/nf_conntrack_max'));
    expect((await host.run('medic-delete-udp-entry', STALE)).result?.code).toBe('not-initial-netns');
  });
});
