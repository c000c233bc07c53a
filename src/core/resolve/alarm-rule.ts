const STATE = '(?:ALARM|OK|INSUFFICIENT_DATA)';
const NAME = `(?:"[^"]*"|'[^']*'|[^\\s()"',]+)`;
const FUNCTION = new RegExp(`\\b${STATE}\\s*\\(\\s*(${NAME})\\s*\\)`, 'g');
/** `AT_LEAST(2, ALARM, (a, b, c))`, `AT_LEAST(60%, NOT OK, (a, b))`. */
const AT_LEAST = new RegExp(
  `\\bAT_LEAST\\s*\\([^()]*,\\s*(?:NOT\\s+)?${STATE}\\s*,\\s*\\(([^()]*)\\)\\s*\\)`,
  'g',
);

/**
 * Names of the alarms that a composite alarm's rule looks at, each once. A rule names them with or without quotes, by name
 * or by ARN (CloudWatch API reference, PutCompositeAlarm).
 */
export function alarmsOfRule(rule: string): readonly string[] {
  const single = [...rule.matchAll(FUNCTION)].map(([, name = '']) => name);
  const listed = [...rule.matchAll(AT_LEAST)].flatMap(
    ([, names = '']) => names.match(new RegExp(NAME, 'g')) ?? [],
  );
  const names = [...single, ...listed].map((text) => nameOf(text.replaceAll(/^["']|["']$/g, '')));
  return [...new Set(names)].filter((name) => name !== '');
}

/** Alarms of a rule are in the rule's own account and region, so the name says everything. */
function nameOf(text: string): string {
  return /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.*)$/.exec(text)?.[1] ?? text;
}

/** A composite alarm watches at most 100 others, and composites may watch composites. */
export const ALARMS_MAX = 100;
/** So many composites below each other are followed. */
export const DEPTH_MAX = 5;

/**
 * The alarms of a rule that nobody has looked at yet; they count as looked at from now on.
 *
 * @param visited names of those that were looked at; it grows by those that are to be followed
 * @returns their names, and how many more there are than are followed
 */
export function newlyWatched(
  rule: string,
  visited: Set<string>,
): { readonly followed: readonly string[]; readonly left: number } {
  const names = alarmsOfRule(rule).filter((name) => !visited.has(name));
  const followed = names.slice(0, Math.max(0, ALARMS_MAX - visited.size));
  for (const name of followed) visited.add(name);
  return { followed, left: names.length - followed.length };
}
