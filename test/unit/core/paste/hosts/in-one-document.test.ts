import { describe, expect, it } from 'vitest';
import { CALM, each, FULL, LINE } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

/** Output of a tool or service that tells of a full host and of a calm one. */
const TWO: readonly (readonly [string, string, readonly [string, string]])[] = [
  [
    'results of Ansible, each on one line',
    ['node-a', 'node-b']
      .map((name, index) => {
        const stdout = index === 0 ? FULL : CALM;
        return `changed: [${name}] => ${JSON.stringify({ changed: true, cmd: 'conntrack -S; sysctl net.netfilter', rc: 0, stdout, stdout_lines: stdout.split('\n') })}`;
      })
      .join('\n'),
    ['node-a', 'node-b'],
  ],
  [
    'a table with a column of nodes',
    'time,node,nf_conntrack_count,nf_conntrack_max\n2026-11-28T02:00:00Z,node-a,131072,131072\n2026-11-28T02:00:00Z,node-b,4021,131072',
    ['node-a', 'node-b'],
  ],
  [
    'a table in Markdown',
    '| Node | nf_conntrack_count | nf_conntrack_max |\n|---|---|---|\n| node-a | 131072 | 131072 |\n| node-b | 4021 | 131072 |',
    ['node-a', 'node-b'],
  ],
  [
    'tags of telegraf',
    'conntrack,host=node-a ip_conntrack_count=131072i,ip_conntrack_max=131072i 1764383301000000000\nconntrack,host=node-b ip_conntrack_count=4021i,ip_conntrack_max=131072i 1764383301000000000',
    ['node-a', 'node-b'],
  ],
  [
    'a list in JSON over many lines',
    JSON.stringify(
      [
        { host: 'node-a', nf_conntrack_count: 131_072, nf_conntrack_max: 131_072 },
        { host: 'node-b', nf_conntrack_count: 4_021, nf_conntrack_max: 131_072 },
      ],
      null,
      2,
    ),
    ['node-a', 'node-b'],
  ],
  [
    'an object in JSON with a key a host',
    JSON.stringify(
      {
        'node-a': { nf_conntrack_count: 131_072, nf_conntrack_max: 131_072 },
        'node-b': { nf_conntrack_count: 4_021, nf_conntrack_max: 131_072 },
      },
      null,
      2,
    ),
    ['node-a', 'node-b'],
  ],
  [
    'objects in JSON, one a line',
    '{"host":"node-a","nf_conntrack_count":131072,"nf_conntrack_max":131072}\n{"host":"node-b","nf_conntrack_count":4021,"nf_conntrack_max":131072}',
    ['node-a', 'node-b'],
  ],
  [
    'objects in JSON behind names',
    'node-a {"nf_conntrack_count":131072,"nf_conntrack_max":131072}\nnode-b {"nf_conntrack_count":4021,"nf_conntrack_max":131072}',
    ['node-a', 'node-b'],
  ],
  [
    'descriptions of nodes by kubectl',
    `Name:               node-a\nRoles:              <none>\n${FULL}\nName:               node-b\nRoles:              <none>\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'lines of a log with the labels of their stream',
    `2026-11-28T02:10:00Z {host="node-a"} kernel: ${LINE}\n2026-11-28T02:10:05Z {host="node-b"} kernel: nf_conntrack: falling back to vmalloc.\n{"host":"node-b","nf_conntrack_count":4021,"nf_conntrack_max":131072}`,
    ['node-a', 'node-b'],
  ],
  [
    'what grep found in files',
    `${each(FULL, (line) => `node-a.txt:${line}`)}\n${each(CALM, (line) => `node-b.txt:${line}`)}`,
    ['node-a', 'node-b'],
  ],
  [
    'tags of parallel',
    `${each(FULL, (line) => `node-a\t${line}`)}\n${each(CALM, (line) => `node-b\t${line}`)}`,
    ['node-a', 'node-b'],
  ],
  [
    'headings of pssh',
    `[1] 02:10:01 [SUCCESS] node-a\n${FULL}\n[2] 02:10:01 [SUCCESS] node-b\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'groups of cumin',
    `===== NODE GROUP =====\n(1) cp1001.eqiad.wmnet\n----- OUTPUT of 'conntrack -S' -----\n${FULL}\n===== NODE GROUP =====\n(1) cp1002.eqiad.wmnet\n----- OUTPUT of 'conntrack -S' -----\n${CALM}`,
    ['cp1001.eqiad.wmnet', 'cp1002.eqiad.wmnet'],
  ],
  [
    'prompts that are a name and a sign',
    `node-a$ date; sudo conntrack -S\nSat Nov 28 02:10:00 UTC 2026\n${FULL}\nnode-b$ date; sudo conntrack -S\nSat Nov 28 02:10:20 UTC 2026\n${CALM}`,
    ['node-a', 'node-b'],
  ],
  [
    'docker exec without a prompt',
    `docker exec kind-worker sh -c 'conntrack -S; sysctl net.netfilter'\n${FULL}\ndocker exec kind-worker2 sh -c 'conntrack -S; sysctl net.netfilter'\n${CALM}`,
    ['kind-worker', 'kind-worker2'],
  ],
  [
    'heads of files in a folder a host',
    '==> node-a/nf_conntrack_count.txt <==\n131072\n\n==> node-a/nf_conntrack_max.txt <==\n131072\n\n==> node-b/nf_conntrack_count.txt <==\n4021\n\n==> node-b/nf_conntrack_max.txt <==\n131072',
    ['node-a', 'node-b'],
  ],
];

describe('one output of two hosts', () => {
  it.each(TWO)('gives each its own diagnosis, and offers nothing: %s', (_, text, names) => {
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ diagnosis: { node, verdict, offer } }) => [node, verdict, offer.raise])).toEqual([
      [names[0], 'table-full', false],
      [names[1], 'insufficient-evidence', false],
    ]);
    for (const { host } of hosts) expect(host.capture.clock.windowSeconds).toBeUndefined();
  });

  it('keeps the times of a table’s rows, so each node has its own window', () => {
    const text =
      'timestamp,node,nf_conntrack_count,nf_conntrack_max\n2026-11-28T02:00:00Z,node-a,131072,131072\n2026-11-28T02:00:00Z,node-b,3000,131072\n2026-11-28T02:00:30Z,node-a,131072,131072\n2026-11-28T02:00:30Z,node-b,3010,131072';
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ host }) => [host.host, host.capture.clock.windowSeconds])).toEqual([
      ['node-a', 30],
      ['node-b', 30],
    ]);
    expect(hosts[1]?.diagnosis.headline).toMatch(/3,010 of 131,072 entries are in use \(2 %\)/);
  });
});
