import { describe, expect, it } from 'vitest';
import { readPaste } from '../../../../../src/core/paste/read-paste.ts';
import { CALM, drops, FULL, LINE, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

/** What stands above the full host's output and above the calm one's, and what they are called then. */
const TWO: readonly (readonly [string, string, readonly [string, string]])[] = [
  ['hi all, lb01 shows this:', 'and lb02 for comparison:', ['lb01', 'lb02']],
  ['hi all, lb01 shows this', 'and lb02 for comparison', ['lb01', 'lb02']],
  [
    'hi all,\n\nwe have trouble since 9:00. lb01 shows this:\n',
    '... and lb02 for comparison:\n',
    ['lb01', 'lb02'],
  ],
  ['lb01 is dropping packets.\nHere is what I see:', 'lb02 is fine.\nThe same from there:', ['lb01', 'lb02']],
  ['on the bad node (ip-10-0-1-5):', 'on the good node (ip-10-0-1-6):', ['ip-10-0-1-5', 'ip-10-0-1-6']],
  ['on the bad node (ip-10-0-1-5)', 'on a good one (ip-10-0-1-6)', ['ip-10-0-1-5', 'ip-10-0-1-6']],
  ['Bad node, n7.example.com:', 'Good node, n8.example.com:', ['n7.example.com', 'n8.example.com']],
  ['## Bad node: prod-web-1', '## Good node: prod-web-2', ['prod-web-1', 'prod-web-2']],
  ['**Affected node (`prod-web-1`):**', '**Unaffected node (`prod-web-2`):**', ['prod-web-1', 'prod-web-2']],
  ['**prod-web-1** (affected)', '**prod-web-2** (unaffected)', ['prod-web-1', 'prod-web-2']],
  ['node A:', 'node B:', ['node a', 'node b']],
  ['worker-1 (broken):', 'worker-3 (healthy):', ['worker-1', 'worker-3']],
  ['this is from prod-web-1', 'this is from prod-web-2', ['prod-web-1', 'prod-web-2']],
  [
    'This is from prod-web-1, which drops packets:',
    'This one is from prod-web-2, which is fine:',
    ['prod-web-1', 'prod-web-2'],
  ],
  ['- prod-web-1:', '- prod-web-2:', ['prod-web-1', 'prod-web-2']],
  ['• prod-web-1 – dropping', '• prod-web-2 – ok', ['prod-web-1', 'prod-web-2']],
  ['1) on prod-web-1', '2) on prod-web-2', ['prod-web-1', 'prod-web-2']],
  ['Here `prod-web-1` is full:', 'while `prod-web-2` has room:', ['prod-web-1', 'prod-web-2']],
  ['lb01’s numbers:', 'lb02’s numbers:', ['lb01', 'lb02']],
  ['alice  10:02 AM\non lb01:', 'bob  10:05 AM\nlb02 looks fine', ['lb01', 'lb02']],
  ['The node with IP 10.0.1.5 reports', 'The node with IP 10.0.1.6 reports', ['10.0.1.5', '10.0.1.6']],
  ['on frankfurt:', 'on dublin:', ['frankfurt', 'dublin']],
  ['frankfurt:', 'dublin:', ['frankfurt', 'dublin']],
  ['on the master:', 'on the worker:', ['master', 'worker']],
  ['The affected one:', 'The other one:', ['affected one', 'other one']],
  [
    '[2026-11-23 12:00:00] Running step 2 on host worker-1',
    '[2026-11-23 12:00:05] Running step 2 on host worker-2',
    ['worker-1', 'worker-2'],
  ],
  ['h3. web-1\n{code}', '{code}\nh3. web-2\n{code}', ['web-1', 'web-2']],
  ['BAD', 'GOOD', ['BAD', 'GOOD']],
  ['Sick:', 'Healthy:', ['Sick', 'Healthy']],
  ['A:', 'B:', ['A', 'B']],
  ['eu-west-1a:', 'eu-west-1b:', ['eu-west-1a', 'eu-west-1b']],
  ['on the server:', 'on the client:', ['server', 'client']],
  ['prod cluster:', 'staging cluster:', ['prod cluster', 'staging cluster']],
  ['The frontend box says', 'while the database box says', ['frontend box', 'database box']],
];

/** Two samples ten seconds apart under two lines. */
const pair = (first: string, second: string) =>
  `${first}\n2026-11-23T12:00:00Z\n${drops(10)}\n${second}\n2026-11-23T12:00:10Z\n${drops(910)}`;

describe('sentences above the outputs of two hosts', () => {
  it.each(TWO)('give each its own diagnosis: “%s”, “%s”', (first, second, names) => {
    const hosts = diagnosedHosts(`${first}\n${FULL}\n${second}\n${CALM}`);
    expect(hosts.map(({ host, diagnosis: { verdict, offer } }) => [host.host, verdict, offer.raise])).toEqual(
      [
        [names[0], 'table-full', false],
        [names[1], 'insufficient-evidence', false],
      ],
    );
  });

  it('make no pair of samples with a told distance', () => {
    for (const [first, second, names] of TWO) {
      const hosts = diagnosedHosts(pair(first, second));
      expect(new Set(hosts.map(({ host }) => host.host))).toEqual(new Set(names));
      for (const { host, diagnosis } of hosts) {
        expect(host.capture.clock.windowSeconds).toBeUndefined();
        expect(diagnosis.offer.raise).toBe(false);
      }
    }
  });

  it('find a third machine below two headings', () => {
    const text = `lb01:\n${FULL}\nlb02:\n${CALM}\nand on lb03 it looks the same:\n${CALM}`;
    expect(diagnosedHosts(text).map(({ host }) => host.host)).toEqual(['lb01', 'lb02', 'lb03']);
  });

  it.each([
    ['a first one that nothing names', `we see this\n${FULL}\nand lb02 for comparison:\n${CALM}`],
    [
      'no name where the text says that there are two',
      `We compared two nodes.\n\nFirst:\n${FULL}\n\nSecond:\n${CALM}`,
    ],
    ['names below the outputs', `${FULL}\n^ that is lb01\n${CALM}\n^ that is lb02`],
    [
      'an output that is called only what it is beside another',
      `lb01 shows\n${CALM}\nlb02 shows\n${CALM}\nand back on the first one\n${FULL}`,
    ],
  ])('leave open whose an output is, and offer nothing: %s', (_, text) => {
    expect(readPaste(text).unassigned).toBeDefined();
    for (const { diagnosis } of diagnosedHosts(text)) {
      expect(diagnosis.offer).toMatchObject({ raise: false, remediations: [] });
      expect(diagnosis.gaps.join('\n')).toMatch(/several hosts.*paste each host by itself/);
    }
  });
});

describe('sentences above the outputs of one host', () => {
  it.each([
    ['kube-proxy says this:', 'node-exporter says that:'],
    ['kube-proxy says', 'node-exporter shows'],
    ['from kube-proxy', 'from aws-node'],
    ['dmesg says:', 'sysctl says:'],
    ['prometheus shows:', 'conntrack shows:'],
    ['nginx logs:', 'haproxy logs:'],
    ['kubectl output:', 'conntrack output:'],
    ['nginx:', 'haproxy:'],
    ['**Prometheus:**', '**Shell:**'],
    ['=== kube-proxy ===', '=== kube-dns ==='],
    ['### ingress-nginx', '### kube-state-metrics'],
    ['node-level numbers:', 'pod-level numbers:'],
    ['the web-app says:', 'the api-server says:'],
    ['in us-east-1a:', 'on m5.xlarge:'],
    ['5-minute average:', '10-minute average:'],
    ['p99 is 3 s (see OPS-1234):', 'p99 is 1 s (see OPS-1235):'],
    ['morning:', 'evening:'],
    ['traffic comes from lb01', 'requests from lb02 fail'],
    ['lb01 sends SYNs to this node', 'same with lb02 pointed at this node'],
    ['most flows go to 10.96.0.10', 'or to 10.96.0.11'],
    ['we moved db01 away', 'then drained app02'],
    ['while pod web-7d9f8c6b5-bcdfg restarts', 'while pod web-7d9f8c6b5-vwxyz restarts'],
    ['namespace team-a', 'namespace team-b'],
    ['with load:', 'without load:'],
    ['high traffic:', 'low traffic:'],
    ['old kernel:', 'new kernel:'],
    ['kernel 5.15:', 'kernel 6.1:'],
    ['the same node:', 'the same node a moment later:'],
  ])('divide nothing: “%s”, “%s”', (first, second) => {
    const hosts = diagnosedHosts(pair(first, second));
    expect(hosts.map(({ host }) => [host.host, host.capture.clock.windowSeconds])).toEqual([[undefined, 10]]);
  });

  it('divide no log line and count that different programs tell', () => {
    const text = `kube-proxy says\n[123.4] ${LINE}\nnode-exporter says\n${use(131_072)}`;
    expect(diagnosedHosts(text).map(({ host }) => host.host)).toEqual([undefined]);
  });
});
