/** The lines of a text, whichever of the two usual ends they have. */
export function linesOf(text: string): string[] {
  // A plain separator is found many times faster than a pattern, and nodes print no carriage returns.
  return text.includes('\r') ? text.split(/\r?\n/) : text.split('\n');
}
