import { describe, expect, it } from 'vitest';
import { readPaste } from '../../../../src/core/paste/read-paste.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { pastedCases } from '../../support/corpus.ts';
import { diagnosedPaste, pasteOf } from '../../support/pastes.ts';

const eachLine = (wrap: (line: string, index: number) => string) => (text: string) =>
  text.split('\n').map(wrap).join('\n');

/** What mail, trackers, terminals and log viewers do to a text on its way. */
const WRAPPINGS: Readonly<Record<string, (text: string) => string>> = {
  'Windows line ends': (text) => text.replaceAll('\n', '\r\n'),
  'quote marks': eachLine((line) => `> ${line}`),
  'a fence': (text) => `\`\`\`console\n${text}\n\`\`\``,
  indentation: eachLine((line) => `    ${line}`),
  'a border': eachLine((line) => `│ ${line}`),
  'line numbers': eachLine((line, index) => `${String(index + 1).padStart(6)}\t${line}`),
  colours: eachLine((line) => `\u001b[32m${line}\u001b[0m`),
  'hard spaces': (text) => text.replaceAll('  ', '\u00a0 '),
  'entities of HTML': (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'a time before each line': eachLine((line) => `2026-11-26T11:02:01Z ${line}`),
  'the time of ts before each line': eachLine((line) => `Nov 26 11:02:01 ${line}`),
  'spaces at the ends': eachLine((line) => `${line}   `),
  'prose around it': (text) =>
    `Hello, we see timeouts on our cluster since Monday.\n\n${text}\n\nAny help is welcome!\n-- \nAna`,
  'an empty line after each': (text) => text.replaceAll('\n', '\n\n'),
};

/** What of a diagnosis has to survive every wrapping. */
const judged = (text: string) => {
  const { verdict, offer } = diagnosedPaste(text);
  const isRead = readPaste(text).hosts.some(({ seen }) => seen.length > 0);
  return { verdict, raise: offer.raise, isRead };
};

const cases = pastedCases().map(({ id, text }) => ({ id, text, plain: judged(text) }));

it.each(Object.entries(WRAPPINGS))('no verdict of a pasted case changes with %s', (_, wrap) => {
  expect(cases).not.toEqual([]);
  for (const { id, text, plain } of cases) expect.soft(judged(wrap(text)), id).toEqual(plain);
});

describe('settings in wrapping', () => {
  it.each([
    [
      'colours and Windows line ends',
      '\u001b[01;32mroot@n4\u001b[00m:~# cat /proc/sys/net/netfilter/nf_conntrack_count\r\n\u001b[33m65536\u001b[0m\r\nroot@n4:~# sysctl -n net.netfilter.nf_conntrack_max\r\n65536\r\n',
    ],
    [
      'entities of HTML',
      '&gt; net.netfilter.nf_conntrack_count = 65536\n&gt; net.netfilter.nf_conntrack_max = 65536',
    ],
    ['a border', '│net.netfilter.nf_conntrack_count = 65536\n│net.netfilter.nf_conntrack_max = 65536'],
    [
      'line numbers',
      '  1\tnet.netfilter.nf_conntrack_count = 65536\n  2\tnet.netfilter.nf_conntrack_max = 65536',
    ],
    [
      'the name of a host',
      'node1: net.netfilter.nf_conntrack_count = 65536\nnode1: net.netfilter.nf_conntrack_max = 65536',
    ],
    ['colons', 'net.netfilter.nf_conntrack_count: 65536\nnet.netfilter.nf_conntrack_max: 65536'],
  ])('are read through %s', (_, text) => {
    const { use } = snapshotOf(pasteOf(text).capture).conntrack;
    expect(use.known && [use.value.last, use.value.max]).toEqual([65_536, 65_536]);
  });
});
