import type { Incident } from './record/incident.ts';

/** A generated runbook: the failure mode's text with every slot filled from this incident's evidence. */
export interface Runbook {
  /** Title of the failure mode. */
  readonly title: string;
  /** CommonMark with GFM tables; slot values are escaped for Markdown. */
  readonly markdown: string;
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
}
