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
