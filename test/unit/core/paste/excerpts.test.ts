import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const FULL = 'net.netfilter.nf_conntrack_count = 131072\nnet.netfilter.nf_conntrack_max = 131072';
const LINE = '[5129.4] nf_conntrack: nf_conntrack: table full, dropping packet';
const CALM =
  'cpu=0 found=0 invalid=2 insert=0 insert_failed=0 drop=0 early_drop=0 search_restart=0 chaintoolong=0';

const halfOpen = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      `tcp      6 ${100 + (index % 9)} SYN_SENT src=10.0.1.${index % 200} dst=10.0.2.9 sport=${40_000 + index} dport=443 [UNREPLIED] src=10.0.2.9 dst=10.0.1.5 sport=443 dport=${40_000 + index} mark=0 use=1`,
  ).join('\n');

function stateOf(text: string, mode: string) {
  return diagnosedPaste(text).findings.find((finding) => finding.mode === mode)?.state;
}

describe('a listing of which a part was pasted', () => {
  it.each([
    ['a filter', `$ conntrack -L | grep SYN_SENT | head -60\n${halfOpen(60)}`],
    ['an option of conntrack', `# conntrack -L -p tcp --state SYN_SENT\n${halfOpen(60)}`],
    ['grep in the file', `# grep SYN_SENT /proc/net/nf_conntrack\n${halfOpen(60)}`],
    ['its own sameness', halfOpen(60)],
    ['two lines', `$ conntrack -L\n${halfOpen(2)}`],
  ])('gives no shares and no flood, told by %s', (_, listing) => {
    const text = `$ sysctl -a | grep conntrack\n${FULL}\n${listing}`;
    expect(snapshotOf(pasteOf(text).capture).entries.known).toBe(false);
    expect(stateOf(text, 'half-open-flood')).not.toBe('present');
    expect(
      diagnosedPaste(text)
        .findings.flatMap(({ because }) => because)
        .map(({ fact }) => fact)
        .join(),
    ).not.toMatch(/share/);
    expect(pasteOf(text).seen.find(({ name }) => name === 'some entries of the table')?.says).toMatch(
      /no shares/,
    );
  });

  it('is the table after all where it is nearly all that is counted', () => {
    const text = `${halfOpen(100)}\nnet.netfilter.nf_conntrack_count = 101\nnet.netfilter.nf_conntrack_max = 110`;
    expect(snapshotOf(pasteOf(text).capture).entries.known).toBe(true);
  });

  it('is a sample where a command shows the first lines of the whole table', () => {
    expect(
      snapshotOf(pasteOf(`# conntrack -L 2>/dev/null | head -60\n${halfOpen(60)}`).capture).entries.known,
    ).toBe(true);
  });
});

describe('events of the table', () => {
  const EVENTS = `# conntrack -E -o timestamp
[1716200000.688232]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.0.1.5 dst=10.0.2.9 sport=45588 dport=443 [UNREPLIED] src=10.0.7.2 dst=10.0.1.5 sport=443 dport=45588
    [NEW] udp      17 30 src=10.0.1.5 dst=10.0.0.2 sport=4000 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.1.5 sport=53 dport=4000
[1716200000.688245]\t [UPDATE] ipv4     2 tcp      6 60 SYN_RECV src=10.0.1.5 dst=10.0.2.9 sport=45588 dport=443 src=10.0.7.2 dst=10.0.1.5 sport=443 dport=45588`;

  it('are told as events, never as entries', () => {
    expect(pasteOf(EVENTS).seen).toMatchObject([
      {
        name: 'conntrack -E',
        says: expect.stringMatching(
          /3 events, not entries: 2 new, 1 updated, 0 destroyed; of 2 connections that began 1 was not answered/,
        ),
      },
    ]);
    expect(snapshotOf(pasteOf(`${FULL}\n${EVENTS}`).capture).entries.known).toBe(false);
  });
});

describe('what an excerpt does not show', () => {
  it.each([
    [
      'one line of the kernel log',
      `$ dmesg | grep conntrack | tail -1\n${LINE}\n${FULL}`,
      'netns-table-full',
    ],
    ['lines without a command', `${LINE}\n${FULL}`, 'netns-table-full'],
    [
      'some processors',
      `$ conntrack -S | head -1\n${CALM}\n$ sleep 10; conntrack -S | head -1\n${CALM}`,
      'hash-chains-long',
    ],
  ])('is not ruled out by %s', (_, text, mode) => {
    expect(stateOf(text, mode)).toBe('unknown');
    expect(diagnosedPaste(text).findings.find((one) => one.mode === mode)?.missing).toEqual([
      expect.stringMatching(/^not seen in this excerpt of /),
    ]);
    expect(diagnosedPaste(text).gaps.join('\n')).toMatch(
      /an excerpt → what it does not show is not ruled out/,
    );
  });

  it.each([
    ['the whole log', `$ dmesg\n${LINE}\n${FULL}`, 'netns-table-full'],
    ['all processors', `$ conntrack -S\n${CALM}\n$ sleep 10; conntrack -S\n${CALM}`, 'hash-chains-long'],
  ])('is ruled out by %s', (_, text, mode) => {
    expect(stateOf(text, mode)).toBe('absent');
  });
});

describe('a value that was not read', () => {
  it('is never printed as zero', () => {
    const listing = `$ conntrack -L | head -60\n${halfOpen(60)}`;
    expect(JSON.stringify(diagnosedPaste(`${FULL}\n${listing}`).findings)).not.toMatch(/CLOSE_WAIT timeout/);
  });
});
