import { MedicError } from '../errors.ts';

/** Ids that a sentence lists before it only counts. */
const LISTED = 3;

/** `i-1, i-2, i-3 and 4 more`. */
export function listPhrase(ids: readonly string[]): string {
  const listed = ids.slice(0, LISTED).join(', ');
  return ids.length > LISTED ? `${listed} and ${ids.length - LISTED} more` : listed;
}

/** One sentence that a lookup failed, with the service's own word for it; a failure of ours is a sentence already. */
export function failureOf(what: string, error: unknown): string {
  const text = error instanceof MedicError ? error.message : namedMessage(error);
  return `${what} could not be looked up: ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`;
}

/** What the SDK adds for who holds the error in a debugger, and nobody who reads a card can do. */
const FOR_DEBUGGERS = /\s*Deserialization error: to see the raw response, inspect the hidden field .*$/s;

function namedMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(FOR_DEBUGGERS, '');
  return error.name === 'Error' ? message : `${error.name}: ${message}`;
}
