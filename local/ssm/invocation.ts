import type { LocalDocument } from './documents.ts';
import type { LocalNode, NodeRun } from './local-node.ts';

/** Status and detail as SSM names them. */
type Status = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
type StatusDetails = Status | 'Undeliverable' | 'ExecutionTimedOut' | 'Terminated';

/** How fast the service is. */
export interface Pace {
  /** How long the service does not know a new invocation yet (`InvocationDoesNotExist`). */
  readonly visibleAfterMs: number;
  /** How long a second of a document's time limit takes. */
  readonly secondMs: number;
}

/** One command on one node, from sent to done. */
export class Invocation {
  status: Status = 'Pending';
  statusDetails: StatusDetails = 'Pending';
  run: NodeRun = { exitCode: -1, stdout: '', stderr: '' };
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  readonly instanceId: string;
  private readonly node: LocalNode;
  private readonly pace: Pace;
  private readonly sentAt = Date.now();

  constructor(node: LocalNode, pace: Pace) {
    this.node = node;
    this.pace = pace;
    this.instanceId = node.instanceId;
  }

  isVisible(): boolean {
    return Date.now() - this.sentAt >= this.pace.visibleAfterMs;
  }

  isDone(): boolean {
    return this.status !== 'Pending' && this.status !== 'InProgress';
  }

  cancel(): void {
    if (!this.isDone()) this.end('Cancelled', 'Cancelled');
  }

  /** What the service does with the nodes that wait once too many others have failed. */
  terminate(): void {
    if (!this.isDone()) this.end('Cancelled', 'Terminated');
  }

  /** Whether it counts as an error of its command. */
  hasFailed(): boolean {
    return this.status === 'Failed' || this.status === 'TimedOut';
  }

  /** Runs the document on the node. Never rejects: a broken node is a failed invocation that says why. */
  async execute(
    document: LocalDocument,
    parameters: Readonly<Record<string, string>>,
    script: string,
  ): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pace.visibleAfterMs));
    if (this.isDone()) return;
    if (this.node.ping() !== 'Online') {
      this.end('Failed', 'Undeliverable');
      return;
    }
    this.status = 'InProgress';
    this.statusDetails = 'InProgress';
    this.startedAt = new Date();
    const timeout = setTimeout(() => {
      if (!this.isDone()) this.end('TimedOut', 'ExecutionTimedOut');
    }, document.timeoutSeconds * this.pace.secondMs);
    try {
      const run = await this.node.run(document.name, parameters, script);
      if (this.isDone()) return;
      this.run = run;
      const status = run.exitCode === 0 ? 'Success' : 'Failed';
      this.end(status, status);
    } catch (error) {
      this.run = { exitCode: -1, stdout: '', stderr: error instanceof Error ? error.message : String(error) };
      if (!this.isDone()) this.end('Failed', 'Failed');
    } finally {
      clearTimeout(timeout);
    }
  }

  private end(status: Status, details: StatusDetails): void {
    this.status = status;
    this.statusDetails = details;
    this.endedAt = new Date();
  }
}
