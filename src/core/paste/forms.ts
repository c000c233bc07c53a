/**
 * Text as it was before something wrapped it: an answer of Systems Manager or Ansible with the output inside a string, marks
 * of a diff, entities of a web page, punctuation of another keyboard. Lines stay lines; what is inside a string becomes some.
 */
export function plainForm(text: string): string {
  return withoutMarks(unwrappedOutputs(text)).replaceAll(ENTITY, entity).replaceAll(FULL_WIDTH, halfWidth);
}

/** Names under which services and tools put what a command printed. */
const OUTPUT =
  /"(?:StandardOutputContent|StandardErrorContent|Output|stdout|stderr)"\s{0,4}:\s{0,4}"([^"\\]*(?:\\.[^"\\]*)*)"/g;

/** Characters of outputs that are taken out of strings: a service's answer has 24,000 at most (AWS API reference, GetCommandInvocation). */
const MOST_UNWRAPPED = 400_000;

function unwrappedOutputs(text: string): string {
  if (!/"(?:StandardOutputContent|Output|stdout)"/.test(text)) return text;
  let left = MOST_UNWRAPPED;
  return text.replaceAll(OUTPUT, (whole, inner: string) => {
    left -= inner.length;
    if (left < 0) return whole;
    const printed = decoded(inner);
    return printed === undefined || !printed.includes('\n') ? whole : `\n${printed}\n`;
  });
}

function decoded(inner: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${inner}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the marks of a diff off where the text is one: it has a heading of a part, and each line a mark or a blank. */
function withoutMarks(text: string): string {
  if (!/^@@ -\d{1,9}(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? @@/m.test(text)) return text;
  return text
    .split('\n')
    .map((line) => (/^(?:---|\+\+\+|@@|diff |index )/.test(line) ? '' : line.replace(/^[-+ ]/, '')))
    .join('\n');
}

const ENTITY = /&(?:quot|amp|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});/g;
const NAMED: Readonly<Record<string, string>> = { quot: '"', amp: '&', apos: "'", nbsp: ' ' };

function entity(mark: string): string {
  const name = mark.slice(1, -1);
  if (!name.startsWith('#')) return NAMED[name] ?? mark;
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  // Only what shows: an entity is no way to bring in what acts on a terminal.
  return code >= 32 && code < 127 ? String.fromCodePoint(code) : mark;
}

const FULL_WIDTH = /[\uff01-\uff5e\u3000]/g;

function halfWidth(character: string): string {
  return character === '\u3000' ? ' ' : String.fromCodePoint((character.codePointAt(0) ?? 0) - 0xfe_e0);
}
