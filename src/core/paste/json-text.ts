/** How many brackets a line opens, less those it closes, outside of strings. */
export function balanceOf(text: string): number {
  let balance = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isString && character === '\\') at += 1;
    else if (character === '"') isString = !isString;
    else if (!isString && (character === '[' || character === '{')) balance += 1;
    else if (!isString && (character === ']' || character === '}')) balance -= 1;
  }
  return balance;
}

/** The value of a JSON text, `undefined` where it is none. */
export function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with keys, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
