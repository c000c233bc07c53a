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
