import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { diagnosedHosts, diagnosedPaste, pasteOf } from '../../support/pastes.ts';

function use(text: string) {
  const { use: fact } = snapshotOf(pasteOf(text).capture).conntrack;
  return fact.known ? [fact.value.last, fact.value.max] : undefined;
}

const SCRAPE = (entries: number, drop: number, time: string) =>
  `# TYPE node_nf_conntrack_entries gauge\nnode_nf_conntrack_entries{instance="10.0.3.7:9100"} ${entries} ${time}\nnode_load1{instance="10.0.3.7:9100"} 2.5 ${time}\nnode_nf_conntrack_entries_limit{instance="10.0.3.7:9100"} 131072 ${time}\nnode_nf_conntrack_stat_insert_failed{instance="10.0.3.7:9100"} 0 ${time}\nnode_nf_conntrack_stat_drop{instance="10.0.3.7:9100"} ${drop} ${time}`;

describe('the use of a table as monitoring prints it', () => {
  it.each([
    [
      'wc -l behind cat',
      '# cat /proc/net/nf_conntrack | wc -l\n131070\n# cat /proc/sys/net/netfilter/nf_conntrack_max\n131072',
    ],
    [
      'wc -l with the file',
      '$ wc -l /proc/net/nf_conntrack\n131070 /proc/net/nf_conntrack\n$ sysctl net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 131072',
    ],
    [
      'the old file',
      '[    8.1] ip_conntrack version 2.4 (8192 buckets, 131072 max)\n# wc -l /proc/net/ip_conntrack\n131070 /proc/net/ip_conntrack',
    ],
    [
      'grep -c',
      '# grep -c . /proc/net/nf_conntrack; cat /proc/sys/net/netfilter/nf_conntrack_max\n131070\n131072',
    ],
    [
      'an awk table of states',
      "$ cat /proc/net/nf_conntrack | awk '{count[$6]++} END {for(s in count) print s, count[s]}'\nTIME_WAIT 111070\nESTABLISHED 20000\n# sysctl net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 131072",
    ],
    [
      'promtool',
      'node_nf_conntrack_entries{instance="a:9100"} => 131070 @[1716200000]\nnode_nf_conntrack_entries_limit{instance="a:9100"} => 131072 @[1716200000]',
    ],
    [
      'telegraf',
      'conntrack,host=w3 ip_conntrack_count=0i,nf_conntrack_count=131070i,nf_conntrack_max=131072i 1716200000000000000',
    ],
    ['a check of Nagios', 'CONNTRACK CRITICAL - 99% used | conntrack=131070;104857;117964;0;131072'],
    ['a check in words', 'WARNING: conntrack table 131070 of 131072 entries'],
    [
      'Zabbix',
      "$ zabbix_get -s n3 -k 'vfs.file.contents[/proc/sys/net/netfilter/nf_conntrack_count]'\n131070\n$ zabbix_get -s n3 -k 'vfs.file.contents[/proc/sys/net/netfilter/nf_conntrack_max]'\n131072",
    ],
    [
      'Datadog',
      '{"series":[{"metric":"system.net.conntrack.count","pointlist":[[1716200000000.0,131070.0]],"scope":"host:a"},{"metric":"system.net.conntrack.max","pointlist":[[1716200000000.0,131072.0]],"scope":"host:a"}]}',
    ],
    [
      'Bottlerocket and a count',
      '{\n  "settings": {\n    "kernel": {\n      "sysctl": {\n        "net.netfilter.nf_conntrack_max": "131072"\n      }\n    }\n  }\n}\n$ conntrack -C\n131070',
    ],
    ['a table', 'node      conntrack_count  conntrack_max\nworker-1  131070           131072'],
    [
      'a range of PromQL',
      '{"data":{"result":[{"metric":{"__name__":"node_nf_conntrack_entries"},"values":[[1716200000,"120000"],[1716200030,"131070"]]},{"metric":{"__name__":"node_nf_conntrack_entries_limit"},"values":[[1716200000,"131072"],[1716200030,"131072"]]}]}}',
    ],
    [
      'Grafana',
      '"Time","node_nf_conntrack_entries{instance=""a""}","node_nf_conntrack_entries_limit{instance=""a""}"\n2026-11-21 10:00:00,120000,131072\n2026-11-21 10:01:00,131070,131072',
    ],
  ])('is read from %s, and offers nothing', (_, text) => {
    expect(use(text)).toEqual([131_070, 131_072]);
    expect(diagnosedPaste(text)).toMatchObject({ verdict: 'near-full', offer: { raise: false } });
  });

  it.each(['1716200000000', '1716200000'])('is two samples where scrapes tell their time, as %s', (first) => {
    const second = String(Number(first) + (first.length === 13 ? 30_000 : 30));
    const text = `${SCRAPE(131_070, 4_211, first)}\n${SCRAPE(131_071, 9_844, second)}\n# EOF`;
    expect(diagnosedPaste(text)).toMatchObject({
      verdict: 'table-full',
      headline: expect.stringMatching(/131,071 of 131,072 entries, 5,633 packets .* in 30 s/),
    });
  });

  it('is that of each node where a document is of several, and of none where a table is', () => {
    const two =
      '{"data":{"result":[{"metric":{"__name__":"node_nf_conntrack_entries","instance":"a:9100"},"value":[1,"131070"]},{"metric":{"__name__":"node_nf_conntrack_entries","instance":"b:9100"},"value":[1,"900"]},{"metric":{"__name__":"node_nf_conntrack_entries_limit","instance":"b:9100"},"value":[1,"131072"]}]}}';
    const table =
      'node      conntrack_count  conntrack_max\nworker-1  131070           131072\nworker-2  900              131072';
    const judged = (text: string) =>
      diagnosedHosts(text).map(({ host, diagnosis }) => [host.host, diagnosis.verdict, diagnosis.headline]);
    expect(judged(two)).toEqual([
      [
        'a',
        'insufficient-evidence',
        expect.stringMatching(/missing nf_conntrack_max beside 131,070 entries in use/),
      ],
      ['b', 'insufficient-evidence', expect.stringMatching(/900 of 131,072 entries are in use/)],
    ]);
    expect(judged(table)).toEqual([
      ['worker-1', 'near-full', expect.stringMatching(/99 % of 131,072 entries/)],
      ['worker-2', 'insufficient-evidence', expect.stringMatching(/900 of 131,072 entries/)],
    ]);
  });

  it.each([
    '1 conntrack.go:119] "Set sysctl" entry="net/netfilter/nf_conntrack_max" value=131072',
    'I1121 10:00:01.1 1 conntrack.go:52] Setting nf_conntrack_max to 131072',
  ])('is not what kube-proxy once set, which is told: %s', (line) => {
    expect(diagnosedPaste(line).headline).toMatch(/kube-proxy set nf_conntrack_max to 131,072 when/);
    expect(use(`${line}\n$ conntrack -C\n131070`)).toBeUndefined();
  });
});

describe('numbers of something else', () => {
  it.each([
    [
      'a table that does not name conntrack',
      'Time,count,max\n2026-11-21 10:00:00,99,100\n2026-11-21 10:01:00,100,100',
    ],
    ['a few of a few', 'WARNING: conntrack module is loaded on 12 of 12 nodes'],
    [
      'a settings file in JSON that names another limit',
      '{"nf_conntrack_expect_max": 5, "max": 9, "count": 9}',
    ],
  ])('are no use of the table: %s', (_, text) => {
    expect(use(text)).toBeUndefined();
    expect(diagnosedPaste(text).verdict).toBe('insufficient-evidence');
  });
});

describe('losses as others print them', () => {
  it('are read from CloudWatch’s values of an allowance', () => {
    const text =
      '{\n  "Label": "ethtool_conntrack_allowance_exceeded",\n  "Datapoints": [\n    { "Timestamp": "2026-11-21T10:11:00+00:00", "Sum": 4211.0, "Unit": "None" }\n  ]\n}';
    expect(diagnosedPaste(text).verdict).toBe('ena-conntrack-allowance');
  });

  it('are read from the message of kernels before 2.6.9', () => {
    expect(diagnosedPaste('kernel: ip_conntrack: maximum limit of 65536 entries exceeded').verdict).toBe(
      'table-full',
    );
  });

  it.each(['9'.repeat(400), '-5', 'NaN', '1e300'])('are not read from a value of %s', (value) => {
    const text = `node_nf_conntrack_entries ${value}\nnode_nf_conntrack_entries_limit 131072`;
    expect(use(text)).toBeUndefined();
  });
});

describe('a table whose metric nothing names', () => {
  it.each([
    '"Time","entries","limit"\n2026-11-30 10:00:00,131070,131072\n2026-11-30 10:00:15,131072,131072',
    'Time;w1;w2\n2026-11-30T10:00:00Z;131070;4021',
    'Series;Time;Value\nw1;2026-11-30T10:00:00+00:00;131070',
    'name,tags,time,mean\nconntrack,host=w1,1716200000000000000,131070',
  ])('is told with what is missing: %j', (text) => {
    const { diagnosis } = diagnosedHosts(text)[0] ?? {};
    expect(diagnosis?.verdict).toBe('insufficient-evidence');
    expect(diagnosis?.headline).toContain('131,07'.replace(',', ''));
    expect(diagnosis?.headline).toContain('its panel’s title above it');
  });
});
