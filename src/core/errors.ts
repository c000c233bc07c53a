/**
 * A failure of ours. Its message is one sentence with what failed and what to do, fit for a card, a log line or a terminal;
 * its code is stable and tells it from every other; what made it fail, where that was thrown, is its `cause`.
 */
export abstract class MedicError extends Error {
  abstract readonly code: string;
  /** Tells such a failure where this class cannot be loaded: only its message is shown, without a stack. */
  get isSentence(): true {
    return true;
  }
  /** Whether the same call fails the same way however often it is made: then trying again only costs time. */
  readonly isLasting: boolean = false;
}

/** The record of an incident was there and is gone: its table was emptied or replaced. */
export class IncidentGoneError extends MedicError {
  override readonly name = 'IncidentGoneError';
  override readonly code = 'incident-gone';
  override readonly isLasting = true;
}

/** The record does not allow what a step of the workflow was about to write or to act on. */
export class RecordRefusedError extends MedicError {
  override readonly name = 'RecordRefusedError';
  override readonly code = 'record-refused';
  override readonly isLasting = true;
}

/** A move that the table of moves does not have, or one without the reason that its target needs: a broken workflow. */
export class IllegalMoveError extends MedicError {
  override readonly name = 'IllegalMoveError';
  override readonly code = 'illegal-move';
  override readonly isLasting = true;
}

/** Failure modes, runbooks and remediations that do not fit together: found when they are put together, not on a node. */
export class BrokenCatalogueError extends MedicError {
  override readonly name = 'BrokenCatalogueError';
  override readonly code = 'broken-catalogue';
  override readonly isLasting = true;
}

/** The table of the records does not answer; what was asked may or may not have been done, and the same call may succeed later. */
export class RecordUnavailableError extends MedicError {
  override readonly name = 'RecordUnavailableError';
  override readonly code = 'record-unavailable';
}

/** The channel takes nothing at the moment; nothing was posted, and later it will be taken. */
export class ChannelBusyError extends MedicError {
  override readonly name = 'ChannelBusyError';
  override readonly code = 'channel-busy';
  /** Before so many seconds it is in vain to try again. */
  readonly waitSeconds: number;

  constructor(message: string, waitSeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.waitSeconds = waitSeconds;
  }
}

/** Somebody has deleted the card of an incident: nothing can be shown on it any more. */
export class CardGoneError extends MedicError {
  override readonly name = 'CardGoneError';
  override readonly code = 'card-gone';
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
