import { describe, expect, it } from 'vitest';
import { drops, use } from '../../support/host-lines.ts';
import { diagnosedHosts } from '../../support/pastes.ts';

const MEMORY =
  'MemTotal: 16303428 kB\nMemAvailable: 9303428 kB\nnf_conntrack 65536 65536 320 25 2 : tunables 0 0 0\nnet.netfilter.nf_conntrack_buckets = 131072';

/** Two samples that call for a raise where they are a node's, each under the same command. */
function sampled(command: string): string {
  return `${command}\n2026-11-23T12:00:00Z\n${drops(10)}\n${use(131_000)}\n${command}\n2026-11-23T12:00:10Z\n${drops(910)}\n${use(131_072)}\n${MEMORY}`;
}

const READ = "sh -c 'date -u +%FT%TZ; conntrack -S; sysctl net.netfilter'";

const INSIDE: readonly string[] = [
  `$ kubectl exec web-7d9f8c6b5-bcdfg -- ${READ}`,
  `$ kubectl -n shop exec -it deploy/web -c app -- ${READ}`,
  `$ kubectl exec "$(kubectl get pod -l app=web -o name | head -1)" -- ${READ}`,
  `$ oc rsh web-0 ${READ}`,
  `$ docker exec web ${READ}`,
  `$ docker exec -it nodejs-app ${READ}`,
  `# crictl exec -it 3f2a9c1b7d4e ${READ}`,
  `# nerdctl exec web ${READ}`,
  `# nsenter -t 12345 -n ${READ}`,
  `# nsenter --target 10 --net ${READ}`,
  `# nsenter --net=/var/run/netns/blue ${READ}`,
  `root@pve:~# pct exec 101 -- ${READ}`,
  `$ lxc exec web -- ${READ}`,
  `# lxc-attach -n web -- ${READ}`,
  `# ip netns exec cni-1234 ${READ}`,
  `$ docker run --rm alpine ${READ}`,
  `root@web-7d9f8c6b5-bcdfg:/# ${READ}`,
  `root@3f2a9c1b7d4e:/# ${READ}`,
  `$ kubectl exec -it web-0 -- sh\n/ # ${READ}`,
];

const ON_NODE: readonly string[] = [
  `$ kubectl -n kube-system exec kube-proxy-8xk2l -- ${READ}`,
  `$ kubectl -n kube-system exec aws-node-x2k9p -c aws-node -- ${READ}`,
  `$ kubectl exec -n kube-system ds/cilium -- ${READ}`,
  `$ kubectl -n monitoring exec node-exporter-4xk2p -- ${READ}`,
  `$ kubectl -n kube-system exec $(kubectl -n kube-system get pod -l k8s-app=kube-proxy -o name | head -1) -- ${READ}`,
  `$ kubectl debug node/w1 -it --image=busybox -- chroot /host ${READ}`,
  `$ kubectl exec debug-0 -- nsenter -t 1 -n ${READ}`,
  `$ kubectl exec debug-0 -- chroot /host ${READ}`,
  `# nsenter -t 1 -m -u -n -i ${READ}`,
  `# nsenter --target=1 --net ${READ}`,
  `# nsenter --net=/host/proc/1/ns/net ${READ}`,
  `# nsenter -t 12345 -m ${READ}`,
  `$ docker run --rm --net=host alpine ${READ}`,
  `$ docker run --rm --network host alpine ${READ}`,
  `$ docker exec kind-worker2 ${READ}`,
];

describe('what was read of a table', () => {
  it.each(INSIDE)('is no node’s inside a pod’s network namespace: %s', (command) => {
    for (const { host, diagnosis } of diagnosedHosts(sampled(command))) {
      expect(diagnosis.offer.raise).toBe(false);
      expect(diagnosis.verdict).toBe('insufficient-evidence');
      expect(diagnosis.headline).toContain('the node’s table is another one');
      expect(host.seen.map(({ says }) => says).join()).toContain('nf_conntrack_count 131,072');
      expect(host.seen.map(({ says }) => says).join()).toContain('drop 10,');
      expect(host.seen.map(({ says }) => says).join()).toContain('drop 910,');
    }
  });

  it.each(ON_NODE)('is the node’s where the pod or the command is in the host’s network: %s', (command) => {
    const hosts = diagnosedHosts(sampled(command));
    expect(hosts.map(({ diagnosis }) => [diagnosis.verdict, diagnosis.offer.raise])).toEqual([
      ['table-full', true],
    ]);
  });

  it('is the node’s again once the shell in the pod is left', () => {
    const [first] = diagnosedHosts(
      `$ kubectl exec -it web-0 -- sh\n/ # sysctl net.netfilter.nf_conntrack_count\nnet.netfilter.nf_conntrack_count = 12\n/ # exit\n$ sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max\n${use(131_072)}`,
    );
    expect(first?.diagnosis.headline).toContain('131,072 of 131,072 entries');
  });

  it('leaves the kernel’s log to the node, wherever it is printed', () => {
    const [first] = diagnosedHosts(
      '$ kubectl exec web-0 -- dmesg\n[5123.1] nf_conntrack: nf_conntrack: table full, dropping packet',
    );
    expect(first?.diagnosis.verdict).toBe('table-full');
  });
});
