import type { NodeTags } from '../src/core/node-tags.ts';
import type { DemoScenario } from './demo/scenarios.ts';
import type { LocalNode } from './ssm/local-node.ts';

/** The node group that the demo's nodes are of. */
export const DEMO_GROUP = { cluster: 'shop', nodeGroup: 'workers' } as const;

/** The tags that EKS gives to the nodes of that group. */
export const DEMO_GROUP_TAGS = {
  'eks:cluster-name': DEMO_GROUP.cluster,
  'eks:nodegroup-name': DEMO_GROUP.nodeGroup,
} as const;

/** The tags of which a node carries one that the demo's functions may send commands to. */
export const DEMO_NODE_TAGS: NodeTags = [{ key: 'eks:cluster-name', values: [DEMO_GROUP.cluster] }];

/** What the nodes themselves say about the fix: read from counters, files and clients, never from the workflow. */
export interface HealingEvidence {
  readonly healed: boolean;
  /** One plain line per thing that was looked at, before against after, ready for the terminal. */
  readonly lines: readonly string[];
}

/** What the nodes themselves say about a rollout that stopped at its first node. */
export interface CanaryEvidence {
  readonly isContained: boolean;
  readonly lines: readonly string[];
}

/** What the nodes themselves say about a rollback. */
export interface RollbackEvidence {
  readonly restored: boolean;
  readonly lines: readonly string[];
}

/** What a day before an alarm is passed with. */
export interface DayService {
  /** Runs the sweep once, on a clock that is so many milliseconds behind. */
  sweep(behindMs?: number): Promise<unknown>;
  /** Has what was read of the nodes so far count for nothing, as after hours. */
  outdate(): Promise<void>;
  /** File that the functions print into. */
  readonly log: string;
  /** Shows a page under this address of the workspace. */
  readonly page: { readonly url: string; readonly file: string };
  /** Says in one line what happens now. */
  say(line: string): void;
}

/** The hours before an alarm, in less time than they took. */
export interface DayBefore {
  /** Passes them; the alarm is due when it resolves. Stops early once `interrupted` fires. */
  pass(service: DayService, interrupted: AbortSignal): Promise<void>;
  /** One more look at the fleet, once the day is over. */
  look(service: DayService): Promise<void>;
}

/**
 * The sick machines of a demo. `recordedNodes()` in local/recorded/recorded-nodes.ts replays a recorded cluster anywhere;
 * `kernelNodes()` in local/kernel/kernel-nodes.ts makes the fault on this machine's own kernel.
 * Both are `(given: DemoNodesOptions) => Promise<DemoNodes>` and may take seconds: the fault is up when they resolve.
 */
export interface DemoNodes {
  /** Shown in the terminal and on the page: what kind of nodes these are, replayed ones called so. */
  readonly label: string;
  /** Worst node first; at least one. The demo's alarm points at exactly these. */
  readonly nodes: readonly LocalNode[];
  /** Name of the alarm to fire and the text that CloudWatch would have put in its reason. */
  readonly alarm: { readonly name: string; readonly reason: string };
  /** Alarms that fire right after it, where there are several. */
  readonly moreAlarms?: readonly { readonly name: string; readonly reason: string }[];
  /** What the functions are told of these nodes beside what they are told of any. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What goes before the alarm, where something does. */
  readonly day?: DayBefore;
  /** Measures the sick state; called once, before the alarm is fired. Lines for the terminal. */
  before(): Promise<readonly string[]>;
  /**
   * Looks at the nodes again. Called after the workflow says it is done, and by nobody who trusts the workflow.
   * @param clickedAt time of the first approving click in milliseconds since the epoch
   */
  evidenceOfHealing(clickedAt?: number): Promise<HealingEvidence>;
  /** After a rollout that one node was set aside in: is that one byte for byte as it was, and are the others healed? */
  evidenceAround?(instanceId: string): Promise<HealingEvidence>;
  /** After a first node that was not healed: was only that one changed, and every other left byte for byte as it was? */
  evidenceOfCanary?(): Promise<CanaryEvidence>;
  /** Where no change helps: is every node byte for byte as it was? */
  evidenceOfNoChange?(): Promise<HealingEvidence>;
  /** Ends the load and waits until a rollback is allowed; nodes without a live load have neither of these two. */
  stopLoad?(): Promise<readonly string[]>;
  /** After a rollback: are the old values and every byte of the nodes' files back? */
  evidenceOfRollback?(): Promise<RollbackEvidence>;
  /** Puts everything back and ends every process of its own. Safe to call twice. */
  close(): Promise<void>;
}

/** What the demo tells its nodes. */
export interface DemoNodesOptions {
  /** Folder of this demo run, removed at its end; the nodes may write below it. */
  readonly workDir: string;
  /** One progress line in the terminal. */
  readonly say: (line: string) => void;
  /** What happens to the nodes, `table-full` unless told; a kernel's nodes know that one alone. */
  readonly scenario?: DemoScenario;
}
