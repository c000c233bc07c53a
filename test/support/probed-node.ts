import type { DocumentName, LocalNode, NodeRun } from '../../local/ssm/local-node.ts';

/** What the probe prints of a node, as far as a test decides it; everything else is usual. */
export interface Probed {
  readonly count?: number | string;
  readonly max?: number | string;
  readonly drop?: number;
  readonly drift?: string;
  /** Seconds by which the node's clock is ahead. */
  readonly ahead?: number;
}

/** The output of the probe with this nonce. */
export function probeOutput(nonce: string, probed: Probed = {}): string {
  const { count = 40_000, max = 131_072, drop = 0, drift = 'none', ahead = 0 } = probed;
  return [
    `medic-probe/1 ${nonce}`,
    `clock=${Math.round(Date.now() / 1_000) + ahead}`,
    `count=${count}`,
    `max=${max}`,
    'buckets=131072',
    `drop=${drop}`,
    'insert_failed=0',
    'early_drop=0',
    'chaintoolong=0',
    'neighbours=62',
    'neighbour_limit=1024',
    'cores=4',
    'boot=6f1c2d3e-0000-4000-8000-000000000001',
    'kernel=6.1.141-155.222.amzn2023.x86_64',
    'boot_max=131072',
    'incident=?missing',
    `drift=${drift}`,
    'kube_proxy_per_core=32768',
    'kube_proxy_min=131072',
    'kube_proxy_started=4211',
    'kube_proxy_version=v1.31.2',
    'ena_exceeded=?missing',
    'ena_available=?missing',
    `end ${nonce}`,
    '',
  ].join('\n');
}

/** A node that answers probes as a test decides and counts them. */
export class ProbedNode implements LocalNode {
  readonly instanceId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly platform = { name: 'Amazon Linux', version: '2023', agentVersion: '3.3.3572.0' };
  readonly commands: DocumentName[] = [];
  isOnline = true;
  probed: Probed;
  /** What it does in place of answering as it should. */
  misbehave: ((nonce: string) => NodeRun | Promise<NodeRun>) | undefined;

  constructor(
    index: number,
    probed: Probed = {},
    tags: Readonly<Record<string, string>> = { role: 'worker' },
  ) {
    this.instanceId = `i-0${String(index).padStart(16, '0')}`;
    this.probed = probed;
    this.tags = tags;
  }

  ping(): 'Online' | 'ConnectionLost' {
    return this.isOnline ? 'Online' : 'ConnectionLost';
  }

  async run(document: DocumentName, { nonce = '' }: Readonly<Record<string, string>>): Promise<NodeRun> {
    this.commands.push(document);
    if (this.misbehave !== undefined) return this.misbehave(nonce);
    return { exitCode: 0, stdout: probeOutput(nonce, this.probed), stderr: '' };
  }
}
