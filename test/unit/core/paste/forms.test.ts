import { describe, expect, it } from 'vitest';
import { sectionOf } from '../../../../src/core/capture/capture.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const USE = 'net.netfilter.nf_conntrack_count = 131070\nnet.netfilter.nf_conntrack_max = 131072\n';

function use(text: string) {
  const { use: fact } = snapshotOf(pasteOf(text).capture).conntrack;
  return fact.known ? [fact.value.last, fact.value.max] : undefined;
}

describe('output in another form', () => {
  it.each([
    [
      'an answer of Systems Manager',
      JSON.stringify(
        { CommandId: 'c', Status: 'Success', StandardOutputContent: USE, StandardErrorContent: '' },
        null,
        2,
      ),
    ],
    [
      'an answer of Systems Manager on one line',
      JSON.stringify({ InstanceId: 'i-0abc', StandardOutputContent: `${'x'.repeat(3_000)}\n${USE}` }),
    ],
    ['Ansible’s JSON', JSON.stringify({ changed: true, rc: 0, stdout: USE })],
    [
      'Ansible’s JSON with the same output as a list of lines',
      JSON.stringify({ rc: 0, stdout: USE, stdout_lines: USE.trim().split('\n') }, null, 4),
    ],
    [
      'a list of lines that a playbook shows',
      JSON.stringify({ 'out.stdout_lines': USE.trim().split('\n') }, null, 4),
    ],
    [
      'a list of lines on one line',
      JSON.stringify({ changed: false, 'r.stdout_lines': USE.trim().split('\n') }),
    ],
    [
      'a diff',
      `--- before\n+++ after\n@@ -1,2 +1,2 @@\n-net.netfilter.nf_conntrack_count = 9\n+net.netfilter.nf_conntrack_count = 131070\n net.netfilter.nf_conntrack_max = 131072`,
    ],
    ['entities of a page', USE.replaceAll('=', '&#61;')],
    ['punctuation of another keyboard', USE.replaceAll(' = ', '＝')],
    [
      'headings of head',
      '==> /proc/sys/net/netfilter/nf_conntrack_count <==\n131070\n\n==> /proc/sys/net/netfilter/nf_conntrack_max <==\n131072',
    ],
  ])('is read: %s', (_, text) => {
    expect(use(text)).toEqual([131_070, 131_072]);
    expect(diagnosedPaste(text)).toMatchObject({ verdict: 'near-full', offer: { raise: false } });
  });

  it('counts once what Ansible prints both as text and as lines', () => {
    const row =
      'cpu=0 found=0 invalid=0 insert=0 insert_failed=0 drop=5400 early_drop=0 error=0 search_restart=0';
    const stdout = `${row}\n${USE}`;
    const text = JSON.stringify({ rc: 0, stdout, stdout_lines: stdout.split('\n') });
    expect(pasteOf(text).seen.flatMap(({ says }) => says ?? [])).toEqual(
      expect.arrayContaining([expect.stringMatching(/^drop 5,400/)]),
    );
  });

  it('never turns an entity into a character that acts on a terminal', () => {
    const text = `&#27;[31m ${USE}&#x1b;]0;x`;
    expect(JSON.stringify(pasteOf(text))).not.toContain('\\u001b');
  });
});

describe('netstat -s in another language', () => {
  it.each([
    ['de', '    4711 Segmente erneut geschickt'],
    ['fr', '    4711 segments retransmis'],
    ['es', '    4711 segmentos retransmitidos'],
    ['ja', '    4711セグメントの再転送'],
    ['zh', '    重传了 4711 个段'],
  ])('tells its counters: %s', (_, line) => {
    const { capture, seen } = pasteOf(`$ netstat -s\nTcp:\n${line}`);
    expect(sectionOf(capture, 'nstat-node', 1)?.text).toContain('TcpRetransSegs 4711');
    expect(seen[0]?.says).toMatch(/TcpRetransSegs 4,711/);
  });

  it('is not taken for whole, so a full listen queue is not ruled out', () => {
    const text =
      '$ netstat -s\nIp:\n    100 Pakete insgesamt empfangen\nTcp:\n    3 Segmente erneut geschickt\nTcpExt:\n    7 Pakete';
    expect(sectionOf(pasteOf(text).capture, 'nstat-node', 1)?.text).not.toContain('ListenOverflows');
  });

  it('is not taken for another counter than the catalogue of net-tools has it', () => {
    const text =
      '$ netstat -s\nTcpExt:\n    12 Pakete wegen Socketpufferüberlauf aus der Empfangswarteschlange weggeworfen\n    7 SYN-Cookies verschickt\n    5 ungültige SYN-Cookies empfangen\nTcp:\n    9 Verbindungen aktiv geöffnet\n    31 Segmente empfangen\n    2 fehlerhafte Segmente empfangen';
    const read = sectionOf(pasteOf(text).capture, 'nstat-node', 1)?.text ?? '';
    expect(read).not.toContain('Listen');
    expect(read.split('\n').toSorted()).toEqual([
      'TcpActiveOpens 9',
      'TcpExtSyncookiesFailed 5',
      'TcpExtSyncookiesSent 7',
      'TcpInSegs 31',
    ]);
  });
});
