import { MedicError } from '../../src/core/errors.ts';
import { withoutStop } from '../../src/core/words.ts';

/** One line of the doctor's answer. */
export interface Check {
  /** Short and stable, such as `slack-scopes`; scripts look for it. */
  readonly id: string;
  /** False when something has to be done; undefined when it could not be found out, because an earlier check failed. */
  readonly ok: boolean | undefined;
  /** What was looked at and what was seen, in one sentence. */
  readonly what: string;
  /** What to do about it; there when `ok` is not true. */
  readonly fix?: string;
}

export const good = (id: string, what: string): Check => ({ id, ok: true, what });
export const bad = (id: string, what: string, fix: string): Check => ({ id, ok: false, what, fix });
/** What cannot be looked at before something else is put right. */
export const skipped = (id: string, what: string, after: string): Check => ({
  id,
  ok: undefined,
  what,
  fix: `Put ${after} right first, then run the doctor again.`,
});

/** What a failed call said, on one line and not too long. */
export function failure(error: unknown): string {
  if (error instanceof MedicError) return withoutStop(error.message);
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const text = message === '' || message === name ? name : `${name}: ${message}`;
  return text.replaceAll(/\s+/g, ' ').slice(0, 300);
}

/** Runs a check; what it throws becomes a bad line of its own, never the end of the others. */
export async function attempt(
  id: string,
  what: string,
  fix: string,
  check: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await check();
  } catch (error) {
    return [bad(id, `${what}: ${failure(error)}.`, fix)];
  }
}

const MARKS = { true: '✓', false: '✗', undefined: '–' } as const;

/** The checks as lines for a terminal. */
export function checkLines(checks: readonly Check[]): string {
  const lines = checks.flatMap(({ ok, what, fix }) => [
    `${MARKS[`${ok}`]} ${what}`,
    ...(fix === undefined ? [] : [`    ${fix}`]),
  ]);
  const wrong = checks.filter(({ ok }) => ok !== true).length;
  const summary = wrong === 0 ? 'All is as it should be.' : `${wrong} of ${checks.length} lines need you.`;
  return `${lines.join('\n')}\n\n${summary}\n`;
}

/** Ids that a sentence names; the rest is counted. */
const NAMED = 5;

/** Ids for a sentence, the first few by name. */
export function listOf(ids: readonly string[]): string {
  const rest = ids.length - NAMED;
  return ids.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
