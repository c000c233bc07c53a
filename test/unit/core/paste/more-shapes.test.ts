import { describe, expect, it } from 'vitest';
import { diagnosedHosts, diagnosedPaste } from '../../support/pastes.ts';

/** What is told of each host: its name, its verdict, and whether the numbers stand somewhere. */
function toldOf(text: string, ...words: readonly string[]) {
  return diagnosedHosts(text).map(({ host, diagnosis }) => ({
    host: host.host,
    verdict: diagnosis.verdict,
    says: words.filter((one) => JSON.stringify([diagnosis, host.seen]).includes(one)),
    raise: diagnosis.offer.raise,
  }));
}

describe('shapes of monitoring', () => {
  it.each([
    [
      'a ratio that a query gave, its labels alone',
      'node_nf_conntrack_entries / node_nf_conntrack_entries_limit\n{instance="10.0.3.7:9100", job="node"}\t0.9731',
      ['97'],
    ],
    [
      'the same asked by promtool',
      '$ promtool query instant http://prometheus:9090 \'node_nf_conntrack_entries / node_nf_conntrack_entries_limit\'\n{instance="10.0.3.7:9100"} => 0.9731 @[1716200000]',
      ['97'],
    ],
    [
      'the same as an answer of the API',
      '$ curl -s prometheus:9090/api/v1/query --data-urlencode \'query=100 * node_nf_conntrack_entries / node_nf_conntrack_entries_limit\'\n{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"10.0.3.7:9100"},"value":[1716200000.1,"97.31"]}]}}',
      ['97'],
    ],
    [
      'an alert of Alertmanager',
      '{"receiver":"pager","status":"firing","alerts":[{"labels":{"alertname":"NodeHighNumberConntrackEntriesUsed","instance":"10.0.3.7:9100"},"annotations":{"description":"97.31% of conntrack entries are used."}}]}',
      ['97'],
    ],
    [
      'an alert in words',
      'NodeHighNumberConntrackEntriesUsed firing\n97.31% of conntrack entries are used on 10.0.3.7:9100',
      ['97'],
    ],
  ])('tell a use without a count, near the limit at low confidence: %s', (_, text, words) => {
    const [diagnosis] = diagnosedHosts(text).map((one) => one.diagnosis);
    expect(toldOf(text, ...words)).toMatchObject([{ verdict: 'near-full', says: words, raise: false }]);
    expect(diagnosis?.confidence).toBe('low');
  });

  it('give each host of a query its own use', () => {
    const text =
      'node_nf_conntrack_entries / node_nf_conntrack_entries_limit\n{instance="10.0.3.7:9100"} 0.9731\n{instance="10.0.3.8:9100"} 0.0431\n';
    expect(toldOf(text)).toMatchObject([
      { host: '10.0.3.7', verdict: 'near-full' },
      { host: '10.0.3.8', verdict: 'insufficient-evidence' },
    ]);
  });

  it('take a number of something else for no use', () => {
    const text = 'rate(http_requests_total[5m])\n{instance="10.0.3.7:9100"} 0.97\n';
    expect(diagnosedHosts(text).map(({ diagnosis }) => diagnosis.verdict)).toEqual(['insufficient-evidence']);
    expect(JSON.stringify(diagnosedHosts(text))).not.toMatch(/97 %/);
  });

  it.each([
    [
      'a panel of both metrics',
      '"Time","node_nf_conntrack_entries{instance=""10.0.4.8:9100""}","node_nf_conntrack_entries_limit{instance=""10.0.4.8:9100""}","node_nf_conntrack_entries{instance=""10.0.4.9:9100""}","node_nf_conntrack_entries_limit{instance=""10.0.4.9:9100""}"\n2026-11-26 10:00:00,131072,131072,20118,131072\n2026-11-26 10:01:00,131072,131072,20342,131072',
    ],
    [
      'hosts as the names of columns',
      'nf_conntrack_count\nTime;10.0.4.8;10.0.4.9\n2026-11-26 10:00:00;131060;20118\n2026-11-26 10:01:00;131072;20342',
    ],
  ])('divide an export by the hosts of its columns: %s', (_, text) => {
    const hosts = toldOf(text, '131,072', '20,342');
    expect(new Set(hosts.map(({ host }) => host))).toEqual(new Set(['10.0.4.8', '10.0.4.9']));
    expect(hosts.find(({ host }) => host === '10.0.4.8')?.says).toContain('131,072');
    expect(hosts.find(({ host }) => host === '10.0.4.9')?.says).toContain('20,342');
  });

  it('read a mail of a monitor, and netdata by the names of its charts', () => {
    expect(
      toldOf(
        'Host: web-4\nItem values:\n1. Connections tracked (vfs.file.contents[/proc/sys/net/netfilter/nf_conntrack_count]): 260011\n2. Limit (vfs.file.contents[/proc/sys/net/netfilter/nf_conntrack_max]): 262144',
        '260,011 of 262,144',
      ),
    ).toMatchObject([{ verdict: 'near-full', says: ['260,011 of 262,144'] }]);
    expect(
      toldOf(
        '{"netfilter.conntrack_sockets":{"name":"netfilter.conntrack_sockets","dimensions":{"connections":{"name":"connections","value":130944.0}}}}',
        '130,944',
      ),
    ).toMatchObject([{ says: ['130,944'] }]);
  });
});

describe('shapes of Kubernetes', () => {
  it('take an event by the node that it is about', () => {
    const text =
      'LAST SEEN   TYPE      REASON                    OBJECT             MESSAGE\n2m          Warning   ConntrackFull             node/worker-1      Conntrack table usage over 90%: 261900 out of 262144\n5m          Warning   ConntrackExceededKernel   node/worker-2      Conntrack table is full\n';
    expect(toldOf(text, '261,900')).toMatchObject([
      { host: 'worker-2', verdict: 'table-full' },
      { host: 'worker-1', verdict: 'near-full', says: ['261,900'] },
    ]);
  });

  it('read events in JSON, each of its node', () => {
    const event = (name: string, message: string) => ({
      involvedObject: { kind: 'Node', name },
      reason: 'ConntrackFull',
      message,
    });
    const text = JSON.stringify({
      kind: 'EventList',
      items: [
        event('worker-1', 'Conntrack table usage over 90%: 261900 out of 262144'),
        event('worker-2', 'Conntrack table usage over 90%: 250001 out of 262144'),
      ],
    });
    expect(toldOf(`$ kubectl get --raw /api/v1/events\n${text}`, '261,900', '250,001')).toMatchObject([
      { host: 'worker-1', verdict: 'near-full', says: ['261,900'] },
      { host: 'worker-2', verdict: 'near-full', says: ['250,001'] },
    ]);
  });

  it('divide what was read through the API server by pod or node', () => {
    const scrape = (pod: string, count: number) =>
      `$ kubectl get --raw /api/v1/namespaces/monitoring/pods/http:${pod}:9100/proxy/metrics | grep conntrack\nnode_nf_conntrack_entries ${count}\nnode_nf_conntrack_entries_limit 131072\n`;
    expect(
      toldOf(scrape('node-exporter-4xk2p', 131_072) + scrape('node-exporter-9bb7c', 4_021)),
    ).toMatchObject([{ host: 'node-exporter-4xk2p' }, { host: 'node-exporter-9bb7c' }]);
  });
});

describe('short forms', () => {
  it.each([
    [
      'count and max in words',
      'conntrack on the pool\nworker-1: count 262140 / max 262144\nworker-2: count 31870 / max 262144',
    ],
    [
      'a table of short headings',
      '$ ./conntrack-usage.sh\nNAME       COUNT    MAX\nworker-1   262140   262144\nworker-2   31870    262144',
    ],
  ])('are read where the text is about conntrack: %s', (_, text) => {
    expect(toldOf(text, '262,140', '31,870')).toMatchObject([
      { host: 'worker-1', verdict: 'near-full', says: ['262,140'] },
      { host: 'worker-2', says: ['31,870'] },
    ]);
  });

  it.each([
    ['of pods', 'NAME       COUNT    MAX\nworker-1   110   110\nworker-2   31    110'],
    ['in words', 'worker-1: count 109 / max 110\nworker-2: count 31 / max 110'],
  ])('are no table of connections where nothing says so: %s', (_, text) => {
    for (const { diagnosis } of diagnosedHosts(text)) expect(diagnosis.verdict).toBe('insufficient-evidence');
    expect(JSON.stringify(diagnosedHosts(text))).not.toContain('nf_conntrack_count 1');
  });

  it('read a single counter that somebody wrote down', () => {
    const text = 'from conntrack -S on the gateway:\ndrop = 48211';
    expect(JSON.stringify(diagnosedHosts(text))).toContain('48,211');
    expect(diagnosedPaste(text).offer.raise).toBe(false);
  });

  it('give the output of a group of nodes to each of them', () => {
    const text =
      '---------------\nnode[1-2] (2)\n---------------\nnet.netfilter.nf_conntrack_max = 131072\n---------------\nnode3\n---------------\nnet.netfilter.nf_conntrack_max = 65536\n';
    expect(
      toldOf(text, '131,072', '65,536')
        .toSorted((a, b) => String(a.host).localeCompare(String(b.host)))
        .map(({ host, says }) => [host, says]),
    ).toEqual([
      ['node1', ['131,072']],
      ['node2', ['131,072']],
      ['node3', ['65,536']],
    ]);
  });

  it.each([
    ['known by its prompt', 'jump$ sudo conntrack -S\n', 'jump2$ sudo conntrack -S\n'],
    ['of any word', 'alpha$ sudo conntrack -S\n', 'beta$ sudo conntrack -S\n'],
  ])('keep two machines apart by the words of their prompts: %s', (_, one, other) => {
    const row = (drop: number) =>
      `cpu=0 found=1 invalid=2 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=0 search_restart=0\n`;
    expect(diagnosedHosts(`${one}${row(10)}${other}${row(9_000)}`)).toHaveLength(2);
  });
});

describe('what only looks like it', () => {
  it.each([
    [
      'pods counted beside a word on connections',
      'conntrack looks fine on all of them\nworker-1: count 109 / max 110\nworker-2: count 31 / max 110',
    ],
    [
      'a table of pods beside a word on connections',
      'conntrack looks fine\nNAME       COUNT    MAX\nworker-1   110      110\nworker-2   31       110',
    ],
    ['a share from which an alert is to fire', 'we alert at conntrack usage 95% and nothing fired'],
    ['a rule of an alert', 'description: fires when 75% of conntrack entries are used'],
    ['an alert that is over', 'resolved: 97.31% of conntrack entries were used'],
  ])('is no use of a table: %s', (_, text) => {
    for (const { diagnosis } of diagnosedHosts(text)) expect(diagnosis.verdict).toBe('insufficient-evidence');
  });

  it.each([
    ['a version', 'this began with the upgrade from cilium-1.14.2'],
    ['a release', 'same thing with amazon-k8s-cni-1.18'],
  ])('is no second host: %s', (_, sentence) => {
    const row = (drop: number) =>
      `cpu=0 found=1 invalid=2 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=0 search_restart=0\n`;
    const text = `root@node-a:~# date; conntrack -S\nThu Nov 26 10:00:00 UTC 2026\n${row(10)}${sentence}\n\nThu Nov 26 10:00:30 UTC 2026\n${row(1_900)}`;
    expect(diagnosedHosts(text)).toHaveLength(1);
  });
});

describe('a group of more nodes than are told apart', () => {
  it('stays as it was pasted, and nothing of it is left out', () => {
    const output = 'net.netfilter.nf_conntrack_count = 131072\n'.repeat(300);
    const rule = '---------------\n';
    const [only, ...others] = diagnosedHosts(`${rule}node[1-256] (256)\n${rule}${output}`);
    expect(others).toEqual([]);
    expect(JSON.stringify(only?.host.seen)).toContain('131,072');
  });
});
