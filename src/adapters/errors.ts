import { MedicError } from '../core/errors.ts';

/** What came in is no alarm: the sender has to change it, sending it again changes nothing. */
export class UnreadableAlarmError extends MedicError {
  override readonly name = 'UnreadableAlarmError';
  override readonly code = 'unreadable-alarm';
  override readonly isLasting = true;
}

/** The lookup of an alarm's nodes did not come to an end. */
export class LookupFailedError extends MedicError {
  override readonly name = 'LookupFailedError';
  override readonly code = 'lookup-failed';
}

/** An account or region that the configuration knows no spoke role for; nobody was asked. */
export class SpokeNotConfiguredError extends MedicError {
  override readonly name = 'SpokeNotConfiguredError';
  override readonly code = 'spoke-not-configured';
  override readonly isLasting = true;
}

/** The spoke role of another account was asked for and not given. */
export class SpokeRefusedError extends MedicError {
  override readonly name = 'SpokeRefusedError';
  override readonly code = 'spoke-refused';
}

/** Slack took a card and did not say where it stands. */
export class CardAddressUnknownError extends MedicError {
  override readonly name = 'CardAddressUnknownError';
  override readonly code = 'card-address-unknown';
}

/** There is no card yet, so no thread to write into. */
export class CardMissingError extends MedicError {
  override readonly name = 'CardMissingError';
  override readonly code = 'card-missing';
}

/** Others were writing at the same time; nothing was stored, and the same call may succeed a moment later. */
export class RecordBusyError extends MedicError {
  override readonly name = 'RecordBusyError';
  override readonly code = 'record-busy';
}

/** Another content is stored under the same key already, and was kept. */
export class RecordConflictError extends MedicError {
  override readonly name = 'RecordConflictError';
  override readonly code = 'record-conflict';
  override readonly isLasting = true;
}

/** An item of the table whose version says that an older function must not go on with it. */
export class NewerItemError extends MedicError {
  override readonly name = 'NewerItemError';
  override readonly code = 'newer-item';
  override readonly isLasting = true;
}

/** An item of the table that another version of the service wrote. */
export class ForeignItemError extends MedicError {
  override readonly name = 'ForeignItemError';
  override readonly code = 'foreign-item';
  override readonly isLasting = true;
}

/** Systems Manager took a command and gave no id for it, so its output can't be read. */
export class NoCommandIdError extends MedicError {
  override readonly name = 'NoCommandIdError';
  override readonly code = 'no-command-id';
}

/** The document in the account is another one than this service was built with; found out before anything was sent. */
export class DocumentChangedError extends MedicError {
  override readonly name = 'DocumentChangedError';
  override readonly code = 'document-changed';
  override readonly isLasting = true;
}

/** A setting of the service that it cannot work with: somebody has to deploy again. */
export class UnusableConfigurationError extends MedicError {
  override readonly name = 'UnusableConfigurationError';
  override readonly code = 'unusable-configuration';
  override readonly isLasting = true;
}

/** The secret was read and does not hold what it should. The message never holds any of it. */
export class UnusableSecretError extends MedicError {
  override readonly name = 'UnusableSecretError';
  override readonly code = 'unusable-secret';
}

/** A file of a message that can not be read as text. The message is one sentence that says what to do instead. */
export class SlackFileError extends MedicError {
  override readonly name = 'SlackFileError';
  override readonly code = 'slack-file';
}

/** The series that a sweep takes its samples from could not be read; the next sweep asks again. */
export class SeriesUnreadableError extends MedicError {
  override readonly name = 'SeriesUnreadableError';
  override readonly code = 'series-unreadable';
  /** Status of the answer; absent where there was none, or where it came and could not be read. */
  readonly status: number | undefined;

  constructor(
    message: string,
    { status, cause }: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** Slack did not take the answer to what a person asked. */
export class SlackAnswerError extends MedicError {
  override readonly name = 'SlackAnswerError';
  override readonly code = 'slack-answer';
}
