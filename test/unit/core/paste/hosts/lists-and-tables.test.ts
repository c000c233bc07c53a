import { describe, expect, it } from 'vitest';
import { LINE, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

const ABOVE = 'conntrack per node:\n';

/** A line or a row for a full node and one for a calm one, in a text that speaks of conntrack. */
const TWO: readonly (readonly [string, string, readonly [string, string]])[] = [
  ['count and limit', `${ABOVE}worker-1: 131072/131072\nworker-2: 4021/131072`, ['worker-1', 'worker-2']],
  [
    'count and limit in words',
    `${ABOVE}worker-1: count 131072 / max 131072\nworker-2: count 4021 / max 131072`,
    ['worker-1', 'worker-2'],
  ],
  [
    'the word in each line',
    'worker-1: conntrack 131072 / 131072\nworker-2: conntrack 4021 / 131072',
    ['worker-1', 'worker-2'],
  ],
  [
    'entries and the limit in brackets',
    'worker-1: conntrack entries 131072 (max 131072)\nworker-2: conntrack entries 4021 (max 131072)',
    ['worker-1', 'worker-2'],
  ],
  [
    'settings on one line behind a blank',
    'node1 nf_conntrack_count=131072 nf_conntrack_max=131072\nnode2 nf_conntrack_count=4021 nf_conntrack_max=131072',
    ['node1', 'node2'],
  ],
  [
    'settings on one line with commas',
    'node1: net.netfilter.nf_conntrack_count = 131072, net.netfilter.nf_conntrack_max = 131072\nnode2: net.netfilter.nf_conntrack_count = 4021, net.netfilter.nf_conntrack_max = 131072',
    ['node1', 'node2'],
  ],
  [
    'a line a value',
    `${ABOVE}worker-1 count 131072\nworker-1 max 131072\nworker-2 count 4021\nworker-2 max 131072`,
    ['worker-1', 'worker-2'],
  ],
  [
    'marks of Markdown and a share',
    `${ABOVE}* **worker-1**: 131,072 of 131,072 (100%)\n* \`worker-2\`: 4,021 of 131,072 (3%) <- fine`,
    ['worker-1', 'worker-2'],
  ],
  [
    'a note behind the name',
    `${ABOVE}worker-1 (eu-west-1a): 131072/131072\nworker-2 (eu-west-1b): 4021/131072`,
    ['worker-1', 'worker-2'],
  ],
  ['an arrow', `${ABOVE}10.0.1.5 -> 131072/131072\n10.0.1.6 -> 4021/131072`, ['10.0.1.5', '10.0.1.6']],
  ['all in one line', 'conntrack: worker-1 131072/131072, worker-2 4021/131072', ['worker-1', 'worker-2']],
  ['names that are words', `${ABOVE}paris: 131072/131072\nberlin: 4021/131072`, ['paris', 'berlin']],
  [
    'items of YAML',
    'nodes:\n- name: worker-1\n  nf_conntrack_count: 131072\n  nf_conntrack_max: 131072\n- name: worker-2\n  nf_conntrack_count: 4021\n  nf_conntrack_max: 131072',
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with columns set apart by blanks',
    `${ABOVE}NODE       COUNT    MAX\nworker-1   131072   131072\nworker-2   4021     131072`,
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with one blank between',
    'node nf_conntrack_count nf_conntrack_max\nworker-1 131072 131072\nworker-2 4021 131072',
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with bold headings',
    '| **node** | **nf_conntrack_count** | **nf_conntrack_max** |\n|---|---|---|\n| `worker-1` | 131072 | 131072 |\n| `worker-2` | 4021 | 131072 |',
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with short headings and commas',
    `${ABOVE}node,count,max\nworker-1,131072,131072\nworker-2,4021,131072`,
    ['worker-1', 'worker-2'],
  ],
  [
    'a table of counters',
    'node       drop     early_drop   insert_failed\nworker-1   48213    0            3\nworker-2   0        0            0',
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with a column a node',
    '| sysctl | worker-1 | worker-2 |\n|---|---|---|\n| net.netfilter.nf_conntrack_count | 131072 | 4021 |\n| net.netfilter.nf_conntrack_max | 131,072 | 131,072 |',
    ['worker-1', 'worker-2'],
  ],
  [
    'a table with a column for the bad and one for the good node',
    '|  | bad node | good node |\n|---|---|---|\n| nf_conntrack_count | 131072 | 4021 |\n| nf_conntrack_max | 131072 | 131072 |\n| drop | 48213 | 0 |',
    ['bad node', 'good node'],
  ],
];

describe('a list or a table of nodes', () => {
  it.each(TWO)('is of each of them, and offers nothing: %s', (_, text, names) => {
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ host, diagnosis: { verdict, offer } }) => [host.host, verdict, offer.raise])).toEqual(
      [
        [names[0], 'table-full', false],
        [names[1], 'insufficient-evidence', false],
      ],
    );
  });

  it('names the only node of it', () => {
    for (const text of [
      'worker-1: conntrack 131072/131072',
      '| node | nf_conntrack_count | nf_conntrack_max |\n|---|---|---|\n| worker-1 | 131072 | 131072 |',
    ])
      expect(diagnosedHosts(text).map(({ host }) => host.host)).toEqual(['worker-1']);
  });

  it('reads count and limit whole, and not their last digits', () => {
    const [only] = diagnosedHosts('worker-1: conntrack 131071 / 131072');
    expect(only?.diagnosis.headline).toContain('99 % of 131,072');
  });

  it.each([
    ['pods', 'web-1   1/1   Running\nweb-2   1/1   Running'],
    ['networks', 'web-1: 10.0.0.1/32\nweb-2: 10.0.0.2/32'],
    ['sessions of a balancer', 'lb01: 1200/65536 sessions\nlb02: 1300/65536 sessions'],
  ])('is none where %s are listed', (_, list) => {
    const hosts = diagnosedHosts(`[12.5] ${LINE}\n${list}\n${use(131_072)}`);
    expect(hosts.map(({ host, diagnosis }) => [host.host, diagnosis.verdict])).toEqual([
      [undefined, 'table-full'],
    ]);
  });
});

describe('the kernel’s count of sockets', () => {
  it('is no count of a table, whatever else the text speaks of', () => {
    const text =
      'conntrack is what we look at\nsockets: used 2811\nTCP: inuse 1811 orphan 4 tw 91 alloc 2811 mem 190811\nUDP: inuse 12 mem 4';
    const told = diagnosedHosts(text).flatMap(({ host }) => host.seen.map(({ says }) => says));
    expect(told.join()).not.toContain('nf_conntrack_count');
  });
});
