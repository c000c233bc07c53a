import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../../local/kernel/command.ts';
import { readTrace, type Trace } from '../../../src/core/trace/output.ts';
import { shipped } from '../../nodes/support/scripts.ts';
import { has } from '../../nodes/support/shells.ts';
import { temporaryDirectory } from '../../nodes/support/temporary.ts';

/** What one client saw: when each connection began, and how long it took to open; -1 where it did not. Milliseconds. */
export type Opened = readonly (readonly [begun: number, took: number])[];

/** Client, node and pod, each a network namespace, from the outside in. */
export interface TraceLab {
  readonly client: string;
  readonly node: string;
  readonly pod: string;
  readonly addresses: ReturnType<typeof addressesOf>;
  /** Runs a shell command in one of the namespaces. */
  in(namespace: string, script: string): Promise<string>;
  /** Loads rules of nftables into one of them; what they add is taken away by {@link TraceLab.clear}. */
  rules(namespace: string, text: string): Promise<void>;
  clear(): Promise<void>;
  /** Starts what listens in the pod, in place of the one before. */
  serve(backlog?: number, delay?: number): Promise<ChildProcess>;
  connect(rate: number, seconds: number, localAddress?: string): Promise<Opened>;
  /**
   * The same until it is told to end, on a CPU of its own that the server is kept off: on one they leave each other cold caches, which
   * doubles what a connection takes, and the scheduler would choose anew between the two whenever a trace begins.
   */
  connectUntil(rate: number): Promise<{ end(): Promise<Opened> }>;
  trace(given?: {
    readonly seconds?: number;
    readonly environment?: NodeJS.ProcessEnv;
    readonly during?: () => Promise<void>;
  }): Promise<{ readonly trace: Trace; readonly epoch: number; readonly text: string }>;
  /** Opens packet sockets at the points that a trace looks at, and lets them see nothing for so long. */
  listen(milliseconds: number): Promise<void>;
  end(): Promise<void>;
}

/** A client is another machine elsewhere, which waits for no process of the node: it runs before all of them. */
const FIRST = has('chrt') ? ['chrt', '--fifo', '1'] : [];
/** One that opens more connections a second than this would leave the others no CPU. */
const CALM_RATE = 500;

/** The CPUs that this process may use. */
const usableCpus = (): readonly number[] =>
  (/(?<=^Cpus_allowed_list:\s*)\S+/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '')
    .split(',')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });

/** After which a client ends by itself. */
const LONGEST_SECONDS = 1800;

/** What the pod is called. */
export const POD_NAME = 'shop/checkout-7d9f8b6c5d-x2x7q';
const POD_UID = '0f2d6e1a-77aa-4b1c-9c3e-5a8d1b2c3d4e';

/**
 * A key that only the initial network namespace has, a /run of its own, and tracing mounted as a node has it. What the kubelet makes of a
 * pod: the cgroup of its process, which is the argument, and a folder of logs.
 */
const ENTER = `set -e
mount -t tmpfs core /proc/sys/net/core
: >/proc/sys/net/core/netdev_max_backlog
mount -t tmpfs run /run
mount -t tracefs tracefs /sys/kernel/tracing || :
echo '0::/kubepods.slice/kubepods-pod${POD_UID.replaceAll('-', '_')}.slice/cri-containerd-1.scope' >/run/cgroup
mount --bind /run/cgroup "/proc/$1/cgroup"
mount -t tmpfs log /var/log
mkdir -p "/var/log/pods/${POD_NAME.replace('/', '_')}_${POD_UID}"
exec sh "$0"`;

const natTo = (pod: string) => `table ip lab_nat {
  chain in { type nat hook prerouting priority dstnat; tcp dport 30080 dnat to ${pod}:8080; }
  chain out { type nat hook postrouting priority srcnat; oifname "veth0" masquerade; }
}`;

/** Addresses of client, node and pod; a trace finds a pod by its own among all of the machine, so each lab has others. */
const addressesOf = (number: number) => ({
  client: `198.18.${2 * number}.2`,
  uplink: `198.18.${2 * number}.1`,
  inner: `198.18.${2 * number + 1}.1`,
  pod: `198.18.${2 * number + 1}.2`,
});

/**
 * Builds the lab; whoever opens it ends it.
 *
 * @param number tells its addresses from those of the labs beside it
 */
export async function openTraceLab(id: string, number = 0): Promise<TraceLab> {
  const addresses = addressesOf(number);
  const [client, node, pod] = ['c', 'n', 'p'].map((part) => `medic-t${part}-${id}`) as [
    string,
    string,
    string,
  ];
  const run = (namespace: string, script: string) =>
    command('ip', ['netns', 'exec', namespace, 'sh', '-c', script]);
  for (const namespace of [client, node, pod]) {
    await command('ip', ['netns', 'add', namespace]);
    await run(namespace, 'ip link set lo up');
  }
  for (const [link, inner, gateway, address] of [
    ['up0', client, addresses.uplink, addresses.client],
    ['veth0', pod, addresses.inner, addresses.pod],
  ] as const) {
    await run(
      node,
      `ip link add ${link} type veth peer name eth0 netns ${inner} && ip address add ${gateway}/24 dev ${link} && ip link set ${link} up`,
    );
    await run(
      inner,
      `ip address add ${address}/24 dev eth0 && ip link set eth0 up && ip route add default via ${gateway}`,
    );
  }
  await run(node, 'sysctl -qw net.ipv4.ip_forward=1');
  await run(client, 'sysctl -qw net.ipv4.ip_local_port_range="1024 65535"');
  await run(pod, 'sysctl -qw net.core.somaxconn=4096');
  const children: ChildProcess[] = [];
  let server: ChildProcess | undefined;
  const start = (
    namespace: string,
    file: string,
    args: readonly string[],
    before: readonly string[] = [],
  ) => {
    const child = spawn(
      'ip',
      ['netns', 'exec', namespace, ...before, process.execPath, join(import.meta.dirname, file), ...args],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.push(child);
    return child;
  };
  const connecting = (rate: number, seconds: number, localAddress: string) => {
    const args = [addresses.uplink, '30080', String(rate), String(seconds), localAddress];
    const child = start(client, 'client.mjs', args, rate > CALM_RATE ? [] : FIRST);
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { child, opened: once(child, 'close').then(() => JSON.parse(text) as Opened) };
  };
  const lab: TraceLab = {
    client,
    node,
    pod,
    addresses,
    in: run,
    rules: async (namespace, text) => {
      await command('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], text);
    },
    clear: async () => {
      for (const namespace of [client, node, pod]) await run(namespace, 'nft flush ruleset');
      await lab.rules(node, natTo(addresses.pod));
    },
    serve: async (backlog = 4096, delay = 0) => {
      if (server !== undefined) {
        const gone = once(server, 'close');
        server.kill('SIGKILL');
        await gone;
      }
      // What "ip netns exec" starts takes its place, so this is the listener itself.
      server = start(pod, 'server.mjs', [String(backlog), String(delay)]);
      await once(server.stdout ?? server, 'data');
      return server;
    },
    connect: async (rate, seconds, localAddress = '') => await connecting(rate, seconds, localAddress).opened,
    connectUntil: async (rate) => {
      const { child, opened } = connecting(rate, LONGEST_SECONDS, '');
      const [own, ...others] = usableCpus();
      if (own !== undefined && others.length > 0 && has('taskset')) {
        await command('taskset', ['-apc', String(own), String(child.pid)]);
        await command('taskset', ['-apc', others.join(','), String(server?.pid)]);
      }
      return {
        end: async () => {
          child.stdin?.end();
          return await opened;
        },
      };
    },
    trace: async ({ seconds = 8, environment = process.env, during } = {}) => {
      const script = join(await temporaryDirectory(), 'trace.sh');
      // What a trace sets up is called by it, and several may run side by side.
      const nonce = randomBytes(8).toString('hex');
      const parameters = {
        nonce,
        seconds: String(seconds),
        port: '30080',
        points: `uplink=up0,pod=${addresses.pod}`,
      };
      await writeFile(script, shipped('medic-trace', parameters));
      const child = spawn('ip', ['netns', 'exec', node, 'sh', '-c', ENTER, script, String(server?.pid)], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
      await Promise.all([once(child, 'close'), during?.()]);
      const trace = readTrace(text, nonce);
      if (trace?.kind !== 'traced') throw new Error(`no trace: ${text.slice(0, 600)}`);
      return { trace, epoch: Number(/^epoch=(\d+)$/m.exec(text)?.[1]), text };
    },
    listen: async (milliseconds) => {
      const sockets = (
        [
          [node, 'up0'],
          [node, 'veth0'],
          [pod, 'eth0'],
        ] as const
      ).map(([namespace, link]) => {
        // No packet is as short as that.
        const args = ['netns', 'exec', namespace, 'tcpdump', '-i', link, '-w', '/dev/null', 'less 1'];
        const child = spawn('ip', args, { stdio: 'ignore' });
        return { child, gone: once(child, 'close') };
      });
      await sleep(milliseconds);
      for (const { child, gone } of sockets) {
        child.kill();
        await gone;
      }
    },
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
      for (const namespace of [client, node, pod]) await command('ip', ['netns', 'del', namespace]);
    },
  };
  await lab.clear();
  return lab;
}

/** What the client itself says of the connections that the trace counts. */
export function truthOf(opened: Opened, epoch: number, seconds: number) {
  const counted = opened.filter(([begun]) => begun >= epoch * 1000 && begun < (epoch + seconds) * 1000);
  return {
    connections: counted.length,
    delayed: counted.filter(([, took]) => took < 0 || took >= 900).length,
  };
}
