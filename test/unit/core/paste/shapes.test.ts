import { describe, expect, it } from 'vitest';
import { sectionOf } from '../../../../src/core/capture/capture.ts';
import { readPaste } from '../../../../src/core/paste/read-paste.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { pasteOf } from '../../support/pastes.ts';

function snapshotFrom(text: string) {
  const paste = pasteOf(text);
  return { paste, snapshot: snapshotOf(paste.capture) };
}

function use(text: string) {
  const { use: fact } = snapshotFrom(text).snapshot.conntrack;
  return fact.known ? [fact.value.last, fact.value.max] : undefined;
}

function totals(text: string) {
  const { totals: fact } = snapshotFrom(text).snapshot.conntrack;
  return fact.known ? Object.fromEntries([...fact.value].map(([name, count]) => [name, Number(count)])) : {};
}

describe('kernel settings', () => {
  it.each([
    ['key = value', 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536'],
    ['key=value', 'net.netfilter.nf_conntrack_count=65535\nnf_conntrack_max=65536'],
    ['key: value', 'nf_conntrack_count: 65535\nnf_conntrack_max: 65536'],
    [
      'a note behind the value',
      'net.netfilter.nf_conntrack_count = 65535 # now\nnet.nf_conntrack_max = 65536   (default)',
    ],
    [
      'thousands separators',
      'net.netfilter.nf_conntrack_count = 65,535\nnet.netfilter.nf_conntrack_max = 65,536',
    ],
    [
      'a path, then its value',
      '/proc/sys/net/netfilter/nf_conntrack_count\n65535\n/proc/sys/net/netfilter/nf_conntrack_max\n65536',
    ],
    [
      'grep with file names',
      '/proc/sys/net/netfilter/nf_conntrack_count:65535\n/proc/sys/net/netfilter/nf_conntrack_max:65536',
    ],
    [
      'headings of head',
      '==> /proc/sys/net/netfilter/nf_conntrack_count <==\n65535\n\n==> /proc/sys/net/netfilter/nf_conntrack_max <==\n65536',
    ],
    [
      'cat of several',
      'root@node:~# cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max\n65535\n65536',
    ],
    ['braces', '$ cat /proc/sys/net/netfilter/nf_conntrack_{count,max}\n65535\n65536'],
    [
      'sysctl -n',
      '# sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max\n65535\n65536',
    ],
    [
      'conntrack -C',
      '[root@node ~]# conntrack -C\n65535\n[root@node ~]# sysctl net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 65536',
    ],
    [
      "a container's prompt",
      '/ # cat /proc/sys/net/netfilter/nf_conntrack_count\n65535\n/ # cat /proc/sys/net/netfilter/nf_conntrack_max\n65536',
    ],
    [
      'the entries column of the counters',
      'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n0000ffff  00000000 00000002 00000000 00000004 00000000 00000000 00000000 00000000 00000003 00000004 00000005 00000006  00000000 00000000 00000000 00000007\nnf_conntrack_max = 65536',
    ],
    [
      'names of old kernels',
      'net.ipv4.netfilter.ip_conntrack_count = 65535\nnet.ipv4.netfilter.ip_conntrack_max = 65536',
    ],
    ['node_exporter', 'node_nf_conntrack_entries 65535\nnode_nf_conntrack_entries_limit 65536'],
    ['node-problem-detector', 'Warning ConntrackFull Conntrack table usage over 90%: 65535 out of 65536'],
    [
      'Windows line ends',
      'net.netfilter.nf_conntrack_count = 65535\r\nnet.netfilter.nf_conntrack_max = 65536\r\n',
    ],
    [
      'a markdown fence and quote marks',
      '```\n> net.netfilter.nf_conntrack_count = 65535\n> net.netfilter.nf_conntrack_max = 65536\n```',
    ],
    [
      'a list that nearly fills the table',
      'conntrack v1.4.6 (conntrack-tools): 65535 flow entries have been shown.\nnf_conntrack_max = 65536',
    ],
  ])('are read as %s', (_, text) => {
    expect(use(text)).toEqual([65_535, 65_536]);
  });

  it.each([
    ['expectations', 'net.netfilter.nf_conntrack_expect_max = 256\nnf_conntrack_expect_max: 256'],
    [
      'a command that sets it',
      'user-data: + /sbin/sysctl -w net.netfilter.nf_conntrack_max=500000\n# sysctl -w net.netfilter.nf_conntrack_max=500000',
    ],
    [
      'a configuration file',
      '$ cat /etc/sysctl.d/99-conntrack.conf\nnet.netfilter.nf_conntrack_max = 500000',
    ],
    ['a sentence', 'nf_conntrack_max = 500000 did not help us at all'],
    ["kube-proxy's log", 'I1120 15:18:19.757786   26448 conntrack.go:52] Setting nf_conntrack_max to 786432'],
  ])('are not taken from %s', (_, text) => {
    for (const { capture } of readPaste(text).hosts)
      expect(sectionOf(capture, 'sysctl', 1)?.text ?? '').not.toMatch(/nf_conntrack_max = /);
  });

  it.each([
    [
      'a count of some entries after them',
      '$ date; conntrack -C; sysctl -n net.netfilter.nf_conntrack_max; conntrack -L | grep -c SYN_RECV\nSat Nov 28 02:10:01 UTC 2026\n65000\n65536\n51200',
    ],
    [
      'the number of processors before them',
      '$ nproc; cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max\n16\n65000\n65536',
    ],
    [
      'a line between them',
      '$ conntrack -C; echo ---; sysctl -n net.netfilter.nf_conntrack_max\n65000\n---\n65536',
    ],
    [
      'the heading of watch and an empty line before them',
      'Every 2.0s: cat /proc/sys/net/netfilter/nf_conntrack_count        node-c: Sat Nov 28 02:20:11 2026\n\n65000\nnf_conntrack_max = 65536',
    ],
  ])('are not mistaken for numbers that one command prints of something else: %s', (_, text) => {
    expect(use(text)).toEqual([65_000, 65_536]);
  });

  it('keep the limit of an earlier command when only the count is read again', () => {
    expect(use('nf_conntrack_count = 10\nnf_conntrack_max = 65536\n$ conntrack -C\n65535')).toEqual([
      65_535, 65_536,
    ]);
  });
});

describe('conntrack counters', () => {
  it.each([
    [
      'one row a CPU',
      'cpu=0   \tfound=1 invalid=2 insert=0 insert_failed=3 drop=4 early_drop=5 error=6 search_restart=7\ncpu=1   \tfound=1 invalid=2 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0',
    ],
    [
      'a heading and rulers',
      'CPU    Found    Invalid    Insert    Insert fail      Drop    Early drop    Errors    Search restart\n-----  -------  ---------  --------  ---------------  ------  ------------  --------  -----------------\ncpu=0  found=2  invalid=4  insert=0  insert_failed=3  drop=4  early_drop=5  error=6   search_restart=7',
    ],
    [
      'a heading and bare numbers',
      'cpu found invalid insert insert_failed drop early_drop error search_restart\n0 2 4 0 3 4 5 6 7',
    ],
    ['fields left out', '[..] insert_failed=3 drop=4 early_drop=5 [..] search_restart=7'],
    [
      'rows wrapped by the terminal',
      'cpu=0 found=2 invalid=4 insert=0 insert_failed=3 drop=4\nearly_drop=5 error=6 search_restart=7',
    ],
    [
      'one a line',
      'entries 90\nsearched 2228\nfound 2\nnew 1\ninsert_failed\t\t3\ndrop      \t\t4\nearly_drop\t\t5',
    ],
    [
      'the proc file',
      'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n0000005a  00000000 00000002 00000000 00000004 00000000 00000000 00000000 00000000 00000003 00000004 00000005 00000006  00000000 00000000 00000000 00000007\n...',
    ],
    [
      'node_exporter',
      'node_nf_conntrack_stat_drop 4\nnode_nf_conntrack_stat_early_drop 5\nnode_nf_conntrack_stat_insert_failed 3',
    ],
  ])('are read from %s', (_, text) => {
    expect(totals(text)).toMatchObject({ insert_failed: 3, drop: 4, early_drop: 5 });
  });

  it('are read from 192 CPUs', () => {
    const rows = Array.from(
      { length: 192 },
      (_, cpu) =>
        `cpu=${cpu} found=0 invalid=1 insert=0 insert_failed=0 drop=2 early_drop=0 error=0 search_restart=0`,
    );
    expect(totals(rows.join('\n'))).toMatchObject({ drop: 384, invalid: 192 });
  });

  it('are not made up where a row is cut short', () => {
    const { paste, snapshot } = snapshotFrom(
      'entries  clashres found new invalid ignore delete delete_list insert\n00000004  00000000 00000000',
    );
    expect(snapshot.conntrack.totals.known).toBe(false);
    expect(paste.ignored).toEqual([expect.objectContaining({ why: expect.stringContaining('cut short') })]);
  });
});

describe('kernel messages', () => {
  it.each([
    ['seconds', '[2833841.216211] nf_conntrack: nf_conntrack: table full, dropping packet'],
    ['dmesg -T', '[Tue Nov 20 22:30:22 2018] nf_conntrack: table full, dropping packet'],
    ['syslog', 'Feb 23 16:44:36 host kernel: [38775494.393661] nf_conntrack: table full, dropping packet.'],
    ['ISO', '2026-11-23T18:38:32,696661+00:00 nf_conntrack: table full, dropping packet'],
    ['journalctl', 'Nov 20 22:30:22 node-1 kernel: nf_conntrack: table full, dropping packet'],
    ['no stamp', 'nf_conntrack:table full,dropping packet.'],
    ['an old name', 'kernel: ip_conntrack: table full, dropping packet.'],
    [
      'a wrapped line',
      'Feb 23 16:44:36 jobs kernel: [38775494.393661] nf_conntrack: table full,\ndropping packet',
    ],
    ['quotes', 'we see `nf_conntrack: table full, dropping packet` all the time'],
  ])('are read with %s', (_, text) => {
    const { log } = snapshotFrom(text).snapshot;
    expect(log.known && log.value.messages.map(({ kind }) => kind)).toEqual(['table-full']);
  });

  it.each([
    [
      'a search for them',
      '$ dmesg | grep "nf_conntrack: table full, dropping packet"\n$ date\nMon Nov 23 18:38:32 UTC 2026\nnf_conntrack_count = 5',
    ],
    [
      'a search without prompt',
      'dmesg -T | grep "nf_conntrack: table full, dropping packet"\nnf_conntrack_count = 5',
    ],
    [
      'their denial',
      'There is no "nf_conntrack: table full, dropping packet" anywhere.\nnf_conntrack_count = 5',
    ],
    ['a pattern', '"pattern": "(ip|nf)_conntrack: table full, dropping packet"\nnf_conntrack_count = 5'],
  ])('are not taken from %s', (_, text) => {
    expect(snapshotFrom(text).snapshot.log.known).toBe(false);
  });

  it('age by the date that was pasted with them', () => {
    const text = (line: string) => `$ date -u\nMon Nov 23 12:00:00 UTC 2026\n$ dmesg -T\n${line}`;
    const ages = ['[Mon Nov 23 11:58:00 2026]', '[Mon Nov  2 11:58:00 2026]'].map((stamp) => {
      const { log } = snapshotFrom(text(`${stamp} nf_conntrack: table full, dropping packet`)).snapshot;
      return log.known && log.value.messages.map(({ ageSeconds }) => ageSeconds);
    });
    expect(ages).toEqual([[120], []]);
  });
});

describe('readPaste', () => {
  it.each([[''], ['hello world'], ['The service is slow since Monday.\nWe restarted it twice.']])(
    'finds nothing in %j',
    (text) => {
      expect(readPaste(text)).toMatchObject({
        hosts: [{ seen: [], capture: { sections: [] } }],
        unassigned: undefined,
      });
    },
  );

  it('takes a trace without counters for evidence that it can not use', () => {
    const paste = pasteOf('07:25:14.196136 IP 10.0.253.87.36457 > node.30001: UDP, length 61');
    expect(paste).toMatchObject({ used: [], ignored: [{ from: 1, to: 1 }], capture: { sections: [] } });
  });
});
