import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectorFile, sectionsOf } from './support/collected.ts';
import { find, has, isRoot, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';
import { withTool } from './support/tools.ts';

/**
 * A server and its clients in one namespace: over IPv4 three connections, two that the server does not close, four that it closed
 * and one that nobody answers; over IPv6 one connection.
 */
const SERVER = `
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
const listen = (host) => new Promise((resolve) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', () => socket.end()).on('error', () => {});
    setTimeout(() => socket.resume(), 10);
  }).listen({ host, port: 80, ipv6Only: true }, () => resolve(server));
});
const open = (host, port = 80) => new Promise((resolve) => {
  const socket = connect({ host, port }, () => resolve(socket)).on('error', () => {});
});
await listen('127.0.0.1');
await listen('::1');
for (let i = 0; i < 3; i++) await open('127.0.0.1');
await open('::1');
for (let i = 0; i < 2; i++) await new Promise(async (resolve) => (await open('127.0.0.1')).end(resolve));
for (let i = 0; i < 4; i++) await new Promise(async (resolve) => {
  const socket = await open('127.0.0.1');
  socket.on('close', resolve).resume().write('x');
});
open('198.18.99.2');
setTimeout(() => writeFileSync('/run/ready', ''), 500);
setTimeout(() => process.exit(), 60000);
`;

const UIDS = ['1f2d6e1a-77aa-4b1c-9c3e-5a8d1b2c3d4e', '2f2d6e1a-77aa-4b1c-9c3e-5a8d1b2c3d4e'] as const;

/** Two namespaces of pods, and nothing else but the collector. The second has processes of two pods, so it has no name. */
const NODE = `
set -e
server=$1 node=$2
shift 2
mount -t tmpfs run /run
mount -t tmpfs log /var/log
mkdir -p /var/log/pods/shop_checkout-7d9_${UIDS[0]} /var/log/pods/shop_cart_${UIDS[1]}
in_cgroup() { echo "0::/kubepods.slice/kubepods-burstable-pod$2.slice/cri-containerd-1.scope" | tr - _ >/run/cgroup$1; mount --bind /run/cgroup$1 /proc/$1/cgroup; }
unshare -n sh -c '
ip link set lo up
ip link add v0 type veth peer name v1
ip address add 198.18.99.1/24 dev v0
ip link set v0 up; ip link set v1 up
ip neigh add 198.18.99.2 lladdr 02:00:00:00:00:01 dev v0 nud permanent
exec "$1" "$0"' "$server" "$node" &
pod=$!
until [ -e /run/ready ]; do sleep 0.1; done
in_cgroup $pod ${UIDS[0]}
unshare -n sleep 60 &
idle=$!
until [ "$(readlink /proc/$idle/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
nsenter -t $idle -n sleep 60 &
other=$!
until [ "$(readlink /proc/$idle/ns/net)" = "$(readlink /proc/$other/ns/net)" ]; do sleep 0.1; done
in_cgroup $idle ${UIDS[0]}
in_cgroup $other ${UIDS[1]}
readlink /proc/$pod/ns/net /proc/$idle/ns/net
exec "$@"
`;

/** The collector's words on the sockets of pods, which a machine that is short of time may not read all: then it is asked again. */
async function podSockets(
  shell: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  attempts = 5,
): Promise<Readonly<Record<'status' | 'first' | 'busy' | 'idle', string | undefined>> & { many: number }> {
  const server = join(await temporaryDirectory(), 'server.mjs');
  await writeFile(server, SERVER);
  const isolated = ['unshare', '-m', '-n', '-p', '--fork', '--kill-child', '--mount-proc', 'bash', '-c'];
  const given = [server, process.execPath, ...shell, await collectorFile()];
  const { stdout } = await run([...isolated, NODE, 'node', ...given], environment);
  const { status, lines } = sectionsOf(stdout).get('pod_sockets 1') ?? { lines: [] };
  const [busy = '', idle = ''] = stdout.split('\n').map((line) => line.replace(/\D/g, ''));
  const told = new Map(
    lines.flatMap((line) => {
      const [, netns, rest] = /^netns (\d+) (.*)$/.exec(line) ?? [];
      return netns === undefined || rest === undefined ? [] : [[netns, rest] as const];
    }),
  );
  const seen = { status, first: lines[0], many: lines.length, busy: told.get(busy), idle: told.get(idle) };
  const isWhole = status === 'ok' && lines.length > 1 && seen.busy?.endsWith(' none') !== true;
  return isWhole || attempts <= 1 ? seen : podSockets(shell, environment, attempts - 1);
}

const shells = SHELLS.filter(({ binary }) => has(binary));
const busybox =
  find('busybox') === undefined
    ? []
    : [{ name: 'dash with the awk of busybox', command: ['dash'], awk: 'busybox awk' }];

describe
  .runIf(isRoot && has('unshare', 'nsenter', 'ip', 'bash'))
  .each([...shells.map(({ name, command }) => ({ name, command, awk: undefined })), ...busybox])(
  'sockets of pods in collect.sh under $name',
  { concurrent: true },
  ({ command, awk }) => {
    it('are those of each namespace by state, of both families, with the pod that it belongs to', async () => {
      const environment = awk === undefined ? {} : await withTool('awk', `exec ${awk} "$@"`);
      const { busy = '', ...seen } = await podSockets(command, environment);
      expect(seen).toEqual({
        status: 'ok',
        first: 'namespaces=2 hidden=0',
        many: 3,
        idle: '0 0 0 - none',
      });
      const [established, timeWait, inUse, pod, counted, ...states] = busy.split(' ');
      // Since 6.10 the kernel counts those in CLOSE_WAIT among the established ones.
      expect(['8', '10']).toContain(established);
      expect({ timeWait, inUse, pod, counted }).toEqual({
        timeWait: '4',
        inUse: '15',
        pod: 'shop/checkout-7d9',
        counted: 'all',
      });
      expect(Object.fromEntries(states.map((state) => state.split('=')))).toEqual({
        '01': '8',
        '02': '1',
        '05': '2',
        '06': '4',
        '08': '2',
        '0A': '2',
      });
    });
  },
);
