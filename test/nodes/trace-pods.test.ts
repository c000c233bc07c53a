import { describe, expect, it } from 'vitest';
import { has, hasNamespaces, isRoot, run } from './support/shells.ts';
import { withoutTools, withTool } from './support/tools.ts';
import { CONNECT, linesOf, podOf, processesLeft, traced, traceScript } from './support/traced.ts';

const canTrace = isRoot && has('ip', 'flock', 'setsid', 'bash') && hasNamespaces();

/** The cgroup of the pod that was started last, as the kubelet and a container runtime make it. */
const inCgroup = (path: string) => `
echo '0::${path}' >/run/cgroup$pod && mount --bind /run/cgroup$pod /proc/$pod/cgroup
`;

/** Folders of logs, as the kubelet makes them. */
const logsOf = (...folders: readonly string[]) => `
mount -t tmpfs log /var/log && mkdir /var/log/pods
${folders.map((folder) => `mkdir "/var/log/pods/$(printf '${folder}')"`).join('\n')}
`;

/** UIDs of pods that differ in one digit. */
const uidOf = (digit: number) => `${digit}f2d6e1a-77aa-4b1c-9c3e-5a8d1b2c3d4e`;

describe.runIf(canTrace)('what a trace says of pods', { concurrent: true }, () => {
  /** A trace of pods in these cgroups, the first one's number first. */
  async function namesIn(first: number, cgroups: readonly string[], folders: readonly string[]) {
    const pods = cgroups.map((cgroup, index) => ({ ...podOf(first + index), cgroup }));
    const points = pods.map(({ address }) => `,pod=${address}`).join('');
    const script = await traceScript({ points: `uplink=lo${points}` });
    const preparation = `${pods.map(({ start, cgroup }) => start + inCgroup(cgroup)).join('')}${logsOf(...folders)}`;
    const { stdout, exitCode, stderr } = await traced(script, { preparation });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const told = linesOf(stdout, 'trace').flatMap(
      (line) => /^pod\.\d=(\S+) (\S+)$/.exec(line)?.slice(1, 3) ?? [],
    );
    const nameOf = ({ address, address6 }: (typeof pods)[number]) =>
      told[told.indexOf(`${address},${address6}`) - 1];
    return pods.map(nameOf);
  }

  it('names a pod by the cgroup and the folder of logs that the kubelet has made', async () => {
    const [first, second, digest] = [uidOf(1), uidOf(2), 'ab'.repeat(16)];
    const names = await namesIn(
      30,
      [
        `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${first.replaceAll('-', '_')}.slice/cri-containerd-1.scope`,
        // A container makes what it likes inside its own cgroup.
        `/kubepods/besteffort/pod${second}/1/kubepods/pod${first}`,
        `/kubepods.slice/kubepods-pod${digest}.slice/crio-1.scope`,
      ],
      [`shop_checkout-7d9_${first}`, `shop_cart.v2_${second}`, `kube-system_proxy-a_${digest}`],
    );
    expect(names).toEqual(['shop/checkout-7d9', 'shop/cart.v2', 'kube-system/proxy-a']);
  });

  it('names none that is no pod, has no folder or two, or one that the kubelet would not make', async () => {
    const hostile = uidOf(3);
    const names = await namesIn(
      40,
      ['/system.slice/x.service', ...[1, 2, 3].map((digit) => `/kubepods/pod${uidOf(digit)}/1`)],
      [
        `shop_a_${uidOf(2)}`,
        `shop_b_${uidOf(2)}`,
        `shop_<!channel>_${hostile}`,
        `shop_a\\033[31m_${hostile}`,
        `shop b_c_${hostile}`,
        `${'n'.repeat(64)}_a_${hostile}`,
        `shop_${'a'.repeat(210)}`,
      ],
    );
    expect(names).toEqual(['-', '-', '-', '-']);
  });

  it('tells what comes from its own IPv6 addresses, and from those of a pod, from what comes to them', async () => {
    const pod = podOf(22);
    const script = await traceScript({ points: 'uplink=lo,pod=fd00:22:0::2' });
    const connecting = CONNECT.replace(
      'for port',
      `for address in ${pod.address6} ::1; do bash -c "</dev/tcp/$address/12"; done
  ip netns exec shop22 bash -c '</dev/tcp/${pod.node6}/13'; ip netns exec shop22 bash -c '</dev/tcp/${pod.node}/14'
  for port`,
    );
    const { stdout } = await traced(script, { preparation: `${pod.start}${connecting}` });
    const ways = linesOf(stdout, 'trace-flows').map((line) => line.split(' ').slice(1, 4).join(' '));
    const expected = ['in veth 12', /^out (pod|veth) 13$/, /^out (pod|veth) 14$/, 'out uplink 12'];
    expect(ways.filter((way) => / 1[234]$/.test(way)).toSorted()).toEqual(
      expected.map((way) => (typeof way === 'string' ? way : expect.stringMatching(way))),
    );
  });
});

describe.runIf(canTrace && has('tcpdump'))('a trace whose captures begin late', { concurrent: true }, () => {
  /** The tool itself, which takes a while to begin where it is called so. */
  const slowly = async (tool: string, called: string, seconds: number) => {
    const { stdout } = await run(['sh', '-c', `command -v ${tool}`]);
    return await withTool(
      tool,
      `case "$*" in ${called}) sleep ${seconds} ;; esac; exec ${stdout.trim()} "$@"`,
    );
  };
  const waitedOf = (output: string) =>
    Number(
      /^waited=([0-9]+)$/.exec(
        linesOf(output, 'trace').find((line) => line.startsWith('waited=')) ?? '',
      )?.[1],
    );

  it('counts only what begins once all captures look, and says that they began late', async () => {
    const pod = podOf(23);
    const script = await traceScript({ points: `uplink=lo,pod=${pod.address}` });
    const environment = await slowly('tcpdump', '*"-i e0 "*"-s 96 "*', 4);
    const connecting = `(while sleep 0.1 && [ -e /proc/$pod ]; do bash -c "</dev/tcp/${pod.address}/9"; done) >/dev/null 2>&1 &`;
    const { stdout } = await traced(script, { environment, preparation: `${pod.start}${connecting}` });
    expect(waitedOf(stdout)).toBeGreaterThanOrEqual(3);
    const deepest = linesOf(stdout, 'trace-flows')
      .filter((line) => / in veth 9 /.test(line))
      .map((line) => line.split(' ')[6]);
    expect(new Set(deepest)).toEqual(new Set(['pod']));
  });

  it.runIf(has('python3'))('waits for Python as well', async () => {
    const script = await traceScript();
    const { PATH: slow } = await slowly('python3', '*/run/conntrack-medic/*', 4);
    const { PATH: others } = await withoutTools('tcpdump');
    const environment = { PATH: `${slow.split(':')[0]}:${others}` };
    const { stdout } = await traced(script, { environment });
    expect(linesOf(stdout, 'trace')).toContain('rung=python');
    expect(waitedOf(stdout)).toBeGreaterThanOrEqual(3);
  });

  it('tells no packet where captures do not begin at all', async () => {
    const script = await traceScript();
    const environment = await slowly('tcpdump', '*"-s 96 "*', 40);
    const { stdout, exitCode } = await traced(script, { environment });
    expect(exitCode).toBe(0);
    expect(linesOf(stdout, 'trace')[1]).toMatch(/^rung=(kfree_skb|counters)$/);
    expect(linesOf(stdout, 'trace')).toContainEqual(expect.stringMatching(/^left_out=.*captures=not-begun$/));
    expect(stdout).toMatch(/ trace-flows - missing /);
    expect(await processesLeft(script)).toEqual([]);
  });
});
