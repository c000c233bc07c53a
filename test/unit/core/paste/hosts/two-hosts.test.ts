import { describe, expect, it } from 'vitest';
import { CALM, drops, each, FULL, LINE, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

/** Two hosts in one text, as people paste them: the first is full, the second calm. */
const TWO: readonly (readonly [string, string, readonly [string, string]])[] = [
  [
    'Ansible ad hoc',
    `node-a | CHANGED | rc=0 >>\n${FULL}\nnode-b | CHANGED | rc=0 >>\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'Ansible ad hoc with a bastion’s prompt and one host away',
    `[me@bastion ~]$ ansible workers -b -m shell -a 'conntrack -S; sysctl net.netfilter'\nweb | CHANGED | rc=0 >>\n${FULL}\ndb | SUCCESS | rc=0 >>\n${CALM}\ncache | UNREACHABLE! => {\n    "msg": "Failed to connect to the host via ssh"\n}\n[me@bastion ~]$ date`,
    ['web', 'db'],
  ],
  [
    'a playbook',
    `TASK [conntrack] ***\nok: [node-a] =>\n${FULL}\nok: [node-b] =>\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'a loop of ssh with an echo',
    `$ for n in node-a node-b; do echo "== $n"; ssh $n 'conntrack -S; sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max'; done\n== node-a\n${FULL}\n== node-b\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'a loop of ssh over words that the loop lists',
    `$ for n in paris berlin; do echo $n; ssh $n 'conntrack -S; sysctl net.netfilter'; done\nparis\n${FULL}\nberlin\n${CALM}`,
    ['paris', 'berlin'],
  ],
  [
    'a loop of ssh without any heading',
    `$ for n in node-a node-b; do ssh $n 'conntrack -S; sysctl net.netfilter'; done\n${FULL}\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'a loop of bare values',
    `$ for n in node-a node-b; do ssh $n cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max; done\n131072\n131072\n4021\n131072`,
    ['node-a', 'node-b'],
  ],
  [
    'a loop of kubectl exec with names of pods',
    `$ for p in $(kubectl -n kube-system get pod -l k8s-app=kube-proxy -o name); do echo $p; kubectl -n kube-system exec $p -- sh -c 'conntrack -S; sysctl net.netfilter'; done\npod/kube-proxy-8xk2l\n${FULL}\npod/kube-proxy-zz9qd\n${CALM}`,
    ['kube-proxy-8xk2l', 'kube-proxy-zz9qd'],
  ],
  [
    'kubectl exec, a command a pod',
    `$ kubectl -n kube-system exec kube-proxy-8xk2l -- conntrack -S\n${drops(48_213)}\n$ kubectl -n kube-system exec kube-proxy-8xk2l -- sysctl net.netfilter\n${use(131_072)}\n$ kubectl -n kube-system exec kube-proxy-zz9qd -- conntrack -S\n${drops(3)}\n$ kubectl -n kube-system exec kube-proxy-zz9qd -- sysctl net.netfilter\n${use(4_021)}`,
    ['kube-proxy-8xk2l', 'kube-proxy-zz9qd'],
  ],
  [
    'kubectl debug',
    `$ kubectl debug node/ip-10-0-1-5.ec2.internal -it --image=busybox -- chroot /host conntrack -S\nCreating debugging pod node-debugger-ip-10-0-1-5.ec2.internal-x2k9p with container debugger on node ip-10-0-1-5.ec2.internal.\n${FULL}\n$ kubectl debug node/ip-10-0-1-6.ec2.internal -it --image=busybox -- chroot /host conntrack -S\nCreating debugging pod node-debugger-ip-10-0-1-6.ec2.internal-abcde with container debugger on node ip-10-0-1-6.ec2.internal.\n${CALM}`,
    ['ip-10-0-1-5.ec2.internal', 'ip-10-0-1-6.ec2.internal'],
  ],
  [
    'two prompts',
    `root@node-a:~# conntrack -S; sysctl net.netfilter\n${FULL}\nroot@node-b:~# conntrack -S; sysctl net.netfilter\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'two prompts of SUSE',
    `node-a:~ # conntrack -S; sysctl net.netfilter\n${FULL}\nnode-b:~ # conntrack -S; sysctl net.netfilter\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'two sessions from a bastion',
    `me@bastion:~$ ssh node-a\nLast login: Mon May 20 09:00:01 2024 from 10.0.0.9\n[ec2-user@ip-10-0-1-5 ~]$ conntrack -S; sysctl net.netfilter\n${FULL}\n[ec2-user@ip-10-0-1-5 ~]$ exit\nlogout\nConnection to node-a closed.\nme@bastion:~$ ssh node-b\n$ conntrack -S; sysctl net.netfilter\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'commands over ssh',
    `$ ssh -i key.pem ec2-user@10.0.1.5 'conntrack -S; sysctl net.netfilter'\n${FULL}\n$ ssh -i key.pem ec2-user@10.0.1.6 'conntrack -S; sysctl net.netfilter'\n${CALM}`,
    ['10.0.1.5', '10.0.1.6'],
  ],
  [
    'a prompt of PowerShell',
    `PS C:\\Users\\me> ssh node-a "conntrack -S; sysctl net.netfilter"\n${FULL}\nPS C:\\Users\\me> ssh node-b "conntrack -S; sysctl net.netfilter"\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'invocations of a command of Systems Manager on one line',
    JSON.stringify({
      CommandInvocations: [
        { InstanceId: 'i-0a1b2c3d4e5f60718', CommandPlugins: [{ Output: `${FULL}\n` }] },
        { InstanceId: 'i-0a1b2c3d4e5f60799', CommandPlugins: [{ Output: `${CALM}\n` }] },
      ],
    }),
    ['i-0a1b2c3d4e5f60718', 'i-0a1b2c3d4e5f60799'],
  ],
  [
    'sessions of Systems Manager',
    `$ aws ssm start-session --target i-0a1b2c3d4e5f60718\nsh-5.2$ sudo conntrack -S; sysctl net.netfilter\n${FULL}\nsh-5.2$ exit\n$ aws ssm start-session --target i-0a1b2c3d4e5f60799\nsh-5.2$ sudo conntrack -S; sysctl net.netfilter\n${CALM}`,
    ['i-0a1b2c3d4e5f60718', 'i-0a1b2c3d4e5f60799'],
  ],
  [
    'pdsh',
    `${each(FULL, (line) => `node-a: ${line}`)}\n${each(CALM, (line) => `node-b: ${line}`)}`,
    ['node-a', 'node-b'],
  ],
  [
    'pdsh, line by line as it came',
    each(FULL, (line) => `node-a: ${line}`)
      .split('\n')
      .flatMap((line, index) => [line, `node-b: ${CALM.split('\n')[index] ?? ''}`])
      .join('\n'),
    ['node-a', 'node-b'],
  ],
  [
    'clush -b',
    `---------------\nnode-a\n---------------\n${FULL}\n---------------\nnode-b\n---------------\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'salt',
    `node-a:\n${each(FULL, (line) => `    ${line}`)}\nnode-b:\n${each(CALM, (line) => `    ${line}`)}`,
    ['node-a', 'node-b'],
  ],
  [
    'kubectl logs --prefix',
    `${each(FULL, (line) => `[pod/conntrack-probe-8xk2l/probe] ${line}`)}\n${each(CALM, (line) => `[pod/conntrack-probe-zz9qd/probe] ${line}`)}`,
    ['conntrack-probe-8xk2l', 'conntrack-probe-zz9qd'],
  ],
  [
    'stern',
    `${each(FULL, (line) => `probe-8xk2l probe ${line}`)}\n${each(CALM, (line) => `probe-zz9qd probe ${line}`)}`,
    ['probe-8xk2l', 'probe-zz9qd'],
  ],
  [
    'headings in Markdown',
    `### node-a\n\`\`\`\n${FULL}\n\`\`\`\n### node-b\n\`\`\`\n${CALM}\n\`\`\``,
    ['node-a', 'node-b'],
  ],
  ['bold names', `**node-a**\n${FULL}\n\n**node-b:**\n${CALM}`, ['node-a', 'node-b']],
  [
    'names with a note',
    `=== node-a (broken) ===\n${FULL}\n=== node-b (fine) ===\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  ['numbered nodes', `Node 1:\n${FULL}\n\nNode 2:\n${CALM}`, ['node 1', 'node 2']],
  ['lettered nodes', `## Node A\n${FULL}\n\n## Node B\n${CALM}`, ['node a', 'node b']],
  [
    'a bad and a good node',
    `On the bad node:\n${FULL}\n\nOn a healthy node:\n${CALM}`,
    ['bad node', 'healthy node'],
  ],
  ['a key and a name', `Node: web\n${FULL}\nNode: db\n${CALM}`, ['web', 'db']],
  [
    'any two words over the same readings',
    `=== alpha ===\n${FULL}\n=== beta ===\n${CALM}`,
    ['alpha', 'beta'],
  ],
  ['tail of two files', `==> node-a.txt <==\n${FULL}\n\n==> node-b.txt <==\n${CALM}`, ['node-a', 'node-b']],
  [
    'full names in headings',
    `--- ip-10-0-1-5.eu-central-1.compute.internal ---\n${FULL}\n--- ip-10-0-1-6.eu-central-1.compute.internal ---\n${CALM}`,
    ['ip-10-0-1-5.eu-central-1.compute.internal', 'ip-10-0-1-6.eu-central-1.compute.internal'],
  ],
  [
    'labels of an exposition',
    'node_nf_conntrack_entries{instance="10.0.3.7:9100",job="node"} 131072\nnode_nf_conntrack_entries{instance="10.0.3.8:9100",job="node"} 4021\nnode_nf_conntrack_entries_limit{instance="10.0.3.7:9100",job="node"} 131072\nnode_nf_conntrack_entries_limit{instance="10.0.3.8:9100",job="node"} 131072',
    ['10.0.3.7', '10.0.3.8'],
  ],
  [
    'a label that names the node beside the address of its exporter',
    'node_nf_conntrack_entries{instance="exporter:9100",node="ip-10-0-1-5.ec2.internal"} 131072\nnode_nf_conntrack_entries{instance="exporter:9100",node="ip-10-0-1-6.ec2.internal"} 4021\nnode_nf_conntrack_entries_limit{instance="exporter:9100",node="ip-10-0-1-5.ec2.internal"} 131072\nnode_nf_conntrack_entries_limit{instance="exporter:9100",node="ip-10-0-1-6.ec2.internal"} 131072',
    ['ip-10-0-1-5.ec2.internal', 'ip-10-0-1-6.ec2.internal'],
  ],
  [
    'an exporter asked at two addresses',
    '$ curl -s http://10.0.3.7:9100/metrics | grep conntrack_entries\nnode_nf_conntrack_entries 131072\nnode_nf_conntrack_entries_limit 131072\n$ curl -s http://10.0.3.8:9100/metrics | grep conntrack_entries\nnode_nf_conntrack_entries 4021\nnode_nf_conntrack_entries_limit 131072',
    ['10.0.3.7', '10.0.3.8'],
  ],
  [
    'a loop that was typed over several lines',
    `$ for n in node-a node-b; do\n>   ssh $n 'conntrack -S; sysctl net.netfilter'\n> done\n${FULL}\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'sentences',
    `Two nodes. The first one (ip-10-0-1-5):\n\n${FULL}\n\nand on ip-10-0-1-6 it looks fine:\n\n${CALM}`,
    ['ip-10-0-1-5', 'ip-10-0-1-6'],
  ],
  ['a numbered list', `1) node-a\n${FULL}\n2) node-b\n${CALM}`, ['node-a', 'node-b']],
  ['a sign before the name', `\u{1F534} node-a\n${FULL}\n\u{1F7E2} node-b\n${CALM}`, ['node-a', 'node-b']],
  [
    'an answer of Prometheus on one line',
    `{"data":{"result":[${[
      ['entries', '10.0.3.7', 131_072],
      ['entries', '10.0.3.8', 4_021],
      ['entries_limit', '10.0.3.7', 131_072],
      ['entries_limit', '10.0.3.8', 131_072],
    ]
      .map(
        ([name, host, value]) =>
          `{"metric":{"__name__":"node_nf_conntrack_${name}","instance":"${host}:9100"},"value":[1716200000,"${value}"]}`,
      )
      .join(',')}]}}`,
    ['10.0.3.7', '10.0.3.8'],
  ],
  [
    'uname after each',
    `${FULL}\nLinux node-a 5.15.0-1 #1 SMP x86_64 GNU/Linux\n${CALM}\nLinux node-b 5.15.0-1 #1 SMP x86_64 GNU/Linux`,
    ['node-a', 'node-b'],
  ],
  [
    'uname before each',
    `Linux node-a 5.15.0-1 #1 SMP x86_64 GNU/Linux\n${FULL}\nLinux node-b 5.15.0-1 #1 SMP x86_64 GNU/Linux\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'hostname before each',
    `$ hostname\nnode-a\n$ conntrack -S; sysctl net.netfilter\n${FULL}\n$ hostname\nnode-b\n$ conntrack -S; sysctl net.netfilter\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'boot ids without names',
    `boot_id=17080bde-39dc-4426-aca8-ba465c72b835\n${FULL}\nboot_id=99990bde-39dc-4426-aca8-ba465c72b835\n${CALM}`,
    ['boot 17080bde', 'boot 99990bde'],
  ],
];

describe('a text of two hosts', () => {
  it.each(TWO)(
    'gives each its own diagnosis, the full one first, and offers nothing: %s',
    (_, text, names) => {
      const hosts = diagnosedHosts(text);
      expect(hosts.map(({ host }) => host.host)).toEqual(names);
      expect(hosts.map(({ diagnosis }) => diagnosis.node)).toEqual(names);
      expect(hosts[0]?.diagnosis.verdict).toBe('table-full');
      expect(hosts[1]?.diagnosis.verdict).toBe('insufficient-evidence');
      for (const { host, diagnosis } of hosts) {
        expect(host.capture.clock.windowSeconds).toBeUndefined();
        expect(diagnosis.offer.raise).toBe(false);
      }
    },
  );

  it('puts the most severe first, wherever it stands', () => {
    const text = `root@node-b:~# conntrack -S\n${CALM}\nroot@node-a:~# conntrack -S\n${FULL}`;
    expect(diagnosedHosts(text).map(({ host }) => host.host)).toEqual(['node-a', 'node-b']);
  });

  it('gives lines of a central log to the hosts that wrote them', () => {
    const text = `May 20 10:01:00 node-a kernel: [5123.1] ${LINE}\nMay 20 10:01:02 node-b kernel: [77.2] neighbour: arp_cache: neighbor table overflow!`;
    expect(diagnosedHosts(text).map(({ host, diagnosis }) => [host.host, diagnosis.verdict])).toEqual([
      ['node-a', 'table-full'],
      ['node-b', 'neighbour-overflow'],
    ]);
  });

  it('keeps two samples of one of them a pair, and its offer', () => {
    const memory =
      'MemTotal: 16303428 kB\nMemAvailable: 9303428 kB\nnf_conntrack 65536 65536 320 25 2 : tunables 0 0 0';
    const node = (drop: number, count: number) =>
      `${drops(drop)}\n${use(count)}\nnet.netfilter.nf_conntrack_buckets = 131072`;
    const text = `=== node-a ===\n2026-11-23T12:00:00Z\n${node(10, 131_000)}\n2026-11-23T12:00:10Z\n${node(910, 131_072)}\n${memory}\n=== node-b ===\n2026-11-23T12:00:05Z\n${node(10, 9)}`;
    const [first, second] = diagnosedHosts(text);
    expect(first?.host.capture.clock.windowSeconds).toBe(10);
    expect(first?.diagnosis).toMatchObject({ node: 'node-a', verdict: 'table-full', offer: { raise: true } });
    expect(second?.host.capture.clock.windowSeconds).toBeUndefined();
  });
});
