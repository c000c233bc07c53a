import type { AnyRemediation } from '../plan/remediation.ts';
import type { Confidence, Evidence, FailureModeId, Impact } from '../record/diagnosis.ts';
import { type Bounds, type Snapshot, UNKNOWN_LENGTH } from '../snapshot/snapshot.ts';
import type { CauseId } from '../trace/causes.ts';
import { show } from '../words.ts';
import type { SingleReading } from './single-reading/single-reading.ts';

/** Whether the raise of nf_conntrack_max may be offered for this match, and if not, why. */
export type RaiseVerdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** Packets that one mode lost in the window: the upper bound where only bounds are known. */
export interface Lost {
  readonly packets: bigint;
  /** `ec2`: outside the instance, at one of EC2's limits; the node's own counters know nothing of them. */
  readonly by: 'node' | 'ec2';
}

/** The failure mode is present. */
export interface Match {
  readonly state: 'match';
  /** Drops outrank pressure. */
  readonly impact: Impact;
  readonly confidence: Confidence;
  /** The most telling first, and all numbers of the headline among the first four: those are what a card shows. */
  readonly evidence: readonly Evidence[];
  /** One sentence for the on-call, with the numbers, ending in a full stop. */
  readonly headline: string;
  readonly raise: RaiseVerdict;
  /** Packets lost in the window to this mode, where they are counted; ranks connection tracking against EC2's limits. */
  readonly lost?: Lost;
  /** Set when no raise may be offered on this node at all while this mode is present, whatever the primary is. */
  readonly blocksRaise?: string;
}

/** The failure mode is ruled out, with what rules it out. */
export interface NoMatch {
  readonly state: 'no-match';
  readonly evidence: readonly Evidence[];
}

/** It can't be told, because sources are missing or contradict each other. */
export interface Undetermined {
  readonly state: 'undetermined';
  /** What is missing, a clause each. */
  readonly missing: readonly string[];
  readonly evidence: readonly Evidence[];
}

export type SignatureResult = Match | NoMatch | Undetermined;

/** Results so far by id: a concluding signature sees all that look at evidence and the concluding ones before it. */
export type Results = ReadonlyMap<FailureModeId, SignatureResult>;

/**
 * The groups in which failure modes are ranked, first things first: of two matches with the same impact the one of the
 * earlier group is the verdict. They follow the order in which the causes are asked for: what concerns the whole node
 * before what concerns one destination or one service, a cause before what it brings about.
 *
 * - `flood`: traffic that fills or storms the table, before the table that it fills
 * - `new-entries`: new connections of the whole node find no room: the table, its memory, its hash, EC2's or Cilium's
 *   table, another network namespace's
 * - `one-destination`: new connections are lost towards one destination: translated ports, insert races, EC2's resolver
 * - `host`: the node's other queues and limits, beside connection tracking
 * - `one-service`: one listener, one helper, one service or some flows
 * - `background`: explains how a table got full, or describes the node; loses nothing by itself
 * - `conclusion`: the modes that speak about all others
 */
export const STAGES = [
  'flood',
  'new-entries',
  'one-destination',
  'host',
  'one-service',
  'background',
  'conclusion',
] as const;

/** A group of failure modes: see {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** Where a failure mode stands among the others. */
export interface Order {
  readonly stage: Stage;
  /** Position within the stage, a whole number above 0, the lower the earlier; two modes of a stage never share one. */
  readonly position: number;
}

/** What one rule concludes from a single reading; `undefined` where it says nothing. */
export type SingleReadingRule = (reading: SingleReading) => Match | undefined;

/**
 * What pasted text may show of a failure mode that the signature itself can't tell from it. A rule is asked only where the
 * signature is undetermined, and of a concluding one only where nothing else matches; what it concludes offers no change.
 */
export interface SingleReadingRules {
  /** From counters that count since boot: asked where there is one sample. `src/core/diagnosis/single-reading/rules.ts` has what they prove. */
  readonly sinceBoot?: SingleReadingRule;
  /** From what speaks of the moment, or from sources that only pasted text has: asked whether there is one sample or two. */
  readonly asRead?: SingleReadingRule;
  /** Heading of what `sinceBoot` concludes; the signature's own with `, at some time since boot` where absent. */
  readonly title?: string;
}

/**
 * The predicate of one failure mode. `evaluate` looks at the node's facts alone; `conclude` is for the two modes that
 * speak about all others (`not-the-node`, `insufficient-evidence`) and runs after them.
 */
export type Signature = {
  readonly id: FailureModeId;
  /** The failure mode in words, as a heading. */
  readonly title: string;
  readonly order: Order;
  /** What a click can do against it; absent where no change is as safe and as reversible as a raise. */
  readonly remediation?: AnyRemediation;
  /**
   * What a larger table ends where this mode is the verdict. Absent where a larger table fixes nothing, and then no raise
   * is offered whatever a match says.
   */
  readonly raiseEnds?: Impact;
  /**
   * Position among what is most often mistaken for a full table, and so ruled out first on a card; the lower the earlier.
   * Those without one follow in the catalogue's order.
   */
  readonly usualSuspect?: number;
  /** It judges the bandwidth and packet rate of the node: where it is ruled out, its line says how much of what went. */
  readonly judgesBandwidth?: true;
  /** What a single reading of cumulative counters, or a source of pasted text alone, shows of it. */
  readonly singleReading?: SingleReadingRules;
  /** Why a trace saw packets dropped where this mode is why (`src/core/trace/causes.ts`). */
  readonly traceCause?: CauseId;
} & (
  | { readonly evaluate: (snapshot: Snapshot) => SignatureResult; readonly conclude?: never }
  | {
      readonly conclude: (snapshot: Snapshot, results: Results) => SignatureResult;
      readonly evaluate?: never;
    }
);

/** The failure modes by their {@link Order}: of two matches with equal impact the earlier one is the verdict. */
export type Catalogue = readonly Signature[];

/** Checks a signature's shape at compile time; returns it unchanged. */
export function defineSignature(signature: Signature): Signature {
  return signature;
}

/** The fact that says how full the node's table is: where a card shows it, it draws it as a bar too. */
export const TABLE_USE = 'table use';

/** The fact that says what a full table dropped. */
export const FULL_TABLE_DROPS = 'full-table drops';

/** Makes one piece of evidence; numbers get thousands separators. */
export function evidence(
  fact: string,
  value: bigint | number | string,
  unit: string,
  threshold: bigint | number | string,
  source: string,
): Evidence {
  return { fact, value: show(value), unit, threshold: show(threshold), source };
}

/** Bounds as people read them: one number where it can be told exactly, `9 to 50` otherwise. */
export function showBounds({ low, high }: Bounds): string {
  return low === high ? show(low) : `${show(low)} to ${show(high)}`;
}

/** Unit of a count over the snapshot's window: `packets/10 s`. */
export function perWindow(what: string, snapshot: Snapshot): string {
  if (!snapshot.windowSeconds.known) return what;
  const seconds = snapshot.windowSeconds.value;
  return seconds === UNKNOWN_LENGTH ? `${what} between the samples` : `${what}/${seconds.toFixed(0)} s`;
}

/** The snapshot's window as it ends a sentence: ` in 10 s`; empty where there is only one sample. */
export function inWindow(snapshot: Snapshot): string {
  if (!snapshot.windowSeconds.known) return '';
  const seconds = snapshot.windowSeconds.value;
  return seconds === UNKNOWN_LENGTH ? ' between the samples' : ` in ${seconds.toFixed(0)} s`;
}
