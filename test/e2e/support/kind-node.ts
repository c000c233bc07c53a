import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { prepareScratchRoot, runInScratchNamespace } from '../../../local/recorded/scratch-namespace.ts';
import type { DocumentName, LocalNode, NodeRun } from '../../../local/ssm/local-node.ts';
import { type BuiltNode, nodeOutput } from '../../unit/support/node-output.ts';

/** Running values by full sysctl name. */
export type Settings = Readonly<Record<string, number>>;

/** What makes a node sick. */
export interface Illness {
  readonly settings: Settings;
  /** What the collector would see of a node with these values; `entries` tells how many UDP entries are still stale. */
  readonly evidence: (settings: Settings, entries: number) => BuiltNode;
  /** Commands that make the table's entries; the scripts run in a network namespace that has them. */
  readonly entries?: readonly string[];
}

/** Mark of the built evidence, which each collection replaces by its own. */
const BUILT_NONCE = /^=== medic\/1 [a-z0-9]{16}/gm;

/**
 * A node whose evidence is built from its running values, and on which every script that changes something really runs:
 * on a scratch copy of its files and values, and where it has entries, in a network namespace with a real table.
 */
export class KindNode implements LocalNode {
  readonly instanceId: string;
  readonly tags: Readonly<Record<string, string>> = { role: 'worker', 'eks:cluster-name': 'shop' };
  readonly platform = { name: 'Debian GNU/Linux', version: '12', agentVersion: '3.3.3572.0' };
  readonly documents: DocumentName[] = [];
  private readonly root: string;
  private readonly illness: Illness;
  private entries: readonly string[];

  private constructor(instanceId: string, root: string, illness: Illness) {
    this.instanceId = instanceId;
    this.root = root;
    this.illness = illness;
    this.entries = illness.entries ?? [];
  }

  static async open(instanceId: string, root: string, illness: Illness): Promise<KindNode> {
    await mkdir(root, { recursive: true });
    const buckets = illness.settings['net.netfilter.nf_conntrack_buckets'] ?? 131_072;
    await prepareScratchRoot(root, {
      max: 131_072,
      buckets,
      count: 1_000,
      memTotalKiB: 16_384_000,
      memAvailableKiB: 12_000_000,
      objsize: 256,
      isModule: true,
    });
    const node = new KindNode(instanceId, root, illness);
    for (const [key, value] of Object.entries({
      'net.core.netdev_max_backlog': 1_000,
      ...illness.settings,
    })) {
      await mkdir(dirname(node.file(key)), { recursive: true });
      await writeFile(node.file(key), `${value}\n`);
    }
    return node;
  }

  ping(): 'Online' {
    return 'Online';
  }

  /** What runs on the node now. */
  async settings(): Promise<Settings> {
    const keys = Object.keys(this.illness.settings);
    return Object.fromEntries(
      await Promise.all(
        keys.map(async (key) => [key, Number(await readFile(this.file(key), 'utf8'))] as const),
      ),
    );
  }

  /** Whether the node's own file of settings names the key. */
  async keeps(key: string): Promise<boolean> {
    const file = join(this.root, 'etc/sysctl.d/99-zz-conntrack-medic.conf');
    return (await readFile(file, 'utf8').catch(() => '')).includes(key);
  }

  async run(
    document: DocumentName,
    parameters: Readonly<Record<string, string>>,
    script: string,
  ): Promise<NodeRun> {
    this.documents.push(document);
    if (document === 'medic-collect') {
      const output = nodeOutput(this.illness.evidence(await this.settings(), this.entries.length));
      const stdout = output.replaceAll(BUILT_NONCE, `=== medic/1 ${parameters['nonce'] ?? ''}`);
      return { exitCode: 0, stdout, stderr: '' };
    }
    const given = { root: this.root, script, environment: {} };
    if (this.entries.length === 0) return await runInScratchNamespace(given);
    const table = join(this.root, 'table.sh');
    const left = join(this.root, 'left');
    const lines = [
      ...this.entries.map((entry) => `${entry} >/dev/null 2>&1 || exit 99`),
      'sh "$1"',
      'code=$?',
      `conntrack -L -p udp -o save >'${left}' 2>/dev/null`,
      'exit $code',
    ];
    await writeFile(table, lines.join('\n'));
    const ran = await runInScratchNamespace({ ...given, shell: `unshare -n sh ${table}` });
    const remaining = (await readFile(left, 'utf8')).split('\n').filter((line) => line !== '').length;
    this.entries = this.entries.slice(0, remaining);
    return ran;
  }

  private file(key: string): string {
    return join(this.root, 'proc-sys-net', key.replace(/^net\./, '').replaceAll('.', '/'));
  }
}
