import { describe, expect, it } from 'vitest';
import { drops, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

const MEMORY =
  'MemTotal: 16303428 kB\nMemAvailable: 9303428 kB\nnf_conntrack 65536 65536 320 25 2 : tunables 0 0 0\nnet.netfilter.nf_conntrack_buckets = 131072';

/** Two samples ten seconds apart which, of one host, call for a raise. */
const FIRST = `2026-11-23T12:00:00Z\n${drops(10)}\n${use(131_000)}`;
const SECOND = `2026-11-23T12:00:10Z\n${drops(910)}\n${use(131_072)}\n${MEMORY}`;

const READ = 'date -u +%FT%TZ; conntrack -S; sysctl net.netfilter';

/** What stands before each of two samples and, in a second pair, after each. */
type Around = readonly [string, string, string?, string?];

const PROMPTS_OF_TWO: readonly Around[] = [
  [`[prod] root@node-1:~# ${READ}`, `[staging] root@node-1:~# ${READ}`],
  [`(prod) root@node-1:~# ${READ}`, `(staging) root@node-1:~# ${READ}`],
  [`prod root@node-1:~# ${READ}`, `staging root@node-1:~# ${READ}`],
  [`prod | root@node-1:~# ${READ}`, `staging | root@node-1:~# ${READ}`],
  [`prod» [root@node-1 ~]# ${READ}`, `staging» [root@node-1 ~]# ${READ}`],
  [`[prod][eu] [ec2-user@node-1 ~]$ ${READ}`, `[prod][us] [ec2-user@node-1 ~]$ ${READ}`],
  [`(⎈|prod:kube-system) me@node-1:~$ ${READ}`, `(⎈|staging:kube-system) me@node-1:~$ ${READ}`],
  [`⎈ prod root@node-1:~# ${READ}`, `⎈ staging root@node-1:~# ${READ}`],
  [`☁ acme-prod (eu-west-1) root@node-1:~# ${READ}`, `☁ acme-test (eu-west-1) root@node-1:~# ${READ}`],
  [`[prod] node-1:~# ${READ}`, `[staging] node-1:~# ${READ}`],
  [`[prod] node-1# ${READ}`, `[staging] node-1# ${READ}`],
  [`[prod] $ ${READ}`, `[staging] $ ${READ}`],
  [`(prod) # ${READ}`, `(staging) # ${READ}`],
  [`(⎈|prod:default) $ ${READ}`, `(⎈|staging:default) $ ${READ}`],
  [`$ ${READ}`, `[staging] $ ${READ}`],
  [`root@node-1:~# ${READ}`, `[staging] root@node-1:~# ${READ}`],
  [`root@node-1 (prod):~# ${READ}`, `root@node-1 (staging):~# ${READ}`],
  [`root@node-1 [prod] ~ # ${READ}`, `root@node-1 [staging] ~ # ${READ}`],
  [`root@node-1[prod]:~# ${READ}`, `root@node-1[staging]:~# ${READ}`],
  [`prod-admin@node-1:~$ ${READ}`, `staging-admin@node-1:~$ ${READ}`],
  [`root@node-1.prod:~# ${READ}`, `root@node-1.staging:~# ${READ}`],
  [`12:00 [prod] root@node-1:~# ${READ}`, `12:00 [staging] root@node-1:~# ${READ}`],
  [`╭─root@w1 ~\n╰─# ${READ}`, `╭─root@w2 ~\n╰─# ${READ}`],
  [`┌──(root㉿w1)-[~]\n└─# ${READ}`, `┌──(root㉿w2)-[~]\n└─# ${READ}`],
  [`┌─[root@w1]─[~]\n└──╼ # ${READ}`, `┌─[root@w2]─[~]\n└──╼ # ${READ}`],
  [`root in 🌐 w1 in ~\n❯ ${READ}`, `root in 🌐 w2 in ~\n❯ ${READ}`],
  [`w1 in ~\n❯ ${READ}`, `w2 in ~\n❯ ${READ}`],
  [`root@w1 ~> ${READ}`, `root@w2 ~> ${READ}`],
  [`#root@w1 ~ λ ${READ}`, `#root@w2 ~ λ ${READ}`],
  [`w1 λ ${READ}`, `w2 λ ${READ}`],
  [`w1 ❯ ${READ}`, `w2 ❯ ${READ}`],
  [`root w1 ~ ${READ}`, `root w2 ~ ${READ}`],
  [`0 root@w1:~# ${READ}`, `1 root@w2:~# ${READ}`],
];

const SCREENS_OF_TWO: readonly Around[] = [
  [
    '',
    '',
    '[0] 0:w1*  1:w2-   "ip-10-0-1-5" 14:03 30-Nov-26',
    '[0] 0:w1-  1:w2*   "ip-10-0-1-6" 14:03 30-Nov-26',
  ],
  ['', '', '[0] 0:bash* "ip-10-0-1-5" 14:03 30-Nov-26', '[0] 0:bash* "ip-10-0-1-6" 14:04 30-Nov-26'],
  ['', '', '[prod] 0:bash* "node-1" 14:03 30-Nov-26', '[staging] 0:bash* "node-1" 14:04 30-Nov-26'],
  [
    '',
    '',
    '[0] 0:ssh w1*  1:ssh w2-   "bastion" 14:03 30-Nov-26',
    '[0] 0:ssh w1-  1:ssh w2*   "bastion" 14:03 30-Nov-26',
  ],
  ['[0] 0:ssh* 1:ssh- "bastion" 14:03 30-Nov-26', '[0] 0:ssh- 1:ssh* "bastion" 14:03 30-Nov-26'],
  ['', '', '[main] 0:root@w1:~* 1:root@w2:~-', '[main] 0:root@w1:~- 1:root@w2:~*'],
  [
    `# ${READ}`,
    `# ${READ}`,
    '[0] 0:bash*   "root@w1: ~" 14:03 30-Nov-26',
    '[0] 0:bash*   "root@w2: ~" 14:03 30-Nov-26',
  ],
  [
    `[root@node-1 ~]# ${READ}`,
    `[root@node-1 ~]# ${READ}`,
    '[prod] 0:bash* "laptop" 14:03 30-Nov-26',
    '[staging] 0:bash* "laptop" 14:03 30-Nov-26',
  ],
  [
    '',
    '',
    '[ laptop ][  0$ bash  (1*$w1)  2$ w2  ][ 11-30 14:03 ]',
    '[ laptop ][  0$ bash  1$ w1  (2*$w2)  ][ 11-30 14:03 ]',
  ],
  ['', '', '0$ bash  1*$ w1  2-$ w2', '0$ bash  1-$ w1  2*$ w2'],
  ['0 bash  1* w1  2- w2', '0 bash  1- w1  2* w2'],
  [
    '',
    '',
    'u 22.04 0:w1* 1:w2-   2d3h 0.12 4x2.5GHz 15.5G20% 10.0.0.9 2026-11-30 14:03:10',
    'u 22.04 0:w1- 1:w2*   2d3h 0.12 4x2.5GHz 15.5G20% 10.0.0.9 2026-11-30 14:03:50',
  ],
  [' Zellij (prod)  Tab #1 ', ' Zellij (staging)  Tab #1 '],
  ['', '', '[0] 0:bash* "ip-10-0-1-5" 14:03 30-Nov-26\n', '[0] 0:bash* "ip-10-0-1-6" 14:03\n# '],
  [
    '[0] 0:bash* "ip-10-0-1-5" 14:03 30-Nov-26',
    '',
    '[0] 0:bash* "ip-10-0-1-6" 14:03 30-Nov-26',
    '[0] 0:bash* "ip-10-0-1-6" 14:03 30-Nov-26',
  ],
];

const TITLES_OF_TWO: readonly Around[] = [
  [`\u001B]0;root@w1: ~\u0007# ${READ}`, `\u001B]0;root@w2: ~\u0007# ${READ}`],
  [`]0;root@w1: ~# ${READ}`, `]0;root@w2: ~# ${READ}`],
  ['root@w1: ~', 'root@w2: ~'],
  ['root@w1:~', 'root@w2:~'],
  ['me — root@w1: ~ — ssh w1 — 120×40', 'me — root@w2: ~ — ssh w2 — 120×40'],
  ['w1 — ssh — 80×24', 'w2 — ssh — 80×24'],
  ['w1 - PuTTY', 'w2 - PuTTY'],
  ['root@w1: ~ - PuTTY', 'root@w2: ~ - PuTTY'],
  ['10.0.1.5 - PuTTY', '10.0.1.6 - PuTTY'],
  ['root@w1:/root — Konsole', 'root@w2:/root — Konsole'],
  [
    'Session ID: me-0a1b2c3d4e5f60718   Instance ID: i-0a1b2c3d4e5f60718',
    'Session ID: me-0a1b2c3d4e5f60719   Instance ID: i-0a1b2c3d4e5f60799',
  ],
];

const HEADED: readonly string[] = [
  '≡≡≡ NAME ≡≡≡',
  '━━━ NAME ━━━',
  '──── NAME ────',
  '═══ NAME ═══',
  '┌── NAME ──',
  '╭─ NAME',
  '### NAME ###',
  '===[ NAME ]===',
  '----[NAME]----',
  '=== HOST=NAME ===',
  '=== host: NAME ===',
  '>>>>> NAME <<<<<',
  '« NAME »',
  ':: NAME ::',
  '%%% NAME %%%',
  '@@@ NAME @@@',
  '!!! NAME !!!',
  '// NAME',
  '; NAME',
  '--> NAME',
  '→ NAME',
  '▶ NAME',
  '/* NAME */',
  '# --- NAME --- #',
  '{NAME}',
  '<NAME>',
  '[[NAME]]',
  'NAME ----------',
  'NAME >>>',
  'NAME ==>',
  '=== NAME (eu-west-1a) ===',
  '=== output of NAME ===',
  '=== begin NAME ===',
  '=== 1/2 NAME ===',
  '=== NAME: conntrack ===',
  '====== NAME 12:00:00 ======',
];

const ENVIRONMENTS: readonly Around[] = [
  ['=== prod/node-1 ===', '=== staging/node-1 ==='],
  ['=== prod node-1 ===', '=== staging node-1 ==='],
  ['=== node-1 (prod) ===', '=== node-1 (staging) ==='],
  ['=== node-1 @ prod ===', '=== node-1 @ staging ==='],
  ['=== prod ===', '=== staging ==='],
  ['[prod] node-1:', '[staging] node-1:'],
  ['prod node-1:', 'staging node-1:'],
  ['node-1, prod:', 'node-1, staging:'],
  ['node-1 in prod', 'node-1 in staging'],
  ['prod', 'staging'],
];

/** What stands around the samples of one host, whatever else it tells. */
const OF_ONE: readonly Around[] = [
  [`[prod] root@node-1:~# ${READ}`, `[prod] root@node-1:~# ${READ}`],
  [`(venv) root@node-1:~# ${READ}`, `root@node-1:~# ${READ}`],
  [`(base) [ec2-user@node-1 ~]$ ${READ}`, `(base) [ec2-user@node-1 ~]$ ${READ}`],
  [`[12:00:00] root@node-1:~# ${READ}`, `[12:00:10] root@node-1:~# ${READ}`],
  [`[0] root@node-1:~# ${READ}`, `[130] root@node-1:~# ${READ}`],
  [`[prod] $ ${READ}`, `[prod] $ ${READ}`],
  [`root@node-1:~# ${READ}`, `root@node-1:/var/log# ${READ}`],
  [`[root@node-1 ~]# ${READ}`, `[root@node-1 log]# ${READ}`],
  [`┌──(root㉿w1)-[~]\n└─# ${READ}`, `┌──(root㉿w1)-[~]\n└─# ${READ}`],
  ['', '', '[0] 0:bash* "ip-10-0-1-5" 14:03 30-Nov-26', '[0] 0:bash* "ip-10-0-1-5" 14:04 30-Nov-26'],
  ['', '', '0$ bash  1*$ w1  2-$ w2', '0$ bash  1*$ w1  2-$ w2'],
  ['root@w1: ~', 'root@w1: ~'],
  ['w1 - PuTTY', 'w1 - PuTTY'],
  ['=== before ===', '=== after ==='],
  ['# T+0s', '# T+10s'],
  ['=== idle ===', '=== loaded ==='],
  ['=== conntrack ===', '=== sysctl ==='],
  ['idle system:', 'loaded system:'],
  ['[1/2] reading counters', '[2/2] reading counters'],
  ['eth0: link is up', 'eth1: link is up'],
  ['Hi all,', 'Thanks in advance,'],
  ['Reading one', 'Reading two'],
  ['output:', 'output again:'],
  ['start', 'end'],
  ['conntrack stats now:', 'conntrack stats 10 seconds later:'],
  ['before.txt', 'after.txt'],
  ['(1)', '(2)'],
  ['ran the script at noon', 'ran the script at midnight'],
];

describe('two samples of one host', () => {
  it.each(OF_ONE.map((around) => [around]))('stay a pair and call for a raise: %j', (around) => {
    const hosts = diagnosedHosts(textOf(around));
    expect(
      hosts.map(({ host, diagnosis }) => [host.capture.clock.windowSeconds, diagnosis.offer.raise]),
    ).toEqual([[10, true]]);
  });
});

/** Two machines in words that stand above each sample, in a command, or around it. */
const IN_WORDS: readonly Around[] = [
  ['Here is the gateway in Frankfurt', 'Here is the gateway in Dublin'],
  ['', '', 'uptime of alpha: 3 days', 'uptime of beta: 5 days'],
  ['fra-gw', 'dub-gw'],
  ['(prod)', '(staging)'],
  ['region: eu-west-1', 'region: us-east-1'],
  ['AZ a:', 'AZ b:'],
  ['pool: default', 'pool: gpu'],
  ['1st node', '2nd node'],
  ['canary', 'baseline'],
  ['customer A', 'customer B'],
  ['A', 'B'],
  ['OK node output', 'NOK node output'],
  ['a) alpha', 'b) beta'],
  ['before (alpha)', 'after (beta)'],
  ['sample 1, alpha', 'sample 2, beta'],
  ['', 'after 10 s on beta'],
  ['kernel 5.15 node', 'kernel 6.1 node'],
  ['ubuntu node', 'bottlerocket node'],
  ['on arm64', 'on amd64'],
  ['m5.large', 'c5.large'],
  ['old AMI', 'new AMI'],
  ['VM', 'bare metal'],
  ['host', 'guest'],
  ['IP: 10.0.1.5', 'IP: 10.0.1.6'],
  ['Knoten 1:', 'Knoten 2:'],
  ['节点A：', '节点B：'],
  [`$ juju ssh 3 '${READ}'`, `$ juju ssh 4 '${READ}'`],
  [`$ bosh ssh web/0 -c '${READ}'`, `$ bosh ssh web/1 -c '${READ}'`],
  [`$ boundary connect ssh -target-id t1 -- '${READ}'`, `$ boundary connect ssh -target-id t2 -- '${READ}'`],
  ['$ ./run.sh alpha', '$ ./run.sh beta'],
  ['$ kubectx prod', '$ kubectx staging'],
];

function textOf([before, next, after = '', end = '']: Around): string {
  return [before, FIRST, after, next, SECOND, end].filter((part) => part !== '').join('\n');
}

describe('two samples that prompts, screens, titles or headings part', () => {
  it.each(
    [
      ...PROMPTS_OF_TWO,
      ...SCREENS_OF_TWO,
      ...TITLES_OF_TWO,
      ...HEADED.map((form): Around => [form.replace('NAME', 'w1'), form.replace('NAME', 'w2')]),
      ...ENVIRONMENTS,
      ...IN_WORDS,
    ].map((around) => [around]),
  )('make no pair and call for no raise: %j', (around) => {
    const hosts = diagnosedHosts(textOf(around));
    expect(hosts.length).toBeGreaterThan(0);
    for (const { host, diagnosis } of hosts) {
      expect(host.capture.clock.windowSeconds).toBeUndefined();
      expect(diagnosis.offer).toMatchObject({ raise: false, remediations: [] });
    }
  });
});
