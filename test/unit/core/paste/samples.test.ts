import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

function counters(drop: number, insertFailed = 0): string {
  return `cpu=0 found=1 invalid=2 insert=0 insert_failed=${insertFailed} drop=${drop} early_drop=0 error=0 search_restart=0 clash_resolve=0 chaintoolong=0`;
}

function windowAndDrops(text: string): readonly [number | undefined, number | undefined] {
  const paste = pasteOf(text);
  const { deltas } = snapshotOf(paste.capture).conntrack;
  return [
    paste.capture.clock.windowSeconds,
    deltas.known ? Number(deltas.value.get('drop') ?? 0n) : undefined,
  ];
}

describe('two readings of one command', () => {
  it.each([
    [
      'a wait in the command',
      `root@n1:~# conntrack -S; sleep 10; conntrack -S\n${counters(10)}\n${counters(60)}`,
      10,
    ],
    ['a loop', `for i in 1 2; do conntrack -S; sleep 30; done\n${counters(10)}\n${counters(60)}`, 30],
    ['a wait of its own', `$ conntrack -S\n${counters(10)}\n$ sleep 15\n$ conntrack -S\n${counters(60)}`, 15],
    [
      'dates',
      `Mon Nov 23 12:00:00 UTC 2026\n${counters(10)}\nMon Nov 23 12:00:20 UTC 2026\n${counters(60)}`,
      20,
    ],
    ['ISO dates', `2026-11-23T12:00:00Z\n${counters(10)}\n2026-11-23T12:00:20Z\n${counters(60)}`, 20],
    [
      'date +%s',
      `$ date +%s\n1795435200\n$ conntrack -S\n${counters(10)}\n$ date +%s\n1795435212\n$ conntrack -S\n${counters(60)}`,
      12,
    ],
    [
      'times in the prompt',
      `[12:00:01] root@n1:~# conntrack -S\n${counters(10)}\n[12:00:31] root@n1:~# conntrack -S\n${counters(60)}`,
      30,
    ],
    [
      'prompt times over midnight',
      `[23:59:50] root@n1:~# conntrack -S\n${counters(10)}\n[00:00:05] root@n1:~# conntrack -S\n${counters(60)}`,
      15,
    ],
    ['words', `${counters(10)}\n10 seconds later:\n${counters(60)}`, 10],
    ['watch', `watch -n 5 conntrack -S\n${counters(10)}\n${counters(60)}`, 5],
  ])('are two samples by %s', (_, text, seconds) => {
    expect(windowAndDrops(text)).toEqual([seconds, 50]);
  });

  it.each([
    ['nothing tells the time between them', `${counters(10)}\n\n${counters(60)}`],
    [
      'the clock went backwards',
      `2026-11-23T12:00:20Z\n${counters(10)}\n2026-11-23T12:00:00Z\n${counters(60)}`,
    ],
  ])('count as the last one alone when %s', (_, text) => {
    expect(windowAndDrops(text)).toEqual([undefined, undefined]);
    expect(pasteOf(text).ignored).toEqual([
      expect.objectContaining({ why: expect.stringMatching(/^conntrack -S: /) }),
    ]);
  });

  it('make a verdict of now, with a raise, where everything for one was pasted', () => {
    const sample = (drop: number) => `${counters(drop)}\nnet.netfilter.nf_conntrack_count = 65536`;
    const text = `2026-11-23T12:00:00Z\n${sample(10)}\n2026-11-23T12:00:10Z\n${sample(910)}\n
      net.netfilter.nf_conntrack_max = 65536\nnet.netfilter.nf_conntrack_buckets = 65536\nMemTotal: 16303428 kB\nMemAvailable: 9303428 kB\nnf_conntrack 65536 65536 320 25 2 : tunables 0 0 0`;
    const diagnosis = diagnosedPaste(text);
    expect(diagnosis).toMatchObject({ verdict: 'table-full', confidence: 'high', offer: { raise: true } });
    expect(diagnosis.gaps.join('\n')).not.toContain('to find out');
  });
});
