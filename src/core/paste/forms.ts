import { filesOfDiff } from './side-by-side.ts';

/**
 * Text as it was before something wrapped it: an answer of Systems Manager or Ansible with the output inside a string, marks
 * of a diff, entities of a web page, punctuation of another keyboard. Lines stay lines; what is inside a string becomes some.
 */
export function plainForm(text: string): string {
  return withoutMarks(unwrappedOutputs(unwrappedLists(text)))
    .replaceAll(ENTITY, entity)
    .replaceAll(FULL_WIDTH, halfWidth);
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
    const isOutput = printed?.includes('\n') === true || (printed !== '' && whole.startsWith('"stdout"'));
    return printed === undefined || !isOutput ? whole : `\n${printed}\n`;
  });
}

/** Ansible's list of the lines that a command printed, on one line or on many. */
const LISTED_LINES =
  /"([\w.]{0,80}?)std(?:out|err)_lines"\s{0,4}:\s{0,4}\[((?:[^\]"\\]|"(?:[^"\\]|\\.){0,2000}"){0,8000})\]/g;

/** Takes the lines out of Ansible's lists, and drops a list beside the same output in one string: it was printed once. */
function unwrappedLists(text: string): string {
  if (!text.includes('_lines"')) return text;
  const isTwice = /"stdout"\s{0,4}:/.test(text);
  return text.replaceAll(LISTED_LINES, (whole, variable: string, list: string) => {
    if (isTwice && variable === '') return whole.replaceAll(/[^\n]/g, '');
    const inLines = (item: string) => decoded(item.slice(1, -1)) ?? item;
    const isOverMany = list.includes('\n');
    const lines = list.replaceAll(/[ \t]*("(?:[^"\\]|\\.)*")[ \t]*,?/g, (_, item: string) =>
      isOverMany ? inLines(item) : `\n${inLines(item)}`,
    );
    return isOverMany ? lines : `${lines}\n`;
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
  const [, margin] = /^([ \t]{0,8})@@ -\d{1,9}(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? @@/m.exec(text) ?? [];
  if (margin === undefined) return text;
  const heads = text.split('\n');
  // What two machines printed is taken apart later, whole.
  if (heads.some((line, at) => filesOfDiff(line, heads[at + 1]) !== undefined)) return text;
  const lines = text.split('\n').map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line));
  const isHead = (line: string, at: number) =>
    /^(?:\+\+\+|@@|diff |index )/.test(line) ||
    (line.startsWith('---') && lines[at + 1]?.startsWith('+++') === true);
  return lines
    .map((line, at) => (isHead(line, at) ? '' : line.replace(/^(?:[-+](?!-{3})| )/, '')))
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
