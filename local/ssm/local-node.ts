import type { MedicDocument } from '../../nodes/documents.ts';

/** The documents that nodes/documents.ts builds, by their SSM name. */
export type DocumentName = MedicDocument['name'];

/** What a document's script left behind on a node, as the SSM agent would report it. */
export interface NodeRun {
  readonly exitCode: number;
  /** Whole output; the SSM endpoint cuts it as the real one does (24,000 characters, 2,500 in a list). */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A machine behind the local SSM endpoint. Whoever implements it runs the document's script with exactly the given
 * parameters; the endpoint has already checked them against the document's patterns and filled in its defaults.
 */
export interface LocalNode {
  /** EC2's form, `i-` and 8 or 17 hex digits: SSM's client and our own code both check it. */
  readonly instanceId: string;
  /** Tags that `DescribeInstanceInformation` filters on (`tag:KEY`). */
  readonly tags: Readonly<Record<string, string>>;
  /** What the agent reports of its machine. */
  readonly platform: { readonly name: string; readonly version: string; readonly agentVersion: string };
  /** `Online`, or `ConnectionLost`: then a command to this node ends as `Undeliverable`. */
  ping(): 'Online' | 'ConnectionLost';
  /**
   * Rejects only when the machine itself broke; a script that fails is an exit code.
   * `script` is what the agent would execute: the document's `runCommand` lines from dist/documents with the parameters
   * already put in. A node that executes anything executes this text, so that what is tested is what is deployed.
   */
  run(document: DocumentName, parameters: Readonly<Record<string, string>>, script: string): Promise<NodeRun>;
}
