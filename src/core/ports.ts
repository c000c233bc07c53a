import type { IncidentJoins } from './joins.ts';
import type { Alarm } from './record/alarm.ts';
import type { GroupTag } from './record/association.ts';
import type { CardView } from './record/card-view.ts';
import type { NodeCollection } from './record/collection.ts';
import type { Decision, Incident, IncidentHead, IncidentHistory, IncidentNode } from './record/incident.ts';
import type { ClientLatency } from './record/latency/client.ts';
import type { LatencyShape } from './record/latency/shape.ts';
import type { NodeReading } from './record/node-reading.ts';
import type { NodePlace } from './record/place.ts';
import type { NodePlan, Plan } from './record/plan.ts';
import type { SignedClick } from './record/signed-click.ts';

/** Wall-clock time, so that everything that needs it can be tested with another one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** Finds the worker nodes behind an alarm. */
export interface Fleet {
  /**
   * Nodes that can be asked, and one sentence for each node that cannot be (offline, not managed, beyond the bound); beside them how
   * the latencies behind the alarm are distributed, where it watches some.
   */
  resolve(alarm: Alarm): Promise<{ nodes: IncidentNode[]; gaps: string[]; latency?: LatencyShape }>;
}

/** What came back from one node for one command: its output, or why there is none. */
export type CommandOutput =
  | { readonly instanceId: string; readonly kind: 'output'; readonly text: string; readonly exitCode: number }
  /** `ran` is false only when the command certainly never started on the node. */
  | { readonly instanceId: string; readonly kind: 'none'; readonly why: string; readonly ran: boolean };

/** Reads what became of a command that was sent. */
export interface CommandResults {
  /** One look at all nodes of the command. */
  progress(
    commandId: string,
    instanceIds: readonly string[],
    place?: NodePlace,
  ): Promise<{ readonly finished: number; readonly total: number }>;
  /** One entry for each node, in the order given: what it wrote, or one sentence on why there is nothing (yet). */
  outputs(
    commandId: string,
    instanceIds: readonly string[],
    place?: NodePlace,
  ): Promise<readonly CommandOutput[]>;
}

/** What every command carries. */
export interface CommandRequest {
  readonly instanceIds: readonly string[];
  /** 16 of a-z and 0-9, new for each command: marks what this command wrote. */
  readonly nonce: string;
  /** Shown in the SSM console. */
  readonly incidentId: string;
  /** Where the nodes are; absent where that is the service's own account and region. */
  readonly place?: NodePlace | undefined;
}

/** Collects evidence. Read-only by construction: whoever holds this can send nothing else. */
export interface CollectCommands extends CommandResults {
  /** Sends to all nodes that can be sent to; one that cannot be keeps none of the others from it. */
  collect(request: CommandRequest): Promise<CollectionSent>;
  /** Whether an error of it proves that nothing was started. */
  hasStartedNothing(error: unknown): boolean;
}

/** A collection on its way, with the nodes that it reaches. */
export interface CollectionSent {
  /** Hex SHA-256 of the document that the commands are pinned to. */
  readonly documentHash: string;
  /** Several where the nodes could not be sent to at once, none where nobody can be reached. */
  readonly commands: readonly { readonly commandId: string; readonly instanceIds: readonly string[] }[];
  readonly refused: readonly RefusedNode[];
}

/** A node that no command could be sent to. */
export interface RefusedNode {
  readonly instanceId: string;
  /** `gone`: Systems Manager knows it no more. `denied`: IAM does not allow it. `untold`: too many were refused to tell. */
  readonly kind: 'gone' | 'denied' | 'untold';
  /** One sentence with what to do. */
  readonly why: string;
}

/** What became of an attempt to send a change. */
export type Sent =
  | { readonly kind: 'sent'; readonly commandId: string; readonly documentHash: string }
  /** The service refused it: certainly nothing runs. `isOfNode` where that is about the node alone, which is to be set aside. */
  | { readonly kind: 'not-sent'; readonly why: string; readonly isOfNode?: true }
  /** No answer came back: it may run or not. */
  | { readonly kind: 'unknown'; readonly why: string };

/** The same for some of the nodes that were to be sent to. */
export type SentPart = Sent & { readonly instanceIds: readonly string[] };

/**
 * Changes nodes. What has left, or may have, is never sent again by itself; each node is in exactly one of the parts that
 * come back, because one that is gone keeps none of the others from being sent to.
 */
export interface RemediateCommands extends CommandResults {
  /** Does what the plan says; all nodes of the request share its numbers. */
  change(request: CommandRequest & { readonly plan: NodePlan }): Promise<readonly SentPart[]>;
  rollback(request: CommandRequest): Promise<readonly SentPart[]>;
}

/** What became of an attempt to create an association. */
export type AssociationCreated =
  | {
      readonly kind: 'created';
      readonly associationId: string;
      readonly documentHash: string;
      readonly documentVersion: string;
    }
  /** The service refused it: certainly none was created. */
  | { readonly kind: 'refused'; readonly why: string }
  /** No answer came back: it may exist or not. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Creates and deletes the associations that keep a raise on a node group. */
export interface AssociationCommands {
  /** One attempt, never repeated by itself. */
  create(request: {
    readonly incidentId: string;
    /** 16 of a-z and 0-9: marks what the runs of this association write. */
    readonly nonce: string;
    readonly tags: readonly GroupTag[];
    readonly max: number;
    readonly buckets: number;
  }): Promise<AssociationCreated>;
  /** Ids of all associations of an incident that exist. */
  find(incidentId: string): Promise<readonly string[]>;
  /** Deletes one; one that is gone already counts as deleted. */
  delete(associationId: string): Promise<void>;
}

/** Keeps raw node output, which is too big for the record. */
export interface EvidenceStore {
  /** Returns the address under which the text, or the file, can be read again. */
  put(key: string, content: string | Uint8Array): Promise<string>;
  /** Like `put`, but never replaces what is there: a second text under the same key is left out. */
  putOnce(key: string, text: string): Promise<string>;
}

/** Keeps rendered pages of incidents and of the fleet where a person can open them for a while. */
export interface IncidentPages {
  /**
   * Keeps a page under a name that nobody can guess; returns a link to it that works for ten minutes, for whoever has it.
   * @param of an incident's id, or `fleet`
   */
  publish(of: string, html: string): Promise<string>;
  /** What a client felt while incidents went on; nothing where none measures. */
  latencyOf(): Promise<ClientLatency | undefined>;
}

/** Outcome of opening an incident. */
export type Opened =
  | { readonly kind: 'opened'; readonly head: IncidentHead }
  /** Same incident id: a repeated delivery. Nothing was changed. */
  | { readonly kind: 'exists'; readonly head: IncidentHead }
  /** Another incident of this alarm is still open; its `seen` was bumped. */
  | { readonly kind: 'already-open'; readonly head: IncidentHead };

/** A change of the head that can say no: returning a string refuses and leaves the record as it was. */
export type HeadChange = (head: IncidentHead) => IncidentHead | string;

/** The incident records. Every write is conditional: nothing is ever overwritten unseen. */
export interface IncidentStore {
  open(head: IncidentHead): Promise<Opened>;
  /** Keeps the newest OK of an alarm, whether or not an incident is open: one may be opened by a firing that arrives later. */
  noteOk(alarmArn: string, okAt: string): Promise<void>;
  /** Time of the newest OK of an alarm that is known. */
  lastOkOf(alarmArn: string): Promise<string | undefined>;
  /** The incident that the alarm opened last, also when it has ended. */
  newestIncidentOf(alarmArn: string): Promise<IncidentHead | undefined>;
  /** Counts a firing that opens nothing, once however often it arrives; an ended incident only takes its number and time. */
  countFiring(id: string, firedAt: string): Promise<IncidentHead>;
  head(id: string): Promise<IncidentHead | undefined>;
  readonly joins: IncidentJoins;
  /** Head, every collection of each node and the alarms that have joined. */
  load(id: string): Promise<Incident | undefined>;
  /**
   * Applies a pure change under a revision check, re-reading and trying again when somebody else was first.
   * @returns the new head, or the refusal that the change returned
   */
  update(
    id: string,
    change: HeadChange,
  ): Promise<{ ok: true; head: IncidentHead } | { ok: false; refusal: string }>;
  /** How far the card follows the record; nothing of a record from before cards were followed. */
  cardView(id: string): Promise<CardView | undefined>;
  /** Notes that the card shows this revision; a record that has moved on stays owed. */
  noteShown(id: string, revision: number): Promise<void>;
  /** Notes that what the end of the incident calls for in its thread was said, or is owed by now. */
  noteEndTold(id: string): Promise<void>;
  /** Notes that the card is behind although the head is as it was: what a joined alarm said is shown, too. */
  noteNews(id: string): Promise<void>;
  /** Notes that the card could not be shown, and for how many seconds it is in vain to try again. */
  noteNotShown(id: string, waitSeconds: number): Promise<void>;
  /**
   * Takes the right to say what is to stand in the channel once, the first card or owed words, for a minute; false while another has it.
   * @param holder who may take it once more, as one whose function died while it had it; nobody where it is left out
   */
  claimSaying(id: string, holder?: string): Promise<boolean>;
  releaseSaying(id: string): Promise<void>;
  putCollection(id: string, collection: NodeCollection): Promise<void>;
  /** Ids of the incidents of which something is still to be done, a card that is behind its record among it; of one that has just changed it may not be true any more. */
  unfinished(): Promise<readonly string[]>;
  /**
   * Notes that something is about to be done that stands outside of the record, before it is done.
   * @param what names it within the incident
   * @returns false when it was noted before: who repeats it has to look whether it is done
   */
  begin(id: string, what: string): Promise<boolean>;
  /** Keeps a plan that was shown; the head holds only the newest one. Keeping it twice is harmless. */
  putPlan(id: string, plan: Plan): Promise<void>;
  /** Everything that was ever stored of an incident. */
  history(id: string): Promise<IncidentHistory | undefined>;
  /** One collection of one node, not necessarily the newest. */
  collection(id: string, instanceId: string, collection: number): Promise<NodeCollection | undefined>;
  /** The open incident of an alarm, if there is one. */
  openIncidentOf(alarmArn: string): Promise<IncidentHead | undefined>;
  /** Releases the alarm's lock when the incident has ended; releasing twice is harmless. */
  close(head: IncidentHead): Promise<void>;
  /** Takes the exclusive right to change a node; false when another incident holds it. */
  lockNode(instanceId: string, holder: string): Promise<boolean>;
  unlockNode(instanceId: string, holder: string): Promise<void>;
}

/** The newest reading of each node, by which incidents see what others are asking at the moment. */
export interface NodeReadings {
  /**
   * Claims the reading of a node, unless another one stands in the way.
   * @param isOver whether another's may be replaced
   * @returns the other one that stands in the way; nothing when the claim holds
   */
  claim(
    instanceId: string,
    mine: NodeReading,
    isOver: (theirs: NodeReading) => Promise<boolean>,
  ): Promise<NodeReading | undefined>;
  /** Notes the command of a claim; one that was taken over meanwhile is left alone. */
  note(instanceId: string, reading: NodeReading): Promise<void>;
  /** Gives a claim up that nothing was sent for. */
  release(instanceId: string, nonce: string): Promise<void>;
  /** Marks the newest reading as one from before a change, so that it answers nobody who asks from now on. */
  outdate(instanceId: string): Promise<void>;
}

/** Keeps clicks as Slack signed them: apart from the records, and only for as long as they count. */
export interface SignedClicks {
  /**
   * @param untilSeconds seconds since the Unix epoch
   * @returns the reference by which a decision names it
   */
  keep(incidentId: string, click: SignedClick, untilSeconds: number): Promise<string>;
  find(incidentId: string, reference: string): Promise<SignedClick | undefined>;
}

/** Tells whether a stored decision is one that a person made, whoever wrote it into the record. */
export interface DecisionProof {
  /** @returns the refusal in one sentence, or nothing */
  refuse(head: IncidentHead, decision: Decision): Promise<string | undefined>;
}

/** Starts and wakes the durable workflow of an incident. All of it may be repeated without harm. */
export interface Workflows {
  /** Starts the incident's workflow; by name, so any number of calls start one. */
  startIncident(head: Pick<IncidentHead, 'id'>): Promise<void>;
  /** Starts the execution of a rollback that was ordered after the end. */
  startRollback(head: Pick<IncidentHead, 'id'>, decision: Pick<Decision, 'number'>): Promise<void>;
  /** Starts the execution that keeps the raise on the node group, by the decision that ordered it. */
  startKeep(head: Pick<IncidentHead, 'id'>, decision: Pick<Decision, 'number'>): Promise<void>;
  /**
   * Starts the execution that looks at the nodes of a dismissed incident, that traces, or that goes on where another one
   * stopped, by its number.
   */
  startNumbered(
    head: Pick<IncidentHead, 'id'>,
    kind: 'look' | 'trace' | 'take-up',
    number: number,
  ): Promise<void>;
  /**
   * Completes the callback that a workflow waits on.
   * @returns whether it was open: one that is closed has been answered or has expired, or its workflow has ended
   */
  wake(callbackId: string): Promise<boolean>;
  /** Names of all executions that run. One that has just started may be missing. */
  running(): Promise<ReadonlySet<string>>;
  /** What became of the execution of this name. */
  statusOf(name: string): Promise<ExecutionStatus>;
}

/** `absent` where none of its name was ever started. */
export type ExecutionStatus = 'running' | 'ended' | 'absent';

/** Writes one line to the function's log: what happened, and details of it. Never a token or a node's output. */
export type Log = (event: string, details: Readonly<Record<string, string>>) => void;
