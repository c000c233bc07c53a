import type * as z from 'zod';
import { counted } from './words.ts';

/** One thing that a schema does not accept, as zod tells it. */
type Issue = z.core.$ZodIssue;

/** Choices that are few enough to be listed in a sentence. */
const LISTED = 30;

/**
 * What is wrong with a value that a person wrote, as parts of a sentence: `maxNodes must be at most 100; approvers[0] must
 * be a Slack user id`. The value itself is never quoted: it may be a secret.
 *
 * @param value what was parsed, to tell what is missing from what is of another kind
 */
export function faultsOf({ issues }: Pick<z.ZodError, 'issues'>, value: unknown): string {
  return issues.map((issue) => faultOf(issue, value)).join('; ');
}

function faultOf(issue: Issue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => placeOf([...issue.path, key]));
    return `${names.join(', ')} ${names.length === 1 ? 'is not a field' : 'are not fields'}`;
  }
  if (issue.code === 'invalid_type' && isMissing(value, issue.path))
    return `${placeOf(issue.path)} is missing`;
  return `${placeOf(issue.path) || 'it'} ${demandOf(issue)}`;
}

/** What would be accepted, with its verb. */
function demandOf(issue: Issue): string {
  // A schema's own words go on after the place; zod's own are full sentences of another kind.
  if (/^[a-z]/.test(issue.message)) return issue.message;
  const { code } = issue;
  if (code === 'invalid_type') return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (code === 'invalid_value') return `must be ${choiceOf(issue.values.map(String))}`;
  if (code === 'too_small') return `must ${sizeOf(issue.origin, 'at least', issue.minimum)}`;
  if (code === 'too_big') return `must ${sizeOf(issue.origin, 'at most', issue.maximum)}`;
  return 'has a form that is not accepted';
}

function choiceOf(values: readonly string[]): string {
  if (values.length > LISTED) return 'another value';
  return values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function sizeOf(origin: string, bound: string, size: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${counted(size, 'character')}`;
  if (origin === 'array') return `have ${bound} ${counted(size, 'entry')}`;
  return `be ${bound} ${size}`;
}

/** `spokes[0].account`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null) return false;
  const inner: unknown = Reflect.get(value, key);
  return rest.length === 0 ? inner === undefined : isMissing(inner, rest);
}
