import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  prepareScratchRoot,
  runInScratchNamespace,
  type ScratchNode,
} from '../../../local/recorded/scratch-namespace.ts';
import type { MedicDocument } from '../../../nodes/documents.ts';
import { parseRemediationResult, type RemediationResult } from '../../../src/core/remediation/result.ts';
import { NONCE, shipped } from './scripts.ts';
import { temporaryDirectory } from './temporary.ts';

export const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-medic.conf';
export const MODULES_FILE = '/etc/modules-load.d/conntrack-medic.conf';
export const MODPROBE_FILE = '/etc/modprobe.d/conntrack-medic.conf';
export const JOURNAL = '/var/lib/conntrack-medic/journal';

/** A node with 16 GiB on which connection tracking is a module and whose table is nearly empty. */
const USUAL: ScratchNode = {
  max: 262_144,
  buckets: 262_144,
  count: 1_000,
  memTotalKiB: 16 * 1024 * 1024,
  memAvailableKiB: 8 * 1024 * 1024,
  objsize: 256,
  isModule: true,
};

/** What kube-proxy and a distribution leave a node with. */
const USUAL_SETTINGS = {
  'net.netfilter.nf_conntrack_tcp_timeout_established': 86_400,
  'net.netfilter.nf_conntrack_tcp_timeout_close_wait': 3_600,
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 120,
  'net.ipv4.neigh.default.gc_thresh1': 128,
  'net.ipv4.neigh.default.gc_thresh2': 512,
  'net.ipv4.neigh.default.gc_thresh3': 1_024,
  'net.ipv6.neigh.default.gc_thresh1': 128,
  'net.ipv6.neigh.default.gc_thresh2': 512,
  'net.ipv6.neigh.default.gc_thresh3': 1_024,
  // In the initial network namespace only.
  'net.core.netdev_max_backlog': 1_000,
} as const;

export interface ScratchResult {
  readonly exitCode: number;
  readonly stderr: string;
  /** Undefined when the script said nothing that could be read. */
  readonly result: RemediationResult | undefined;
  readonly stdout: string;
}

/** One made-up node: a scratch root in which the shipped scripts run for real. */
export interface ScratchHost {
  readonly root: string;
  /** Where a path of the node is outside. */
  path(inside: string): string;
  put(inside: string, text: string, mode?: number): Promise<void>;
  text(inside: string): Promise<string>;
  value(key: 'max' | 'buckets' | 'count'): Promise<number>;
  setValue(key: 'max' | 'buckets' | 'count', value: number): Promise<void>;
  /** By full sysctl name. */
  setting(key: string): Promise<number>;
  setSetting(key: string, value: number): Promise<void>;
  /** Every file under /etc with its mode and bytes. */
  configuration(): Promise<Record<string, string>>;
  run(
    document: MedicDocument['name'],
    parameters: Readonly<Record<string, string>>,
    shell?: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<ScratchResult>;
}

export async function scratchHost(given: Partial<ScratchNode> = {}): Promise<ScratchHost> {
  const root = await temporaryDirectory();
  await prepareScratchRoot(root, { ...USUAL, ...given });
  const path = (inside: string) =>
    join(root, inside.replace(/^\/var\/lib/, '/var-lib').replace(/^\/proc\/sys\/net/, '/proc-sys-net'));
  const key = (name: string) => path(`/proc/sys/net/netfilter/nf_conntrack_${name}`);
  const setting = (name: string) => path(`/proc/sys/${name.replaceAll('.', '/')}`);
  for (const [name, value] of Object.entries(USUAL_SETTINGS)) {
    await mkdir(dirname(setting(name)), { recursive: true });
    await writeFile(setting(name), `${value}\n`);
  }
  return {
    root,
    path,
    put: async (inside, text, mode = 0o644) => {
      await mkdir(dirname(path(inside)), { recursive: true });
      await writeFile(path(inside), text, 'latin1');
      await chmod(path(inside), mode);
    },
    text: (inside) => readFile(path(inside), 'utf8'),
    value: async (name) => Number(await readFile(key(name), 'utf8')),
    setValue: (name, value) => writeFile(key(name), `${value}\n`),
    setting: async (name) => Number(await readFile(setting(name), 'utf8')),
    setSetting: (name, value) => writeFile(setting(name), `${value}\n`),
    configuration: () => treeOf(join(root, 'etc')),
    run: async (document, parameters, shell = 'dash', environment = {}) => {
      const script = shipped(document, parameters);
      const finished = await runInScratchNamespace({ root, script, shell, environment });
      const result = parseRemediationResult(finished.stdout, NONCE);
      return { ...finished, result: result.kind === 'result' ? result : undefined };
    },
  };
}

async function treeOf(directory: string, below = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(join(directory, below))).sort()) {
    const path = join(below, name);
    const stat = await lstat(join(directory, path));
    const mode = (stat.mode & 0o777).toString(8);
    // The link farm of the test machine, reachable below the covered /etc.
    if (path === 'alternatives') continue;
    if (stat.isDirectory()) {
      tree[`${path}/`] = mode;
      Object.assign(tree, await treeOf(directory, path));
    } else {
      const bytes = await readFile(join(directory, path));
      tree[path] = `${mode} ${stat.uid}:${stat.gid} ${bytes.toString('base64')}`;
    }
  }
  return tree;
}
