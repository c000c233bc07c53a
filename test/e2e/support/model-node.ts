import { readFileSync } from 'node:fs';
import { replayCapture } from '../../../local/recorded/replay-capture.ts';
import { replayTrace } from '../../../local/recorded/replay-trace.ts';
import type { DocumentName, LocalNode, NodeRun } from '../../../local/ssm/local-node.ts';
import { RECORDED_TRACE } from '../../unit/support/recorded-trace.ts';

const recorded = (path: string): string =>
  readFileSync(new URL(`../../fixtures/captures/${path}/capture.txt`, import.meta.url), 'utf8');
const SICK = recorded('table-full/held-open-32768');
const RAISED = recorded('not-the-node/held-open-32768-raised');

/** Does something else than the script would; nothing returned means: as usual. */
export type Misbehaviour = (
  document: DocumentName,
  node: ModelNode,
  nonce: string,
) => NodeRun | undefined | Promise<NodeRun | undefined>;

/**
 * A node of the workflow's tests: recorded evidence, a limit that raise and rollback move as the scripts do, and any
 * misbehaviour that a test wants. It keeps every command that reached it.
 */
export class ModelNode implements LocalNode {
  readonly instanceId: string;
  /** A test takes them away to make a node that no command may be sent to. */
  tags: Readonly<Record<string, string>>;
  readonly platform = { name: 'Debian GNU/Linux', version: '12', agentVersion: '3.3.3572.0' };
  readonly commands: { document: DocumentName; parameters: Readonly<Record<string, string>> }[] = [];
  isOnline = true;
  misbehave: Misbehaviour = () => undefined;
  max = 32_768;
  buckets = 32_768;
  /** Entries, where rollback looks at them. */
  count = 12_000;
  private before: { max: number; buckets: number; incident: string } | undefined;

  /** @param nodeGroup the EKS node group that it is of */
  constructor(index: number, nodeGroup = 'workers') {
    this.instanceId = `i-0${String(index).padStart(16, '0')}`;
    this.tags = { role: 'worker', 'eks:cluster-name': 'shop', 'eks:nodegroup-name': nodeGroup };
  }

  ping(): 'Online' | 'ConnectionLost' {
    return this.isOnline ? 'Online' : 'ConnectionLost';
  }

  /** How often a document reached this node. */
  times(document: DocumentName): number {
    return this.commands.filter((command) => command.document === document).length;
  }

  async run(document: DocumentName, parameters: Readonly<Record<string, string>>): Promise<NodeRun> {
    this.commands.push({ document, parameters });
    const nonce = parameters['nonce'] ?? '';
    return (await this.misbehave(document, this, nonce)) ?? this.behave(document, parameters);
  }

  behave(document: DocumentName, parameters: Readonly<Record<string, string>>): NodeRun {
    switch (document) {
      case 'medic-collect':
        return { exitCode: 0, stdout: this.evidence(parameters['nonce'] ?? ''), stderr: '' };
      case 'medic-raise':
        return this.raise(parameters);
      case 'medic-rollback':
        return this.rollBack(parameters);
      case 'medic-trace':
        return { exitCode: 0, stdout: replayTrace(RECORDED_TRACE, parameters['nonce'] ?? ''), stderr: '' };
      case 'medic-probe':
      case 'medic-settings':
      case 'medic-delete-udp-entry':
        throw new Error(`This node knows no ${document}.`);
    }
  }

  /** What collect.sh would print now. */
  evidence(nonce: string): string {
    const { max, buckets } = this;
    const incident = this.before?.incident ?? '';
    const shown = replayCapture(max > 32_768 ? RAISED : SICK, { nonce, max, buckets, incident });
    // Incidents of different tests have one cluster: what their nodes have in common is each test's own matter.
    return shown.replace(/^kernel=(\d+\.\d+).*$/m, `kernel=$1.${Number(this.instanceId.slice(-6))}-model`);
  }

  private raise(parameters: Readonly<Record<string, string>>): NodeRun {
    const { nonce = '', incident = '', fromMax, toMax } = parameters;
    const before = { max: this.max, buckets: this.buckets, incident };
    if (parameters['mode'] === 'ensure' && this.max >= Number(toMax))
      return result(nonce, 'unchanged', '', before, before);
    if (parameters['mode'] === 'exact' && Number(fromMax) !== this.max)
      return result(nonce, 'refused', 'value-moved', before, before);
    this.before = before;
    this.max = Number(toMax);
    this.buckets = Number(parameters['toBuckets']);
    return result(nonce, 'raised', '', before, this);
  }

  private rollBack({ nonce = '', incident = '' }: Readonly<Record<string, string>>): NodeRun {
    const now = { max: this.max, buckets: this.buckets };
    if (this.before?.incident !== incident) return result(nonce, 'refused', 'nothing-to-roll-back', now, now);
    if (this.count > 0.8 * this.before.max) {
      return result(
        nonce,
        'refused',
        'count-too-high',
        now,
        now,
        `count ${this.count} is over 80 % of 32768.`,
      );
    }
    this.max = this.before.max;
    this.buckets = this.before.buckets;
    this.before = undefined;
    return result(nonce, 'rolled-back', '', now, this);
  }
}

interface Values {
  readonly max: number;
  readonly buckets: number;
}

/** The result section of raise.sh and rollback.sh. */
export function result(
  nonce: string,
  outcome: string,
  code: string,
  before: Values,
  after: Values,
  detail = code === '' ? 'Done.' : `${code}; nothing was changed.`,
): NodeRun {
  const lines = [
    `=== medic/1 ${nonce} result - ok 5000.00`,
    `outcome=${outcome}`,
    `code=${code}`,
    `detail=${detail}`,
    `max.before=${before.max}`,
    `max.after=${after.max}`,
    `buckets.before=${before.buckets}`,
    `buckets.after=${after.buckets}`,
    `=== medic/1 ${nonce} end - ok 5000.01`,
    '',
  ];
  const exitCode = outcome === 'refused' ? 3 : outcome === 'failed' ? 1 : 0;
  return { exitCode, stdout: lines.join('\n'), stderr: '' };
}
