import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseUdpTargets } from '../../src/core/parse/nat-rules.ts';
import { sectionsOf } from './support/collected.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const shells = SHELLS.filter(({ binary }) => has(binary));

/** A flow to a service on port 53 that was sent to a backend. */
const flow = (backend: string, index = 1) =>
  `ipv4     2 udp      17 119 src=10.0.0.9 dst=10.96.0.10 sport=${40_000 + index} dport=53 src=${backend} dst=10.0.0.9 sport=53 dport=${40_000 + index} [ASSURED] mark=0 zone=0 use=2`;

/** As nft answers: all rules, the chains without them, or one table. */
const NFT = `case "$*" in
  'list ruleset') cat "$0.txt" ;;
  'list chains') grep -E '^(table|})|^[[:space:]]+(chain|type) ' "$0.txt" ;;
  'list table '*) sed -n "/^table $3 $4 {/,/^}/p" "$0.txt" ;;
  *) exit 1 ;;
esac`;

/** A folder, first in PATH, with tools that print given rules and note that they were asked. */
async function withRules(rules: Readonly<Record<string, string>>) {
  const folder = await temporaryDirectory();
  for (const [name, text] of Object.entries({ 'iptables-save': '', ...rules })) {
    await writeFile(join(folder, `${name}.txt`), text);
    await writeFile(
      join(folder, name),
      `#!/bin/sh\necho "${name} $*" >>${folder}/asked\n${name === 'nft' ? NFT : `cat ${folder}/${name}.txt`}\n`,
    );
    await chmod(join(folder, name), 0o755);
  }
  const asked = async () =>
    existsSync(join(folder, 'asked')) ? await readFile(join(folder, 'asked'), 'utf8') : '';
  return { environment: { PATH: `${folder}:${process.env['PATH'] ?? ''}` }, asked };
}

/** The `udp-rules` section where the named tools print rules and nothing else is there to ask. */
async function udpRules(
  command: readonly string[],
  rules: Readonly<Record<string, string>>,
  entries: readonly string[] = [flow('10.1.0.5')],
) {
  const { environment, asked } = await withRules({
    nft: '',
    'iptables-nft-save': '',
    'iptables-legacy-save': '',
    ...rules,
  });
  const { stdout } = await collectWithProc({
    shell: command,
    files: { 'net/nf_conntrack': `${entries.join('\n')}\n`, 'net/ip_tables_names': 'filter\nnat\n' },
    absent: ['modules'],
    environment,
  });
  return { section: sectionsOf(stdout).get('udp-rules -'), asked: await asked() };
}

/** What nft prints of the table of iptables where it does not know what a rule does. */
const FOREIGN = [
  'table ip nat {',
  '\tchain KUBE-SEP-YAO4LQ4CMMCPGEJS {',
  '\t\tmeta l4proto udp counter packets 0 bytes 0 xt target "DNAT"',
  '\t}',
  '}',
].join('\n');

const KUBE_PROXY = [
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  '-A KUBE-SVC-TCOU7JCQXEZGVUNU ! -s 10.1.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ',
  '-A KUBE-SEP-YAO4LQ4CMMCPGEJS -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.1.0.5:53',
  '-A KUBE-SEP-2XZJVPRY2PQVE3B3 -p tcp -m comment --comment "kube-system/kube-dns:dns-tcp" -m tcp -j DNAT --to-destination 10.1.0.7:53',
  '-A CNI-DN-0a1b2c -p udp -m udp --dport 8125 -j DNAT --to-destination 10.1.0.6:8125',
  'COMMIT',
].join('\n');

describe.runIf(hasNamespaces()).each(shells)(
  'the rules for UDP under $name',
  { concurrent: true },
  ({ command }) => {
    it('are read as kube-proxy and the port-mapping plugin write them', async () => {
      const { section } = await udpRules(command, { 'iptables-legacy-save': KUBE_PROXY });
      expect(section).toMatchObject({
        status: 'ok',
        lines: ['udp_targets=2 unread=0 complete=yes', 'udp - 10.1.0.5 53', 'udp 8125 10.1.0.6 8125'],
      });
    });

    it('are read from native nftables, as kube-proxy writes them there', async () => {
      const nft = [
        'table ip kube-proxy {',
        '\tchain endpoint-FHKZ-kube-system/kube-dns/udp/dns__10.1.0.5/53 {',
        '\t\tip saddr 10.1.0.5 jump mark-for-masquerade',
        '\t\tmeta l4proto udp dnat to 10.1.0.5:53',
        '\t}',
        '\tchain endpoint-X { meta l4proto tcp dnat to 10.1.0.8:80 }',
        '\t\tudp dport 514 counter packets 1 bytes 60 dnat ip to 10.1.0.9:514 comment "tcp dport 1 dnat to 9.9.9.9"',
        '\t\ttcp dport 30080 dnat ip addr . port to numgen inc mod 2 map { 0 : 10.1.0.1 . 80 }',
        '}',
      ].join('\n');
      const { section } = await udpRules(command, { nft });
      expect(section?.lines).toEqual([
        'udp_targets=2 unread=0 complete=yes',
        'udp - 10.1.0.5 53',
        'udp 514 10.1.0.9 514',
      ]);
    });

    it('are not all read where one may concern UDP and does not name one backend', async () => {
      const { section } = await udpRules(command, {
        nft: [
          'table ip services {',
          '\tchain services {',
          '\t\tudp dport 53 dnat to numgen inc mod 2 map { 0 : 10.1.0.5, 1 : 10.1.0.6 }',
          '\t\tudp dport { 53, 5353 } dnat to 10.1.0.6:53',
          '\t\tip daddr 10.96.0.10 dnat to backend',
          '\t\tdnat to 10.1.0.6-10.1.0.7',
          '\t}',
          '}',
          FOREIGN,
        ].join('\n'),
        'iptables-nft-save': [
          '-A PREROUTING -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053',
          '-A X -p udp -j DNAT --to-destination 10.1.0.5-10.1.0.9:53',
          '-A X -p udp -m multiport --dports 53,54 -j DNAT --to-destination 10.1.0.6',
          '-A X -p udp -m udp ! --dport 54 -j DNAT --to-destination 10.1.0.6',
        ].join('\n'),
      });
      expect(section?.lines).toEqual(['udp_targets=0 unread=8 complete=yes']);
      expect(parseUdpTargets(section?.lines.join('\n') ?? '')?.isComplete).toBe(false);
    });

    it('are not believed from a comment', async () => {
      const rule =
        '-A X -p tcp -m comment --comment "a \\" -p udp -j DNAT --to-destination 6.6.6.6:53 \\"" -j DNAT --to-destination 10.1.0.6:80';
      const { section } = await udpRules(command, { nft: FOREIGN, 'iptables-nft-save': rule });
      expect(section?.lines).toEqual(['udp_targets=0 unread=0 complete=yes']);
    });

    it('are printed once: by iptables only what nft does not know', async () => {
      const known =
        'table ip nat {\n\tchain KUBE-SEP-1 {\n\t\tmeta l4proto udp counter packets 1 bytes 60 dnat to 10.1.0.5:53\n\t}\n}';
      const save = { 'iptables-nft-save': KUBE_PROXY };
      const one = await udpRules(command, {
        nft: `${known}\ntable ip raw {\n\t\txt target "CT"\n}`,
        ...save,
      });
      expect(one.section?.lines).toEqual(['udp_targets=1 unread=0 complete=yes', 'udp - 10.1.0.5 53']);
      expect(one.asked).not.toContain('iptables-nft-save');
      const both = await udpRules(command, { nft: `${known}\n${FOREIGN}`, ...save });
      expect(both.section?.lines).toEqual([
        'udp_targets=2 unread=0 complete=yes',
        'udp - 10.1.0.5 53',
        'udp 8125 10.1.0.6 8125',
      ]);
      expect(both.asked.match(/iptables-nft-save/g)).toHaveLength(1);
    });

    it('are not all read where neither tool knows what a rule of the table of iptables does', async () => {
      const { section } = await udpRules(command, {
        nft: FOREIGN,
        'iptables-nft-save': "# Table `nat' is incompatible, use 'nft' tool.",
      });
      expect(section?.lines).toEqual(['udp_targets=0 unread=1 complete=yes']);
    });

    describe('of many chains', () => {
      const chains = Array.from({ length: 1_200 }, (_, index) => `\tchain KUBE-SEP-${index} {\n\t}`);
      const nat = (...rules: readonly string[]) => [
        'table ip nat {',
        ...chains,
        '\tchain PREROUTING {',
        '\t\ttype nat hook prerouting priority dstnat; policy accept;',
        ...rules,
        '\t}',
        '}',
      ];
      const other = (family: string, name: string, type: string, rule: string) => [
        `table ${family} ${name} {`,
        `\tchain one {\n\t\t${type} priority 0; policy accept;\n\t\t${rule}\n\t}`,
        '}',
      ];
      const others = [
        ...other('inet', 'filter', 'type filter hook input', 'udp dport 53 accept'),
        ...other('inet', 'proxy', 'type filter hook prerouting', 'udp dport 53 tproxy to :1053'),
        ...other('ip', 'kube-proxy', 'type nat hook output', 'udp dport 514 dnat to 10.1.0.9:514'),
      ];
      const all = [
        'udp_targets=3 unread=1 complete=yes',
        'udp - 10.1.0.5 53',
        'udp 8125 10.1.0.6 8125',
        'udp 514 10.1.0.9 514',
      ];

      it('are printed by iptables, and by nft the other tables that may translate', async () => {
        const { section, asked } = await udpRules(command, {
          nft: [...nat('\t\tudp dport 53 dnat to 10.1.0.99:53'), ...others].join('\n'),
          'iptables-nft-save': KUBE_PROXY,
        });
        expect(section?.lines).toEqual(all);
        expect(asked.split('\n').filter((line) => line !== '')).toEqual([
          'iptables-legacy-save -t nat',
          'nft list chains',
          'iptables-nft-save -t nat',
          'nft list table inet proxy',
          'nft list table ip kube-proxy',
        ]);
      });

      it('are printed by nft where the tool of iptables refuses them', async () => {
        const { section, asked } = await udpRules(command, {
          nft: [
            ...nat('\t\tmeta l4proto udp dnat to 10.1.0.5:53', '\t\tudp dport 8125 dnat to 10.1.0.6:8125'),
            ...others,
          ].join('\n'),
          'iptables-nft-save': "# Table `nat' is incompatible, use 'nft' tool.",
        });
        expect(section?.lines).toEqual(all);
        expect(asked).toContain('nft list table ip nat');
        expect(asked).not.toContain('nft list ruleset');
      });

      it('are printed at once where a table has a name that is no word', async () => {
        const { section, asked } = await udpRules(command, {
          nft: [...nat(), ...others, 'table ip a$(b) {', ...chains.slice(0, 1), '}'].join('\n'),
          'iptables-nft-save': KUBE_PROXY,
        });
        expect(section?.lines[0]).toBe('udp_targets=1 unread=1 complete=yes');
        expect(asked).toContain('nft list ruleset');
      });
    });

    it('are bounded, with those for flows that were seen first', async () => {
      const rules = Array.from(
        { length: 3_000 },
        (_, index) =>
          `-A KUBE-SEP-${index} -p udp -m udp -j DNAT --to-destination 10.2.${index >> 8}.${index & 255}:53`,
      );
      const { section } = await udpRules(command, { 'iptables-legacy-save': rules.join('\n') }, [
        flow('10.2.11.9'),
      ]);
      expect(section?.lines.slice(0, 2)).toEqual([
        'udp_targets=3000 unread=0 complete=yes',
        'udp - 10.2.11.9 53',
      ]);
      expect(section?.lines.join('\n').length).toBeLessThan(2_200);
    });

    it('are not asked for where no translated UDP flow was seen', async () => {
      const plain =
        'ipv4 2 udp 17 29 src=10.0.0.9 dst=10.0.0.7 sport=40000 dport=53 src=10.0.0.7 dst=10.0.0.9 sport=53 dport=40000 mark=0 use=2';
      const { section, asked } = await udpRules(command, { nft: '' }, [plain]);
      expect({ section, asked }).toEqual({ section: undefined, asked: '' });
    });
  },
);

describe.runIf(hasNamespaces())('where asking for rules would load a module', { concurrent: true }, () => {
  it.runIf(!existsSync('/sys/module/nf_tables'))('nothing is asked', async () => {
    const { environment, asked } = await withRules({
      nft: '',
      'iptables-nft-save': '',
      'iptables-legacy-save': '',
    });
    const { stdout } = await collectWithProc({
      shell: ['dash'],
      files: { 'net/nf_conntrack': `${flow('10.1.0.5')}\n`, modules: 'nf_conntrack 212992 1 - Live 0x0\n' },
      environment,
    });
    expect(sectionsOf(stdout).get('udp-rules -')).toMatchObject({ status: 'missing', lines: [] });
    expect(await asked()).toBe('');
  });
});
