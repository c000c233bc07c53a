/**
 * What Slack counts calls by: messages posted into a channel, of which it takes one a second; edits of the whole workspace, of
 * which it takes 50 a minute and welcomes bursts (docs.slack.dev, rate limits: chat.postMessage is special, chat.update tier 3).
 */
export type PacedCall = 'post' | 'edit';

/** What an edit is counted by besides: the one card, in a second and in an hour. */
export type PacedCard = 'card' | 'card-in-an-hour';

/** Keeps the calls of all functions together within what Slack takes. */
export interface Pace {
  /**
   * Waits until the next call may be made.
   * @throws ChannelBusyError at once where that would take longer than there is time for; then no turn was taken
   */
  turn(call: PacedCall, channel: string): Promise<void>;
  /**
   * The same for the edits of one card, of which there is one a second and 200 in an hour at most, however many alarms it follows.
   * @param card its channel and its message
   */
  cardTurn(card: { readonly channel: string; readonly message: string }): Promise<void>;
  /** Slack has said how many seconds it wants none of these calls. */
  hold(call: PacedCall, channel: string, seconds: number): Promise<void>;
}

/** The length of a call's turn, in parts of that of a message, and how many turns may be taken ahead of time. */
export const TURNS: Readonly<
  Record<PacedCall | PacedCard, { readonly length: number; readonly ahead: number }>
> = {
  post: { length: 1, ahead: 1 },
  edit: { length: 1.2, ahead: 10 },
  card: { length: 1, ahead: 0 },
  // A hundred at once and a hundred more in the hour that follows.
  'card-in-an-hour': { length: 36, ahead: 99 },
};
