import { describe, expect, it } from 'vitest';
import { readPaste } from '../../../../../src/core/paste/read-paste.ts';
import { CALM, drops, FULL, LINE, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

describe('a text of one host', () => {
  const pair = (first: string, second: string) =>
    `${first}\n2026-11-23T12:00:00Z\n${drops(10)}\n${second}\n2026-11-23T12:00:10Z\n${drops(910)}`;

  it.each([
    ['a short name and the full one', pair('root@node-a:~# x', 'root@node-a.example.com:~# x')],
    ['a bastion before ssh', `me@bastion:~$ ssh node-a\n${pair('root@node-a:~# x', 'root@node-a:~# x')}`],
    [
      'an alias of ssh',
      `me@bastion:~$ ssh prod1\n${pair('[ec2-user@ip-10-0-1-5 ~]$ x', '[ec2-user@ip-10-0-1-5 ~]$ x')}`,
    ],
    ['an address and the name that EC2 makes of it', pair('=== 10.0.1.5 ===', 'root@ip-10-0-1-5:~# x')],
    ['headings of tools', pair('=== conntrack ===', '=== dmesg ===')],
    ['headings of samples', pair('=== sample1 ===', '=== sample2 ===')],
    ['interfaces', pair('== eth0', '== eth1')],
    [
      'one heading over prompts and log lines of other names',
      `=== node-a ===\n${pair('root@n7:~# x', 'root@n7:~# x')}\nMay 20 10:01:00 n7 kernel: [5.1] device eth0 entered promiscuous mode`,
    ],
  ])('is not divided by %s', (_, text) => {
    const hosts = diagnosedHosts(text);
    expect(hosts).toHaveLength(1);
    expect(hosts[0]?.host.capture.clock.windowSeconds).toBe(10);
  });

  it.each([
    ['a sentence with ssh', 'ssh into the box and run conntrack -S please'],
    [
      'a log of virtual hosts',
      '{"host":"api.example.com","msg":"upstream timed out"}\n{"host":"www.example.com","msg":"upstream timed out"}',
    ],
  ])('is one with %s', (_, line) => {
    const hosts = diagnosedHosts(`${line}\n${use(131_072)}`);
    expect(hosts.map(({ host }) => host.host)).toEqual([undefined]);
  });

  it('is one for an exporter under two ports', () => {
    const text =
      'node_nf_conntrack_entries{instance="10.0.3.7:9100"} 131072\nnode_nf_conntrack_entries_limit{instance="10.0.3.7:9101"} 131072';
    expect(diagnosedHosts(text)).toHaveLength(1);
  });

  it('is one before and after a reboot, and no pair', () => {
    const boot = (id: string) => `boot_id=${id}80bde0-39dc-4426-aca8-ba465c72b835`;
    const text = `root@node-a:~# x\n${boot('17')}\n2026-11-23T12:00:00Z\n${drops(10)}\n${boot('99')}\n2026-11-23T12:05:00Z\n${drops(910)}\n${use(131_072)}`;
    const [only, ...others] = diagnosedHosts(text);
    expect(others).toEqual([]);
    expect(only?.host.capture.clock.windowSeconds).toBeUndefined();
    expect(only?.host.ignored.map(({ why }) => why)).toContain(
      'conntrack -S: the node was booted again after it',
    );
    expect(only?.diagnosis.offer.raise).toBe(false);
  });
});

describe('text that names no host among several', () => {
  it.each([
    [
      'before the first one',
      `${drops(10)}\n2026-11-23T12:00:00Z\nroot@node-a:~# conntrack -S\n${FULL}\nroot@node-b:~# conntrack -S\n${CALM}`,
    ],
    [
      'from a loop that prints more than its hosts',
      `$ for n in node-a node-b; do ssh $n 'conntrack -S; sleep 10; conntrack -S'; done\n${drops(5)}\n${drops(1_905)}\n${drops(7)}\n${drops(9)}`,
    ],
    [
      'from a loop with log lines alone',
      `$ for n in node-a node-b; do ssh $n "dmesg | grep conntrack | tail -1"; done\n[5123.1] ${LINE}\n[99.4] ${LINE}`,
    ],
    [
      'with two names told in its middle',
      `${drops(10)}\nLinux node-a 5.15.0-1 #1 SMP x86_64 GNU/Linux\n${use(9)}\nLinux node-b 5.15.0-1 #1 SMP x86_64 GNU/Linux\n${drops(910)}`,
    ],
  ])('is no pair, offers nothing and says how to paste it: %s', (_, text) => {
    const paste = readPaste(text);
    expect(paste.unassigned).toBeDefined();
    expect(paste.unassigned?.capture.clock.windowSeconds).toBeUndefined();
    for (const { diagnosis } of diagnosedHosts(text)) {
      expect(diagnosis.offer).toMatchObject({ raise: false, remediations: [] });
      expect(diagnosis.gaps.join('\n')).toMatch(/several hosts.*paste each host by itself/);
    }
  });
});
