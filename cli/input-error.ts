/** The input can't be used. The message is one sentence that says what is wrong with which input and what would do. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
