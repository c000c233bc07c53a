/** A text as JSON; `undefined` for what is none. The parser's own words are left out: they quote the text, which may be a secret. */
export function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
