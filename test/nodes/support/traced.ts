import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shipped } from './scripts.ts';
import { type Finished, run } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

/** A trace as the agent would start it, in a file of its own. */
export interface TraceScript {
  readonly path: string;
  readonly nonce: string;
}

/** Puts a trace with a nonce of its own, by which its processes and its tracing are found, into a file. */
export async function traceScript(
  parameters: Readonly<Partial<Record<'seconds' | 'port' | 'points', string>>> = {},
): Promise<TraceScript> {
  const nonce = randomBytes(8).toString('hex');
  const path = join(await temporaryDirectory(), `trace-${nonce}.sh`);
  const given = { nonce, seconds: '5', port: 'any', points: 'uplink=lo', ...parameters };
  await writeFile(path, shipped('medic-trace', given));
  return { path, nonce };
}

/**
 * What the script runs in: network, mounts and /run of its own, in which connections to a closed port of the loopback are
 * opened. A key that only the initial namespace has is shown there, too.
 */
const ENTER = `
mount -t tmpfs run /run
mount -t tmpfs core /proc/sys/net/core
: >/proc/sys/net/core/netdev_max_backlog
ip link set lo up
`;

/** Command line in a network namespace and a /run of their own. */
export function traceCommand(
  script: string,
  shell: readonly string[] = ['dash'],
  preparation = ':',
): readonly string[] {
  return ['unshare', '-m', '-n', 'sh', '-c', `${ENTER}${preparation}\nexec "$@"`, 'enter', ...shell, script];
}

/** Runs a trace to its end. */
export async function traced(
  script: TraceScript,
  given: {
    readonly shell?: readonly string[];
    readonly preparation?: string;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Finished> {
  return await run(traceCommand(script.path, given.shell, given.preparation), given.environment);
}

/** Processes whose command line names the nonce: the trace itself, its keeper, and what it holds open. */
export function processesOf({ nonce }: TraceScript): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes(nonce) ? [`${pid} ${line.slice(0, 200)}`] : [];
    } catch {
      return [];
    }
  });
}

/** What {@link processesOf} names once those that were killed have had time to go. */
export async function processesLeft(script: TraceScript): Promise<string[]> {
  for (let tries = 0; tries < 40 && processesOf(script).length > 0; tries++) await sleep(250);
  return processesOf(script);
}

/** Instances of the kernel's tracing that were made for it, whether tracing is mounted here or not. */
export async function instancesOf({ nonce }: TraceScript): Promise<string[]> {
  const list = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; ls /sys/kernel/tracing/instances';
  const { stdout } = await run(['unshare', '-m', 'sh', '-c', list]);
  return stdout.split('\n').filter((name) => name.includes(nonce));
}

/** Waits, beside the trace, until a condition of the shell holds; a trace that ends before takes the waiting with it. */
export const waitFor = (condition: string): string =>
  `until { ${condition}; } >/dev/null 2>&1; do [ -d /proc/$$ ] || exit; sleep 0.1; done`;

/** Connects to closed ports of the loopback once the trace counts connections. */
export const CONNECT = `(
  ${waitFor('ls /run/conntrack-medic/trace-*/pcap.0 || ls /run/conntrack-medic/trace-*/python.said')}
  sleep 3
  for port in 9 10 11; do sleep 0.2; bash -c "</dev/tcp/127.0.0.1/$port"; done
) >/dev/null 2>&1 &`;

/**
 * A pod of its own with an address of each family; its one process ends by itself. A trace finds a pod by its address among all
 * of the machine, so each has others.
 */
export const podOf = (number: number) => ({
  address: `198.18.${number}.2`,
  address6: `fd00:${number}::2`,
  node: `198.18.${number}.1`,
  node6: `fd00:${number}::1`,
  start: `
mount -t sysfs sysfs /sys 2>/dev/null
ip link add v${number} type veth peer name e0 netns $(ip netns add shop${number} && echo shop${number})
ip address add 198.18.${number}.1/24 dev v${number} && ip link set v${number} up
ip address add fd00:${number}::1/64 dev v${number} nodad
ip netns exec shop${number} sh -c 'ip link set lo up; ip address add 198.18.${number}.2/24 dev e0 && ip link set e0 up; ip address add fd00:${number}::2/64 dev e0 nodad; exec sleep 25' >/dev/null 2>&1 &
pod=$!
for look in 1 2 3 4 5 6 7 8 9 10; do ip netns exec shop${number} ip address show e0 | grep -q fd00:${number}::2 && grep -qx sleep /proc/$pod/comm && break; sleep 0.5; done
`,
});

/** Lines of one section. */
export function linesOf(output: string, name: string): string[] {
  const lines = output.split('\n');
  const from = lines.findIndex((line) => new RegExp(`^=== medic/1 [a-z0-9]{16} ${name} - `).test(line));
  const rest = from === -1 ? [] : lines.slice(from + 1);
  const to = rest.findIndex((line) => line.startsWith('=== '));
  return rest.slice(0, to);
}
