import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the node's kernel and memory say inside a scratch root. */
export interface ScratchNode {
  /** net.netfilter.nf_conntrack_max */
  readonly max: number;
  /** net.netfilter.nf_conntrack_buckets */
  readonly buckets: number;
  /** net.netfilter.nf_conntrack_count */
  readonly count: number;
  readonly memTotalKiB: number;
  readonly memAvailableKiB: number;
  /** Bytes of one nf_conntrack slab object; left out, the slab cache cannot be found. */
  readonly objsize?: number;
  /** Whether nf_conntrack is a loaded module; left out, it looks to the scripts as it does on this machine. */
  readonly isModule?: boolean;
}

/** How a script ended inside its namespace. */
export interface ScratchRun {
  /** 128 + signal when it was killed. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

// The script sees the real paths: each is covered by a bind mount that nobody outside the namespace can see.
const COVERS = [
  ['etc', '/etc'],
  ['run', '/run'],
  ['var-lib', '/var/lib'],
  ['proc-sys-net', '/proc/sys/net'],
  ['meminfo', '/proc/meminfo'],
  ['slabinfo', '/proc/slabinfo'],
  // Whoever writes buckets by the module's parameter must not reach the machine's own.
  ['sys-module-nf_conntrack', '/sys/module/nf_conntrack'],
] as const;

// Debian's awk and others are links through /etc/alternatives, which must stay reachable under the covered /etc.
const ENTER = [
  'set -e',
  'root=$1; shell=$2; script=$3',
  'if [ -d /etc/alternatives ]; then mkdir -p "$root/etc/alternatives"; mount -o bind /etc/alternatives "$root/etc/alternatives"; fi',
  ...COVERS.map(([from, to]) => `[ ! -e ${to} ] || mount -o rbind "$root/${from}" ${to}`),
  // Whether conntrack is a module is read from /proc/modules, which a kernel without modules does not have: there the
  // whole of /proc is covered.
  'if [ -d "$root/proc" ]; then',
  '  for path in uptime meminfo slabinfo sys/net; do mount -o rbind /proc/$path "$root/proc/$path"; done',
  '  mount -o rbind "$root/proc" /proc',
  'fi',
  'exec $shell "$script"',
].join('\n');

function unshareArguments(): string[] {
  return process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m'];
}

function finished(child: ChildProcess): Promise<ScratchRun> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143), stdout, stderr }),
    );
  });
}

let available: Promise<boolean> | undefined;

/** Whether this machine lets us open a mount namespace and cover /proc/sys/net in it; never so outside Linux. */
export function scratchNamespaceAvailable(): Promise<boolean> {
  available ??= (async () => {
    if (process.platform !== 'linux' || !existsSync('/proc/sys/net')) return false;
    const probe =
      'for path in /proc/sys/net /etc /run /var/lib; do mount -o rbind $path $path || exit 1; done';
    try {
      const run = await finished(
        spawn('unshare', [...unshareArguments(), 'sh', '-c', probe], { stdio: 'pipe' }),
      );
      return run.exitCode === 0;
    } catch {
      return false;
    }
  })();
  return available;
}

/**
 * Lays out a scratch root: the files that stand in for the node's /etc, /run, /var/lib and kernel values.
 *
 * @param root - an existing empty directory
 */
export async function prepareScratchRoot(root: string, node: ScratchNode): Promise<void> {
  for (const directory of [
    'etc/sysctl.d',
    'etc/modules-load.d',
    'etc/modprobe.d',
    'run',
    'var-lib',
    'proc-sys-net/netfilter',
    'sys-module-nf_conntrack/parameters',
  ]) {
    await mkdir(join(root, directory), { recursive: true });
  }
  const netfilter = join(root, 'proc-sys-net/netfilter');
  await writeFile(join(netfilter, 'nf_conntrack_max'), `${node.max}\n`);
  await writeFile(join(netfilter, 'nf_conntrack_buckets'), `${node.buckets}\n`);
  await writeFile(join(netfilter, 'nf_conntrack_count'), `${node.count}\n`);
  // Both names are one variable in the kernel, each time.
  await link(join(netfilter, 'nf_conntrack_max'), join(root, 'proc-sys-net/nf_conntrack_max'));
  await link(
    join(netfilter, 'nf_conntrack_buckets'),
    join(root, 'sys-module-nf_conntrack/parameters/hashsize'),
  );
  await writeFile(
    join(root, 'meminfo'),
    `MemTotal:       ${node.memTotalKiB} kB\nMemAvailable:   ${node.memAvailableKiB} kB\n`,
  );
  const row =
    node.objsize === undefined
      ? ''
      : `nf_conntrack 100 160 ${node.objsize} 16 1 : tunables 0 0 0 : slabdata 10 10 0\n`;
  if (node.isModule) {
    await mkdir(join(root, 'proc/sys/net'), { recursive: true });
    await writeFile(join(root, 'proc/modules'), 'nf_conntrack 176128 6 xt_conntrack,nf_nat, Live 0x0\n');
    for (const name of ['uptime', 'meminfo', 'slabinfo']) await writeFile(join(root, 'proc', name), '');
  }
  await writeFile(join(root, 'slabinfo'), `slabinfo - version: 2.1\n${row}`);
}

/**
 * Runs one of the node scripts, unchanged, as root of a namespace in which a scratch root covers the machine's own
 * /etc, /run, /var/lib and conntrack values. Nothing on the machine is touched, and no privilege is needed.
 *
 * @param given.shell - the shell with its arguments; `sh` unless told
 * @throws Error when the namespace cannot be opened; ask {@link scratchNamespaceAvailable} first
 */
export async function runInScratchNamespace(given: {
  readonly root: string;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly shell?: string;
}): Promise<ScratchRun> {
  // Two commands may reach a node at once: each runs from a file of its own.
  const script = join(given.root, `script-${randomUUID()}.sh`);
  await writeFile(script, given.script);
  const child = spawn(
    'unshare',
    [...unshareArguments(), 'sh', '-c', ENTER, 'sh', given.root, given.shell ?? 'sh', script],
    {
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ...given.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    return await finished(child);
  } finally {
    await rm(script, { force: true });
  }
}
