import type { NodePlan } from '../record/plan.ts';

/** How a kind of change is spoken of. */
export interface RemediationWords {
  /** As a noun in a clause: `the raise could not be sent`. */
  readonly noun: string;
  /** As an order: `Raise`. */
  readonly order: string;
  /** While it goes on: `raising`. */
  readonly doing: string;
  /** Once it is done: `raised`. */
  readonly done: string;
  /** What it is done to: `nf_conntrack_max`. */
  readonly thing: string;
  /** What a rollback does, for the dialog in front of the change. */
  readonly wayBack: string;
  /** The same while it goes on; `who` is `Each node`, or the id of the only one. */
  readonly goingBack: (who: string) => string;
  /** What is true once it is done, as a clause. */
  readonly wentBack: string;
}

/** One setting's way, by its full sysctl name. */
export interface SettingMove {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** What a plan was to do to a setting, and so what a node shows before and after it. */
export interface PlannedValue {
  readonly key: string;
  readonly before: number;
  readonly after: number;
}

/** What taking a change back does to a node. */
export interface WayBack {
  /** Whether values go back too, or only files. */
  readonly restoresValues: boolean;
  /** Shrinking buckets would pause traffic again, so they stay. */
  readonly keepsBuckets: boolean;
  /** The node refuses it while most of the old limit is in use (nodes/rollback.sh). */
  readonly isBounded: boolean;
}

/** What is said of a change that leaves no running value behind by which a node could tell whether it ran. */
export interface Traceless {
  /** Where the failure modes that it is against are ruled out now. */
  readonly gone: string;
  /** Where they are not. */
  readonly unclear: string;
}

/** Everything that tells one kind of change from another. An entry is asked about plans of its own kind only. */
export interface ChangeKind<P extends NodePlan> {
  readonly words: RemediationWords;
  /** What the record calls one that worked. */
  readonly done: 'raised' | 'changed';
  /** Whether it changes nf_conntrack_max: the limit and the buckets that a script reports are its own then. */
  readonly isOfLimit: boolean;
  /** How it is taken back; absent where it can not be. */
  readonly wayBack?: WayBack;
  /** Present where no running value of the node tells whether it ran: then its failure modes do. */
  readonly traceless?: Traceless;
  /** Which document carries it out: a key of the adapter's documents. */
  readonly document: ChangeDocument;
  /** The document's parameters beside nonce and incident, as nodes/documents.ts declares them. */
  parameters(plan: P): Readonly<Record<string, string>>;
  /** The settings that it changes, in the order in which they are written. */
  settings(plan: P): readonly SettingMove[];
  /** What it does in numbers, as people read it. */
  shown(plan: P): string;
  /** The same as plain values: plans that share them can share a command, and the digest covers them. */
  numbers(plan: P): readonly (string | number)[];
  /** The same by hand, for a code block: every part is a key of ours, a number or an address that was parsed. */
  commands(plan: P): string;
  /** What it costs, as one clause; `undefined` where it costs nothing to speak of. */
  cost(plan: P): string | undefined;
  /** The UDP entries that it deletes; `undefined` where it deletes none. */
  entries(plan: P): UdpEntries | undefined;
}

/** The entries of one UDP service that go to one backend. */
export interface UdpEntries {
  readonly destination: string;
  readonly port: number;
  readonly target: string;
}

/** The documents that carry out a plan. */
export type ChangeDocument = 'raise' | 'settings' | 'deleteUdpEntry';
