import type { Outlook } from '../fleet/outlook.ts';
import type { LossRates } from '../fleet/rates.ts';
import type { ProbeReading } from '../fleet/reading.ts';
import type { FleetReport } from '../fleet/table.ts';
import type { Unseen } from '../fleet/unseen.ts';
import type { Warning } from '../fleet/warning.ts';

/** A node that the sweep has to see. */
export interface SweptNode {
  readonly instanceId: string;
  /** Whether its agent answers Systems Manager. */
  readonly isOnline: boolean;
  readonly cluster?: string;
  readonly nodeGroup?: string;
  readonly instanceType?: string;
  readonly zone?: string;
  /** When EC2 started it, ISO 8601 in UTC. */
  readonly launchedAt?: string;
  /** By what others may name it: names of the host in small letters, and addresses of its own, none of a pod. */
  readonly hostNames?: readonly string[];
  readonly addresses?: readonly string[];
}

/** A node after one sweep. */
export interface JudgedSweep {
  readonly node: SweptNode;
  /** Those of the last two hours. */
  readonly readings: readonly ProbeReading[];
  readonly outlook: Outlook;
  readonly rates: LossRates;
  readonly warning: Warning;
  /** Why this sweep did not see it; absent where it did. */
  readonly unseen?: Unseen;
}

/** The numbers of one node group after a sweep, or of the whole fleet. What nothing was seen of is absent, never 0. */
export interface SweepGroup {
  readonly cluster: string;
  readonly nodeGroup: string;
  /** Nodes with a tag of the configuration. */
  readonly nodes: number;
  readonly unseen: Readonly<Record<Unseen, number>>;
  /** Nodes on which something that the product set is gone; absent where that was seen of none. */
  readonly drifted?: number;
  /** Highest use of a table, 0 to 1 and a little more; tables without a limit have none. */
  readonly use?: number;
  /** Packets a second that found a table full, and entries a second that could not be inserted, of all nodes together. */
  readonly fullDrops?: number;
  readonly insertFailed?: number;
  /** Seconds until the first table is full; absent where nothing says that one will be. */
  readonly fullInSeconds?: number;
  /** The node that is full first, otherwise the one that is fullest. */
  readonly worstNode?: string;
}

/** What a sweep leaves for whoever asks after the fleet. */
export interface StoredSweep {
  readonly schema: 'medic.sweep/1';
  /** Milliseconds since 1970 at which the sweep began. */
  readonly startedAt: number;
  readonly report: FleetReport;
  readonly groups: readonly SweepGroup[];
  /** One sentence on why samples were not taken, or not all read; absent where nothing failed. */
  readonly fault?: string;
}
