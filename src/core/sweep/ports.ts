import type { ProbeReading } from '../fleet/reading.ts';
import type { ProbeAnswer, Sight, Unseen } from '../fleet/unseen.ts';
import type { Clock } from '../ports.ts';
import type { StoredSweep, SweepGroup, SweptNode } from './found.ts';
import type { Round } from './round.ts';
import type { KeptWarning } from './warn.ts';

/** Lists the nodes of the fleet. */
export interface SweptNodes {
  /**
   * @returns the nodes with a tag of the configuration, and those that Systems Manager manages without one
   */
  list(): Promise<{ readonly nodes: readonly SweptNode[]; readonly untagged: readonly string[] }>;
}

/** A node as one sweep saw it. */
export interface NodeSight extends Sight {
  readonly instanceId: string;
}

/** How far the reading of a round came: nothing was taken, what was taken could not all be read, or it was. */
export type RoundState = 'not-taken' | 'not-read' | 'read';

/** Where the samples of a sweep come from. */
export interface Samples {
  /**
   * Has samples taken of every node, where they are not there already.
   * @returns ids of what they are read from, kept with the round
   */
  take(nonce: string, nodes: number, everyMinutes: number): Promise<readonly string[]>;
  /** Whether an id is one of these samples': a deployment may have chosen others since a round began. */
  isOwn(id: string): boolean;
  /** How far one of them is. */
  progress(id: string): Promise<{ readonly finished: number; readonly total: number }>;
  /** What one of them shows, some nodes at a time. More than one sight of a node may come, and sights of others. */
  sights(
    id: string,
    round: Round,
    nodes: readonly SweptNode[],
    clock: Clock,
  ): AsyncIterable<readonly NodeSight[]>;
  /** Why a node was not seen, by what came of it, which may be nothing. */
  whyUnseen(node: SweptNode, came: Unseen | undefined, state: RoundState): Unseen;
}

/** Sends the probe to all nodes by their tags, and nothing else. */
export interface Probes {
  /**
   * @param atOnce nodes on which it runs at the same time, at most
   * @param waitSeconds for how long the last of them may not have begun
   * @returns ids of the commands, one for each tag
   */
  send(nonce: string, atOnce: number, waitSeconds: number): Promise<readonly string[]>;
  /** How far a command is. One that Systems Manager does not know yet has nothing finished. */
  progress(commandId: string): Promise<{ readonly finished: number; readonly total: number }>;
  /** What came back, page by page. */
  answers(commandId: string): AsyncIterable<readonly ProbeAnswer[]>;
}

/** The readings of each node, an item an hour. */
export interface SeriesStore {
  /**
   * Puts a reading into its hour.
   * @returns the readings of the last two hours with it; one of a moment that is there already changes nothing
   */
  keep(instanceId: string, reading: ProbeReading, now: number): Promise<readonly ProbeReading[]>;
  /** The readings of so many hours up to now, in order of time. */
  read(instanceId: string, hours: number, now: number): Promise<readonly ProbeReading[]>;
}

/** What the sweep keeps of itself. */
export interface SweepState {
  /**
   * Takes the exclusive right to sweep for a while.
   * @returns `busy` where another one has it; otherwise the round that one left unfinished, if it did
   */
  take(holder: string, now: number): Promise<'busy' | { readonly unfinished?: Round }>;
  /** Notes how far the round is, and holds the right for another while. @returns false where another one has taken it over */
  note(holder: string, round: Round, now: number): Promise<boolean>;
  /** Holds the right for another while. @returns false where it was given up, or another one has taken it over */
  hold(holder: string, now: number): Promise<boolean>;
  /** Gives the right up, the round being done or not. */
  release(holder: string, unfinished: Round | undefined): Promise<void>;
  warnings(): Promise<Readonly<Record<string, KeptWarning>>>;
  keepWarnings(warnings: Readonly<Record<string, KeptWarning>>): Promise<void>;
  keepReport(report: StoredSweep): Promise<void>;
}

/** Prints the numbers of each group where CloudWatch takes them up. */
export type PrintMetrics = (groups: readonly SweepGroup[], at: number) => void;
