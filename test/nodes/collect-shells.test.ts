import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CollectedSection, collect, collectorFile, sectionsOf } from './support/collected.ts';
import { NONCE, shipped } from './support/scripts.ts';
import { type Finished, has, isRoot, run, SHELLS } from './support/shells.ts';

const ONCE = [
  'identity',
  'state',
  'kernel-log',
  'timeouts',
  'neighbours',
  'kube-proxy',
  'persistence',
  'end',
];
const TWICE = ['conntrack', 'stat-nf_conntrack', 'netstat', 'snmp', 'softnet_stat', 'arp_cache', 'ethtool'];
const TIMEOUT = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established';

describe.each(SHELLS.filter(({ binary }) => has(binary)))(
  'collect.sh under $name',
  { concurrent: true },
  ({ command }) => {
    let finished: Finished;
    let sections: Map<string, CollectedSection>;

    beforeAll(async () => {
      finished = await collect(command);
      sections = sectionsOf(finished.stdout);
    });

    it('returns every section, both samples of what is sampled, and its end last', () => {
      expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
      expect([...sections.keys()]).toEqual(
        expect.arrayContaining([
          ...ONCE.map((id) => `${id} -`),
          ...TWICE.flatMap((id) => [`${id} 0`, `${id} 1`]),
        ]),
      );
      expect([...sections.keys()].at(-1)).toBe('end -');
    });

    it('prints at most 24,000 characters of printable ASCII', () => {
      expect(finished.stdout.length).toBeLessThanOrEqual(24_000);
      expect(finished.stdout).toMatch(/^[\n\x20-\x7e]*$/);
    });

    it.runIf(existsSync(TIMEOUT))('reads whole numbers, not their first digit', () => {
      const real = readFileSync(TIMEOUT, 'utf8').trim();
      expect(sections.get('timeouts -')?.lines).toContain(`nf_conntrack_tcp_timeout_established=${real}`);
    });

    it('names the kernel, the boot and the network namespace', () => {
      const lines = sections.get('identity -')?.lines ?? [];
      expect(lines).toContain(`boot_id=${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`);
      expect(lines).toContainEqual(expect.stringMatching(/^netns=\d{6,}$/));
      expect(lines).toContain(`kernel=${spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim()}`);
    });

    it('keeps the asked seconds between its samples', () => {
      const [before, after] = [sections.get('conntrack 0'), sections.get('conntrack 1')];
      expect((after?.uptime ?? 0) - (before?.uptime ?? 0)).toBeGreaterThanOrEqual(1.9);
    });

    it.runIf(isRoot)('says so in a network namespace other than the initial one', async () => {
      const { stdout } = await run(['unshare', '-n', ...command, await collectorFile()]);
      expect(sectionsOf(stdout).get('identity -')?.lines).toContain('initial_netns=no');
    });

    it.each([
      ['a short nonce', { nonce: 'k3v9', sampleSeconds: '2' }, /nonce must be/],
      ['a nonce in capitals', { nonce: NONCE.toUpperCase(), sampleSeconds: '2' }, /nonce must be/],
      ['a nonce of two lines', { nonce: `${NONCE}\n`, sampleSeconds: '2' }, /nonce must be/],
      ['no pause between the samples', { nonce: NONCE, sampleSeconds: '0' }, /sampleSeconds must be/],
      ['an octal pause', { nonce: NONCE, sampleSeconds: '010' }, /sampleSeconds must be/],
    ])('prints nothing but the reason for %s', async (_, parameters, reason) => {
      const refused = await run([...command, '-c', shipped('medic-collect', parameters)]);
      expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
      expect(refused.stderr).toMatch(reason);
    });
  },
);
