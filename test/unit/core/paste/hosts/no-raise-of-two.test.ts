import { describe, expect, it } from 'vitest';
import { drops, use } from '../../../support/host-lines.ts';
import { diagnosedHosts } from '../../../support/pastes.ts';

const MEMORY =
  'MemTotal: 16303428 kB\nMemAvailable: 9303428 kB\nnf_conntrack 65536 65536 320 25 2 : tunables 0 0 0\nnet.netfilter.nf_conntrack_buckets = 131072';

/** Two samples ten seconds apart which, of one host, call for a raise. */
const FIRST = `2026-11-23T12:00:00Z\n${drops(10)}\n${use(131_000)}`;
const SECOND = `2026-11-23T12:00:10Z\n${drops(910)}\n${use(131_072)}\n${MEMORY}`;

const READ = 'date -u +%FT%TZ; conntrack -S; sysctl net.netfilter';

/** What stands before the first sample and before the second, where they are of two hosts or may be. */
const TWO: readonly (readonly [string, string])[] = [
  ['w1 and w2 are both affected, this is one of them:', 'on w2:'],
  ['this is what I see', 'on w2:'],
  [`root@w1:~# ${READ}`, 'and on w2:'],
  [`root@w1:~# ${READ}`, 'the other node:'],
  [`root@w1:~# ${READ}`, 'my colleague sees on his node'],
  ['both nodes:', ''],
  ['user12 commented on Nov 23', 'user34 commented on Nov 23\nsame here:'],
  ['sara  12:00 PM', 'jon  12:01 PM'],
  [`$ for h in w1 w2; do ssh $h '${READ}'; done`, ''],
  [`$ pdsh -N -w w1,w2 '${READ}'`, ''],
  [`$ clush -N -w w[1-2] '${READ}'`, ''],
  [`$ parallel-ssh -i -H "w1 w2" '${READ}'`, ''],
  [`$ ansible all -m shell -a '${READ}' -o`, ''],
  [`$ salt -G 'role:lb' cmd.run '${READ}'`, ''],
  ['$ kubectl logs -l app=probe', ''],
  ['$ kubectl logs ds/probe --all-pods', ''],
  ['$ cat w1.txt w2.txt', ''],
  ['w1.txt', 'w2.txt'],
  [
    `$ kubectl --context prod exec ds/probe -- sh -c '${READ}'`,
    `$ kubectl --context staging exec ds/probe -- sh -c '${READ}'`,
  ],
  ['$ ip netns exec blue conntrack -S', '$ ip netns exec green conntrack -S'],
  [`$ vagrant ssh w1 -c '${READ}'`, `$ vagrant ssh w2 -c '${READ}'`],
  ['Output on i-0a1b2c3d4e5f60718', 'Output on i-0a1b2c3d4e5f60799'],
];

describe('two samples that are of two hosts, or may be', () => {
  it.each(TWO)('make no pair and call for no raise: “%s”, “%s”', (first, second) => {
    for (const { host, diagnosis } of diagnosedHosts(`${first}\n${FIRST}\n${second}\n${SECOND}`)) {
      expect(host.capture.clock.windowSeconds).toBeUndefined();
      expect(diagnosis.offer).toMatchObject({ raise: false, remediations: [] });
    }
  });

  it('make none where their hosts are named below them', () => {
    const text = `${FIRST}\n(from w1)\n\n${SECOND}\n(from w2)`;
    for (const { diagnosis } of diagnosedHosts(text)) expect(diagnosis.offer.raise).toBe(false);
  });
});

/** What stands before the samples of one host, whatever else it names. */
const ONE: readonly (readonly [string, string])[] = [
  ['', ''],
  ['Traffic comes from lb01 and lb02 to this node.', 'lb01 keeps sending.'],
  ['clients 10.0.1.5 and 10.0.1.6 time out', 'still timing out from 10.0.1.5'],
  ['pod web-7d9f8c6b5-bcdfg restarted', 'web-7d9f8c6b5-vwxyz was evicted meanwhile'],
  ['on w1:', 'w1 again:'],
  ['on w1:', 'on w1.example.com:'],
  ['on w1 (10.0.1.5):', 'w1 (10.0.1.5), second sample:'],
  ['on ip-10-0-1-5:', '10.0.1.5 ten seconds later'],
  ['We have two nodes, w1 and w2, only w1 is affected, this is w1:', ''],
  ['It happens on two nodes; here is one of them:', ''],
  ['The other node is fine. This one:', ''],
  ['First sample:', 'Second sample:'],
  [`root@w1:~# ${READ}`, `root@w1:~# ${READ}`],
  ['Server be/web-1 is DOWN\nServer be/web-2 is DOWN', 'Server be/web-1 is UP'],
  ['double-check the numbers please\nlong-lived flows stay around', ''],
  ['10.0.1.5 - - [23/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 504 0', ''],
  ['NAME READY STATUS NODE\nweb-1 1/1 Running w1\nweb-2 1/1 Running w2', ''],
  ['10.0.1.5 w1\n10.0.1.6 w2', ''],
];

describe('two samples of one host', () => {
  it.each(ONE)('stay a pair and call for a raise: “%s”, “%s”', (first, second) => {
    const hosts = diagnosedHosts(`${first}\n${FIRST}\n${second}\n${SECOND}`);
    expect(
      hosts.map(({ host, diagnosis }) => [host.capture.clock.windowSeconds, diagnosis.offer.raise]),
    ).toEqual([[10, true]]);
  });
});
