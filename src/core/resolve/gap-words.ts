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

const namedMessage = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
