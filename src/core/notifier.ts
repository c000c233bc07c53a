import type { Incident } from './record/incident.ts';
import type { SynTrace } from './record/traced/order.ts';

/** What one reading of a node showed of its table; absent is what was not read. */
export interface TableReading {
  readonly instanceId: string;
  /** ISO 8601. */
  readonly at: string;
  /** Whether it is the newest of several, so that the one before it tells what came of a change. */
  readonly isLater: boolean;
  readonly entries?: number;
  readonly limit?: number;
  /** Entries as a share of the limit, 0 to 1. */
  readonly use?: number;
  /** Packets that a full table dropped, per second of the window. */
  readonly dropsPerSecond?: number;
  /** Where a larger table is no remedy: the facts that the first verdict rests on, as this reading tells them. */
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
}

/** A generated runbook: the failure mode's text with every slot filled from this incident's evidence. */
export interface Runbook {
  /** Title of the failure mode. */
  readonly title: string;
  /** CommonMark with GFM tables; slot values are escaped for Markdown. */
  readonly markdown: string;
  /** The numbers that it rests on; where it goes into a thread with others, the first one has them. */
  readonly figures?: readonly TableReading[];
}

/**
 * Tells whether something may have been said before: then it is looked for, and said only where it is not found. It is asked
 * right before it is said, and from then on it may have been; any number of times, with one answer.
 */
export type IsRepeat = () => Promise<boolean>;

/** Which saying of an incident a message is, so that a repeat of it is known. */
export interface Saying {
  /** The same for every try to say it, and for nothing else that the incident says. */
  readonly key: string;
  readonly isRepeat: IsRepeat;
}

/**
 * Shows the incident to people: one card that is edited in place and a thread under it. Each of them throws ChannelBusyError
 * where there was no turn to speak in time; then what was not said yet is not said.
 */
export interface Notifier {
  /**
   * Posts the card or edits it; returns where it stands. Of first cards that were posted the oldest one is the card.
   * @throws CardGoneError where it is not in the channel any more
   */
  showCard(incident: Incident, isRepeat: IsRepeat): Promise<{ channel: string; message: string }>;
  /** Posts the runbook into the card's thread. */
  postRunbook(incident: Incident, runbook: Runbook, saying: Saying): Promise<void>;
  /** Posts one line into the card's thread. */
  postNote(incident: Incident, text: string, saying: Saying): Promise<void>;
  /**
   * Posts what a trace found into the card's thread.
   * @param text all of it in words: whatever is shown beside it says nothing more
   */
  postTrace(incident: Incident, trace: SynTrace, text: string, saying: Saying): Promise<void>;
}
