import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordedCases } from '../../support/captures.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

/** What one types to see what the recorded files hold; the first two print what needs no command to be known. */
const COMMANDS: Readonly<Record<string, string>> = {
  count: 'grep -H . nf_conntrack_count nf_conntrack_max nf_conntrack_buckets',
  'stat-nf_conntrack': 'cat /proc/net/stat/nf_conntrack',
  'conntrack-S': 'conntrack -S',
  sysctl: 'sysctl -a | grep conntrack',
  'dmesg-iso': 'dmesg --time-format iso',
  'nstat-node': 'nstat -asz',
  'nstat-pod': 'nsenter -t 4711 -n nstat -asz',
  softnet_stat: 'cat /proc/net/softnet_stat',
  sockstat: 'cat /proc/net/sockstat',
  'stat-arp_cache': 'cat /proc/net/stat/arp_cache',
  'ethtool-S': 'for i in eth0 eth1; do ethtool -S $i; done',
  meminfo: 'cat /proc/meminfo',
  slabinfo: 'cat /proc/slabinfo',
  host: '',
  'ct-sample': 'conntrack -L | head -n 40',
  'ct-states': 'conntrack -L | awk -f states.awk | sort | uniq -c',
  'iptables-save': 'iptables-save',
  'ss-listen-node': 'ss -ltn',
  'ss-listen-pod': 'nsenter -t 4711 -n ss -ltn',
};

function sessionOf(folder: string): string {
  return ['before', 'after']
    .flatMap((sample) => {
      const moment = new Date(Number(readFileSync(join(folder, `${sample}.time`), 'utf8')) * 1_000);
      const outputs = Object.entries(COMMANDS).flatMap(([source, command]) => {
        const file = join(folder, `${sample}.${source}.txt`);
        return existsSync(file) ? [`root@node:~# ${command}`, readFileSync(file, 'utf8').trimEnd()] : [];
      });
      return [
        'root@node:~# date -u +%Y-%m-%dT%H:%M:%SZ',
        moment.toISOString().replace(/\.\d+/, ''),
        ...outputs,
      ];
    })
    .join('\n');
}

const folders = recordedCases().filter(({ folder }) => existsSync(join(folder, 'after.time')));

describe.each(folders)('$mode/$name pasted as a terminal session', ({ folder, expected }) => {
  const text = sessionOf(folder);

  it('gets an accepted verdict and the same offer', () => {
    const { verdict, offer } = diagnosedPaste(text);
    expect([expected.verdict, ...(expected.acceptable ?? [])]).toContain(verdict);
    expect(offer.raise).toBe(expected.raise);
  });

  it('is read as two samples', () => {
    const { clock } = pasteOf(text).capture;
    expect(clock.windowSeconds).toBeGreaterThan(0);
    expect(clock.endEpochMs).toBeGreaterThan(0);
  });
});
