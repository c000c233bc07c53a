import type { Alarm } from './alarm.ts';
import type { Incident, IncidentHead, IncidentNode, NodeCollection } from './incident.ts';
import type { Runbook } from './runbook.ts';

/** Wall-clock time, so that everything that needs it can be tested with another one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** Finds the worker nodes behind an alarm. */
export interface Fleet {
  /** Nodes that can be asked, and one sentence for each node that cannot be (offline, not managed, beyond the bound). */
  resolve(alarm: Alarm): Promise<{ nodes: IncidentNode[]; gaps: string[] }>;
}

/** What came back from one node for one command: its output, or why there is none. */
export type CommandOutput =
  | { readonly instanceId: string; readonly kind: 'output'; readonly text: string; readonly exitCode: number }
  | { readonly instanceId: string; readonly kind: 'none'; readonly why: string };

/** Result of one look at a command: still running somewhere, or everything that will ever come back. */
export type CommandProgress =
  | { readonly done: false; readonly finished: number; readonly total: number }
  | { readonly done: true; readonly outputs: readonly CommandOutput[] };

/** Sends one of our documents to nodes and reads what came back. */
export interface NodeCommands {
  /** Returns the command id. Parameters are typed by the document, never free text. */
  send(request: {
    readonly document: 'collect' | 'raise' | 'rollback';
    readonly instanceIds: readonly string[];
    readonly parameters: Readonly<Record<string, string>>;
    /** At most 100 characters, shown in the SSM console. */
    readonly comment: string;
  }): Promise<string>;
  progress(commandId: string, instanceIds: readonly string[]): Promise<CommandProgress>;
}

/** Keeps raw node output, which is too big for the record. */
export interface EvidenceStore {
  /** Returns the address under which the text can be read again. */
  put(key: string, text: string): Promise<string>;
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
  head(id: string): Promise<IncidentHead | undefined>;
  /** Head and newest collection of each node. */
  load(id: string): Promise<Incident | undefined>;
  /**
   * Applies a pure change under a revision check, re-reading and trying again when somebody else was first.
   * @returns the new head, or the refusal that the change returned
   */
  update(
    id: string,
    change: HeadChange,
  ): Promise<{ ok: true; head: IncidentHead } | { ok: false; refusal: string }>;
  putCollection(id: string, collection: NodeCollection): Promise<void>;
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

/** Shows the incident to people: one card that is edited in place and a thread under it. */
export interface Notifier {
  /** Posts the card or edits it; returns where it stands. */
  showCard(incident: Incident): Promise<{ channel: string; message: string }>;
  /** Posts the runbook into the card's thread. */
  postRunbook(incident: Incident, runbook: Runbook): Promise<void>;
  /** Posts one line into the card's thread. */
  postNote(incident: Incident, text: string): Promise<void>;
}
