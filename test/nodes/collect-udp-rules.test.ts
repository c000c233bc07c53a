import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../runbooks/index.ts';
import { readCapture } from '../../src/core/capture.ts';
import { diagnose } from '../../src/core/diagnose.ts';
import { snapshotOf } from '../../src/core/snapshot-of.ts';
import { sectionsOf } from './support/collected.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const DEAD = '10.0.0.7';
const LIVE = '10.0.0.8';
const entry = (port: number) =>
  `ipv4     2 udp      17 119 src=10.0.0.9 dst=10.96.0.10 sport=${port} dport=53 src=${DEAD} dst=10.0.0.9 sport=53 dport=${port} [ASSURED] mark=0 zone=0 use=2`;
const table = `${Array.from({ length: 12 }, (_, index) => entry(40_000 + index)).join('\n')}\n`;
const rules = (backend: string) =>
  [
    '*nat',
    '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-SVC-A',
    `-A KUBE-SEP-A -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination ${backend}:53`,
    '-A KUBE-SEP-B -p tcp -m tcp -j DNAT --to-destination 10.0.0.7:53',
    'COMMIT',
  ].join('\n');

/** A directory that stands first in PATH, with an iptables-save of our making and no nft. */
async function withRules(body: string): Promise<{ PATH: string }> {
  const directory = await temporaryDirectory();
  const tools = {
    'iptables-save': `case $1 in -V) echo "iptables-save v1.8.9 (legacy)" ;; *) ${body} ;; esac`,
    'iptables-legacy-save': body,
    'iptables-nft-save': 'true',
    nft: 'true',
  };
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, name), 0o755);
  }
  return { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
}

async function collectWith(shell: readonly string[], body: string, entries = table) {
  const { stdout } = await collectWithProc({
    shell,
    files: { 'net/nf_conntrack': entries, 'net/ip_tables_names': 'nat\n' },
    environment: await withRules(body),
  });
  return stdout;
}

/** What the product makes of it, where the count agrees with the entries that were given. */
function judge(stdout: string) {
  const capture = readCapture(stdout.replaceAll(/nf_conntrack_count=\d+/g, 'nf_conntrack_count=12'));
  if (capture === undefined) throw new Error('no capture');
  const { diagnosis } = diagnose(snapshotOf(capture), catalogue, 'i-1');
  return diagnosis.findings.find(({ mode }) => mode === 'stale-udp-entry')?.state;
}

const shells = SHELLS.filter(({ binary }) => has(binary));

describe.runIf(hasNamespaces()).each(shells)('where rules send UDP, under $name', ({ command }) => {
  it('shows flows to a backend that no rule names, and only those', async () => {
    const stale = await collectWith(command, `printf '%s\\n' '${rules(LIVE)}'`);
    expect(sectionsOf(stale).get('udp-rules -')).toMatchObject({
      status: 'ok',
      lines: [`-A KUBE-SEP- -p udp -j DNAT --to-destination ${LIVE}:53`, 'complete=yes'],
    });
    expect(judge(stale)).toBe('present');
    expect(judge(await collectWith(command, `printf '%s\\n' '${rules(DEAD)}'`))).toBe('absent');
  });

  it('says nothing of rules that could not be listed or that name no single address', async () => {
    expect(judge(await collectWith(command, 'exit 4'))).toBe('unknown');
    const range = rules(LIVE).replace(`${LIVE}:53`, `${LIVE}-10.0.0.20:53`);
    expect(judge(await collectWith(command, `printf '%s\\n' '${range}'`))).toBe('unknown');
  });

  it('does not list rules where no translated UDP flow is', async () => {
    const tcp =
      'ipv4     2 tcp      6 400000 ESTABLISHED src=10.0.0.9 dst=10.0.0.1 sport=1 dport=2 src=10.0.0.1 dst=10.0.0.9 sport=2 dport=1 [ASSURED] use=2\n';
    const marker = join(await temporaryDirectory(), 'asked');
    const stdout = await collectWith(command, `touch ${marker}`, tcp);
    expect(sectionsOf(stdout).has('udp-rules -')).toBe(false);
    expect(existsSync(marker)).toBe(false);
  });
});
