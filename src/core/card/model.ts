import type { DecisionKind, IncidentState } from '../record/incident.ts';

/**
 * Colour of the card's bar: grey while nothing is known or nothing happens, red while packets are dropped or after a
 * failure, amber for a warning or a look-alike, blue while a change runs, green when it is verified.
 */
export type CardColour = 'grey' | 'red' | 'amber' | 'blue' | 'green';

/** One labelled fact. */
export interface CardField {
  readonly label: string;
  readonly value: string;
  /** Address behind the words with which the value begins; made of nothing but an account's own ids and names. */
  readonly link?: { readonly words: string; readonly url: string };
}

/** What stands between a click and its effect; the words repeat what will be done and how it is undone. */
export interface CardConfirm {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

/** Longest text of a confirmation (Slack, composition objects); how it is undone must not be cut off. */
export const CONFIRM_MAX_CHARS = 300;

/** A button. Its click carries the incident's id and the digest of the plan that was shown, nothing else. */
export interface CardAction {
  readonly kind:
    | Extract<DecisionKind, 'apply-one' | 'apply-all' | 'refresh' | 'dismiss' | 'rollback' | 'keep'>
    | 'rollback-one'
    | 'collect-again'
    | 'trace'
    | 'show-runbook'
    | 'show-more'
    | 'show-page'
    | 'snooze'
    | 'not-this'
    | 'raw-evidence'
    | 'show-fleet';
  readonly label: string;
  /** At most one on a card. */
  readonly primary: boolean;
  readonly planDigest?: string;
  /** Nodes of which one is to be chosen: then the action is a menu instead of a button. */
  readonly instanceIds?: readonly string[];
  readonly confirm?: CardConfirm;
}

/** One persistence layer of a planned change. */
export interface CardLayer {
  readonly name: string;
  /** Whether the change survives it; `unknown` where what decides was not read. */
  readonly survives: 'yes' | 'no' | 'unknown';
  /** What covers it, or what undoes the change there. */
  readonly how: string;
}

/** The change that a click would make. */
export interface CardChange {
  /** `Proposed change`, or the same for the nodes that are left. */
  readonly title: string;
  /** One line per group of nodes with the same numbers. */
  readonly lines: readonly string[];
  /** The same without what the numbers rest on: new limits, memory and where they end up. */
  readonly brief: readonly string[];
  /** Layers of the first node; the ones that do not apply are left out. */
  readonly layers: readonly CardLayer[];
  /** Whether it is still to be decided. */
  readonly isOpen: boolean;
  readonly warnings: readonly string[];
}

/** What is true of one node after somebody clicked. */
export interface NodeResult {
  readonly instanceId: string;
  readonly state: 'changed' | 'running' | 'untouched' | 'undone' | 'failed';
  readonly text: string;
}

/** One verdict of an incident whose nodes have several. */
export interface CardVerdict {
  /** Id of the failure mode. */
  readonly verdict: string;
  /** Its nodes, the worst first. */
  readonly instanceIds: readonly string[];
  /** What the worst of them shows, with its numbers. */
  readonly says: string;
  /** When that was read. */
  readonly at: string;
}

/** Everything that is said of an incident: its one message shows what a decision needs, what is behind "More" shows all. */
export interface Card {
  readonly incidentId: string;
  /** When it was made, in milliseconds since the Unix epoch: a time of day without a date is of that day. */
  readonly madeAt: number;
  readonly state: IncidentState;
  readonly colour: CardColour;
  /** One line for the phone's banner: verdict, how many nodes, what was watched, whether a fix is ready. */
  readonly banner: string;
  /** The verdict, or the state of the fix, in words. */
  readonly header: string;
  /** What is going on and what happens next. */
  readonly lead: string;
  readonly fields: readonly CardField[];
  /** The few of them that the message itself has room for, in as few words. */
  readonly glance: readonly CardField[];
  /** How full the table of the node is that leads the fields. */
  readonly usage?: { readonly bar: string; readonly text: string };
  /** Every verdict with its nodes, where they do not all have the same; the header says only the first. */
  readonly verdicts: readonly CardVerdict[];
  /** What was ruled out on every node that was read, each with its number. */
  readonly ruledOut: readonly string[];
  /** On which nodes, where some were not read; otherwise empty. */
  readonly ruledOutWhere: string;
  /** What the newest trace found, in whole sentences; empty without one. */
  readonly traced: readonly string[];
  /** What could not be seen. */
  readonly gaps: readonly string[];
  readonly change?: CardChange;
  /** Empty until a change was ordered. */
  readonly results: readonly NodeResult[];
  /** Who decided what and when. */
  readonly history: readonly string[];
  /** Decisions that are open now, at most three. */
  readonly actions: readonly CardAction[];
  /** Looks where SYNs are lost, where that tells more; it decides nothing. */
  readonly trace?: CardAction;
  /** Reading is open to everyone and stays possible while a change runs. */
  readonly runbook?: CardAction;
  /** Shows everything that is said here, also what the message leaves out. */
  readonly more?: CardAction;
  /** The whole incident as a page, for approvers. */
  readonly page?: CardAction;
  /** What is wanted seldom, in a menu that is folded away; at most five. */
  readonly others: readonly CardAction[];
  /** The small print. */
  readonly context: readonly string[];
  /** What of it the message has room for. */
  readonly footer: readonly string[];
}
