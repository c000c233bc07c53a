import { MedicError } from '../src/core/errors.ts';

/** The input can't be used. The message is one sentence that says what is wrong with which input and what would do. */
export class InputError extends MedicError {
  override readonly name = 'InputError';
  override readonly code = 'input';
}

/** What the command asks for could not be reached or did not answer as it should; the input may be right. */
export class NotReachedError extends MedicError {
  override readonly name = 'NotReachedError';
  override readonly code = 'not-reached';
}
