import { describe, expect, it } from 'vitest';
import { LINE } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

const A = 'ip-10-0-1-5.ec2.internal';
const B = 'ip-10-0-1-6.ec2.internal';
const NEIGHBOURS = 'neighbour: arp_cache: neighbor table overflow!';
const FIRST = `[123.4] ${LINE}`;
const SECOND = `[99.1] ${NEIGHBOURS}`;

/** An event of CloudWatch Logs. */
const event = (logStreamName: string, message: string) => ({
  logStreamName,
  timestamp: 1_764_383_301_000,
  message,
  ingestionTime: 1_764_383_301_900,
  eventId: '38290001',
});

const over = (value: unknown) => JSON.stringify(value, null, 4);

/** What two streams or machines logged: a full table of the first, too many neighbours of the second. */
const TWO: readonly (readonly [string, string, readonly [string, string]])[] = [
  [
    'aws logs filter-log-events',
    over({ events: [event(A, FIRST), event(B, SECOND)], searchedLogStreams: [] }),
    [A, B],
  ],
  ['the same on one line', JSON.stringify({ events: [event(A, FIRST), event(B, SECOND)] }), [A, B]],
  [
    'streams that are files of an instance',
    over({
      events: [
        event('i-0a1b2c3d4e5f60718/var/log/messages', FIRST),
        event('i-0a1b2c3d4e5f60799/var/log/messages', SECOND),
      ],
    }),
    ['i-0a1b2c3d4e5f60718', 'i-0a1b2c3d4e5f60799'],
  ],
  [
    'streams of Container Insights',
    over({ events: [event(`${A}-dataplane.systemd.kernel`, FIRST), event(`${B}-host.messages.x`, SECOND)] }),
    [A, B],
  ],
  [
    'streams of containers',
    over({
      events: [
        event('npd-8xk2l_kube-system_npd-0123456789abcdef', FIRST),
        event('npd-zz9qd_kube-system_npd-fedcba9876543210', SECOND),
      ],
    }),
    ['npd-8xk2l', 'npd-zz9qd'],
  ],
  [
    'one stream whose records name their hosts',
    over({
      events: [
        event('fluentbit-kube.host.1', JSON.stringify({ log: FIRST, hostname: A })),
        event('fluentbit-kube.host.1', JSON.stringify({ log: SECOND, hostname: B })),
      ],
    }),
    [A, B],
  ],
  [
    'one stream of syslog',
    over({
      events: [
        event('syslog', `Nov 29 02:28:21 node-a kernel: ${LINE}`),
        event('syslog', `Nov 29 02:28:22 node-b kernel: ${NEIGHBOURS}`),
      ],
    }),
    ['node-a', 'node-b'],
  ],
  [
    'several lines in one event',
    over({ events: [event(A, `${FIRST}\n${FIRST}`), event(B, `x\n${SECOND}`)] }),
    [A, B],
  ],
  [
    'results of Logs Insights',
    over({
      results: [
        [
          { field: '@message', value: FIRST },
          { field: '@logStream', value: A },
        ],
        [
          { field: '@message', value: SECOND },
          { field: '@logStream', value: B },
        ],
      ],
      status: 'Complete',
    }),
    [A, B],
  ],
  [
    'an export of Logs Insights',
    `@timestamp,@logStream,@message\n2026-11-29 02:28:21.000,${A},"${FIRST}"\n2026-11-29 02:28:22.000,${B},"${SECOND}"`,
    [A, B],
  ],
  [
    'an export whose messages hold the separator',
    `@timestamp,@message,@logStream\n2026-11-29 02:28:21.000,${FIRST},${A}\n2026-11-29 02:28:22.000,${SECOND},${B}`,
    [A, B],
  ],
  [
    'a table of Logs Insights',
    `| @timestamp | @logStream | @message |\n|---|---|---|\n| 2026-11-29 02:28:21.000 | ${A} | ${FIRST} |\n| 2026-11-29 02:28:22.000 | ${B} | ${SECOND} |`,
    [A, B],
  ],
  [
    'the AWS CLI’s text',
    `EVENTS\t38290001\t1764383301900\t${A}\t${FIRST}\t1764383301000\nEVENTS\t38290002\t1764383301901\t${B}\t${SECOND}\t1764383301001`,
    [A, B],
  ],
  [
    'aws logs tail',
    `2026-11-29T02:28:21.000000+00:00 ${A} ${FIRST}\n2026-11-29T02:28:22.000000+00:00 ${B} ${SECOND}`,
    [A, B],
  ],
  [
    'aws logs get-log-events, a command a stream',
    [A, B]
      .map(
        (name, index) =>
          `$ aws logs get-log-events --log-group-name /eks/nodes --log-stream-name ${name}\n${over({ events: [{ timestamp: 1_764_383_301_000, message: index === 0 ? FIRST : SECOND }] })}`,
      )
      .join('\n'),
    [A, B],
  ],
  [
    'Loki’s API',
    JSON.stringify({
      data: {
        resultType: 'streams',
        result: [
          { stream: { node: A }, values: [['1764383301000000000', FIRST]] },
          { stream: { node: B }, values: [['1764383301000000000', SECOND]] },
        ],
      },
    }),
    [A, B],
  ],
  [
    'Elasticsearch',
    over({
      hits: {
        hits: [
          { _source: { host: { name: A }, message: FIRST } },
          { _source: { host: { name: B }, message: SECOND } },
        ],
      },
    }),
    [A, B],
  ],
  [
    'Google Cloud',
    over([
      { jsonPayload: { MESSAGE: FIRST }, resource: { type: 'k8s_node', labels: { node_name: 'gke-a-1' } } },
      { jsonPayload: { MESSAGE: SECOND }, resource: { type: 'k8s_node', labels: { node_name: 'gke-b-2' } } },
    ]),
    ['gke-a-1', 'gke-b-2'],
  ],
  [
    'the journal in JSON',
    `{"_HOSTNAME":"node-a","MESSAGE":"${LINE}"}\n{"_HOSTNAME":"node-b","MESSAGE":"${NEIGHBOURS}"}`,
    ['node-a', 'node-b'],
  ],
  [
    'stern in JSON',
    `{"message":"${FIRST}","nodeName":"${A}","podName":"npd-8xk2l"}\n{"message":"${SECOND}","nodeName":"${B}","podName":"npd-zz9qd"}`,
    [A, B],
  ],
  ['stern', `npd-8xk2l npd ${FIRST}\nnpd-zz9qd npd ${SECOND}`, ['npd-8xk2l', 'npd-zz9qd']],
  [
    'stern in all namespaces',
    `kube-system npd-8xk2l npd ${FIRST}\nkube-system npd-zz9qd npd ${SECOND}`,
    ['npd-8xk2l', 'npd-zz9qd'],
  ],
  ['stern with numbered pods', `probe-0 probe ${FIRST}\nprobe-1 probe ${SECOND}`, ['probe-0', 'probe-1']],
  [
    'kubectl logs --prefix',
    `[pod/npd-8xk2l/npd] ${FIRST}\n[pod/npd-zz9qd/npd] ${SECOND}`,
    ['npd-8xk2l', 'npd-zz9qd'],
  ],
  ['kubetail', `[npd-8xk2l npd] ${FIRST}\n[npd-zz9qd npd] ${SECOND}`, ['npd-8xk2l', 'npd-zz9qd']],
  [
    'kail',
    `kube-system/npd-8xk2l[npd]: ${FIRST}\nkube-system/npd-zz9qd[npd]: ${SECOND}`,
    ['npd-8xk2l', 'npd-zz9qd'],
  ],
  [
    'docker service logs',
    `npd.1.abcdefghij0123456789abcde@node-a    | ${FIRST}\nnpd.2.abcdefghij0123456789abcdf@node-b    | ${SECOND}`,
    ['node-a', 'node-b'],
  ],
  [
    'syslog with addresses',
    `Nov 29 02:28:21 10.0.1.5 kernel: ${LINE}\nNov 29 02:28:22 10.0.1.6 kernel: ${NEIGHBOURS}`,
    ['10.0.1.5', '10.0.1.6'],
  ],
  [
    'what grep found below folders of hosts',
    `/var/log/remote/node-a/kern.log:Nov 29 02:28:21 kernel: ${LINE}\n/var/log/remote/node-b/kern.log:Nov 29 02:28:22 kernel: ${NEIGHBOURS}`,
    ['node-a', 'node-b'],
  ],
  [
    'a console’s export',
    `Date,Host,Service,Message\n2026-11-29T02:28:21.000Z,node-a,kernel,"${LINE}"\n2026-11-29T02:28:21.000Z,node-b,kernel,"${NEIGHBOURS}"`,
    ['node-a', 'node-b'],
  ],
  ['pairs before the line', `host=node-a ${FIRST}\nhost=node-b ${SECOND}`, ['node-a', 'node-b']],
];

describe('a log of two hosts', () => {
  it.each(TWO)('tells of each what it logged: %s', (_, text, names) => {
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ host, diagnosis: { verdict, offer } }) => [host.host, verdict, offer.raise])).toEqual(
      [
        [names[0], 'table-full', false],
        [names[1], 'neighbour-overflow', false],
      ],
    );
  });

  it('is of one where it names one, by that name', () => {
    const hosts = diagnosedHosts(over({ events: [event(A, FIRST), event(A, SECOND)] }));
    expect(hosts.map(({ host }) => host.host)).toEqual([A]);
  });

  it('tells a line of the text for each event', () => {
    const text = over({ events: [event(A, FIRST), event(B, SECOND)] });
    const places = diagnosedHosts(text).map(({ host }) => host.seen.flatMap(({ lines }) => lines));
    const at = (message: string) => text.split('\n').findIndex((line) => line.includes(message)) + 1;
    expect(places).toEqual([[{ from: at(FIRST), to: at(FIRST) }], [{ from: at(SECOND), to: at(SECOND) }]]);
  });

  it('loses no node of a document on one long line', () => {
    const nodes = Array.from({ length: 60 }, (_, index) => `10.0.3.${index + 1}`);
    const value = (name: string, node: string, amount: number) => ({
      metric: { __name__: `node_nf_conntrack_${name}`, instance: `${node}:9100`, job: 'node' },
      value: [1_764_383_301, `${amount}`],
    });
    const result = nodes.flatMap((node, index) => [
      value('entries', node, index === 59 ? 131_072 : 4_021),
      value('entries_limit', node, 131_072),
    ]);
    const hosts = diagnosedHosts(
      JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
    );
    expect(hosts).toHaveLength(60);
    expect(hosts[0]).toMatchObject({ host: { host: '10.0.3.60' }, diagnosis: { verdict: 'table-full' } });
  });
});
