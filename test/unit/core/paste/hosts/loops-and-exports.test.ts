import { describe, expect, it } from 'vitest';
import { diagnosedHosts } from '../../../support/pastes.ts';

/** What was printed in a form of its own, with what it tells of each host: count and limit. */
const READ: readonly (readonly [string, string, readonly (readonly [string | undefined, string])[]])[] = [
  [
    'values of salt under its minions',
    "$ salt '*' sysctl.get net.netfilter.nf_conntrack_max\nw1:\n    131072\nw2:\n    262144",
    [
      ['w1', 'nf_conntrack_max 131,072'],
      ['w2', 'nf_conntrack_max 262,144'],
    ],
  ],
  [
    'values of salt without a prompt before its command',
    "salt '*' sysctl.get net.netfilter.nf_conntrack_count\nw1:\n    131071\nw2:\n    4021",
    [
      ['w1', 'nf_conntrack_count 131,071'],
      ['w2', 'nf_conntrack_count 4,021'],
    ],
  ],
  [
    'a name that printf put before the first value',
    '$ for ip in 10.0.1.5 10.0.1.6; do printf "%s " $ip; ssh $ip sysctl -n net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; done\n10.0.1.5 131070\n131072\n10.0.1.6 4021\n131072',
    [
      ['10.0.1.5', 'nf_conntrack_count 131,070, nf_conntrack_max 131,072 (99 % used)'],
      ['10.0.1.6', 'nf_conntrack_count 4,021, nf_conntrack_max 131,072 (3 % used)'],
    ],
  ],
  [
    'a name that echo put before a row of counters',
    '$ for h in web db; do echo -n "$h "; ssh $h \'conntrack -S | head -1\'; done\nweb cpu=0 found=1 drop=5\ndb cpu=0 found=1 drop=7',
    [
      ['web', 'drop 5'],
      ['db', 'drop 7'],
    ],
  ],
  [
    'annotated CSV of InfluxDB',
    '#group,false,false,true,false,false,true,true,true\n#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string\n#default,_result,,,,,,,\n,result,table,_start,_time,_value,_field,_measurement,host\n,,0,2026-11-30T10:00:00Z,2026-11-30T10:59:50Z,131070,ip_conntrack_count,conntrack,w1\n,,1,2026-11-30T10:00:00Z,2026-11-30T10:59:50Z,131072,ip_conntrack_max,conntrack,w1\n,,2,2026-11-30T10:00:00Z,2026-11-30T10:59:50Z,4021,ip_conntrack_count,conntrack,w2\n,,3,2026-11-30T10:00:00Z,2026-11-30T10:59:50Z,131072,ip_conntrack_max,conntrack,w2',
    [
      ['w1', 'nf_conntrack_count 131,070, nf_conntrack_max 131,072 (99 % used)'],
      ['w2', 'nf_conntrack_count 4,021, nf_conntrack_max 131,072 (3 % used)'],
    ],
  ],
  [
    'CSV of InfluxDB with a column of tags',
    'name,tags,time,ip_conntrack_count,ip_conntrack_max\nconntrack,"cpu=all,host=w1",1716200000000000000,131070,131072\nconntrack,"cpu=all,host=w2",1716200000000000000,4021,131072',
    [
      ['w1', 'nf_conntrack_count 131,070, nf_conntrack_max 131,072 (99 % used)'],
      ['w2', 'nf_conntrack_count 4,021, nf_conntrack_max 131,072 (3 % used)'],
    ],
  ],
  [
    'settings side by side',
    'net.netfilter.nf_conntrack_count = 131070  net.netfilter.nf_conntrack_max = 131072',
    [[undefined, 'nf_conntrack_count 131,070, nf_conntrack_max 131,072 (99 % used)']],
  ],
  [
    'settings side by side with commas',
    'nf_conntrack_count=131070, nf_conntrack_max=131072, nf_conntrack_buckets=32768',
    [
      [
        undefined,
        'nf_conntrack_count 131,070, nf_conntrack_max 131,072, nf_conntrack_buckets 32,768 (99 % used)',
      ],
    ],
  ],
  [
    'count and limit of a script’s log line',
    '2026-11-30T10:00:00Z conntrack check: count=131070 max=131072 pct=99',
    [[undefined, 'nf_conntrack_count 131,070, nf_conntrack_max 131,072 (99 % used)']],
  ],
  [
    'a small count of a small limit',
    'conntrack table on the router: 98/128 entries',
    [[undefined, 'nf_conntrack_count 98, nf_conntrack_max 128 (76 % used)']],
  ],
  [
    'a count of a limit that no kernel has',
    'conntrack: 61/64',
    [[undefined, 'nf_conntrack_count 61, nf_conntrack_max 64 (95 % used)']],
  ],
];

describe('what loops and exports print of several hosts, or side by side', () => {
  it.each(READ)('is told of each: %s', (_, text, wanted) => {
    const hosts = diagnosedHosts(text);
    expect(
      hosts.map(({ host }) => [
        host.host,
        host.seen.map(({ says }) => says?.replace(/, insert_failed.*/, '')).join(),
      ]),
    ).toEqual(wanted);
    expect(hosts.some(({ diagnosis }) => diagnosis.offer.raise)).toBe(false);
  });

  it('is not taken from a count of other things', () => {
    for (const text of ['conntrack tests: 61/64 passed', 'conntrack exporter 2/3 pods ready'])
      expect(diagnosedHosts(text)[0]?.host.seen).toEqual([]);
  });
});
