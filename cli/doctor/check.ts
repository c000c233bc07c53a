import { counted } from '../../src/core/words.ts';
import { reachOf, reasonOf, rightsOf } from '../failure.ts';

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

/** What a check asks, for the sentences on why it could not be answered. */
export interface Question {
  readonly id: string;
  /** Who is asked: `Slack`, `Systems Manager`. */
  readonly service: string;
  /** What is not known without an answer, as a clause: `whether the bot token works`. */
  readonly unknown: string;
  /** What a refusal means, in one sentence without its full stop, and what to do about it. */
  readonly refused: string;
  readonly fix: string;
  /** What the credentials need for this call, where they can lack it: `ssm:DescribeDocument`. */
  readonly permission?: string;
}

/** What to do where AWS knows no valid credentials. */
export const LOG_IN = 'Log in (aws sso login), or set AWS_PROFILE; give --region where the profile has none.';

/**
 * Runs a check; what it throws becomes a line of its own, never the end of the others. Only a refusal says anything about
 * what was asked: without an answer it is not known.
 */
export async function attempt(
  question: Question,
  check: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await check();
  } catch (error) {
    return [lineOf(question, error)];
  }
}

/** The line on a call that failed: refused, without a usable answer, not reached or never asked. */
export function lineOf({ id, service, unknown, refused, fix, permission }: Question, error: unknown): Check {
  const why = reasonOf(error);
  const notKnown = (how: string, what: string): Check => ({
    id,
    ok: undefined,
    what: `${service} ${how}, so ${unknown} is not known: ${why}.`,
    fix: what,
  });
  switch (reachOf(error)) {
    case 'not-reached':
      return notKnown(
        'was not reached',
        `Look at what is between here and ${service}: name service, proxy, firewall, the region. Then run the doctor again.`,
      );
    case 'unable':
      return notKnown(
        'gave no usable answer',
        `Run the doctor again in a minute; where it stays so, look whether ${service} has trouble of its own.`,
      );
    case 'not-asked':
      return notKnown('was not asked', LOG_IN);
    case 'refused': {
      const rights = rightsOf(error);
      if (rights === 'expired') return bad(id, `${refused}: ${why}.`, LOG_IN);
      const isRight = rights === 'missing' && permission !== undefined;
      return bad(id, `${refused}: ${why}.`, isRight ? `The credentials need ${permission}.` : fix);
    }
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
  const summary =
    wrong === 0
      ? 'All is as it should be.'
      : `${wrong} of ${counted(checks.length, 'line')} ${wrong === 1 ? 'needs' : 'need'} you.`;
  return `${lines.join('\n')}\n\n${summary}\n`;
}

/** Ids that a sentence names; the rest is counted. */
const NAMED = 5;

/** Ids for a sentence, the first few by name. */
export function listOf(ids: readonly string[]): string {
  const rest = ids.length - NAMED;
  return ids.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
