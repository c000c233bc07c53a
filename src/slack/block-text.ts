import type { MrkdwnElement, PlainTextElement } from '@slack/types';
import { keepUnits } from '../core/words.ts';

/** Text in Slack's mrkdwn in which everything foreign is already escaped. Made by {@link mrkdwn} and {@link joinMrkdwn}. */
export interface Mrkdwn {
  readonly mrkdwn: string;
}

// Control characters, bidirectional overrides and marks, zero-width characters: nothing that a reader could see.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

/** One line of visible text: line breaks, control characters, direction marks and zero-width characters are gone. */
export function visible(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').replaceAll(INVISIBLE, '');
}

/** Escapes the three characters that Slack parses (docs.slack.dev, formatting message text, escaping). */
export function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

// mrkdwn has no escape for its own marks, so foreign ones become look-alikes that Slack does not parse. An underscore
// inside a word is no mark, which keeps sysctl keys copyable.
const LOOK_ALIKES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\*/g, '∗'],
  [/~/g, '∼'],
  [/`/g, 'ˋ'],
  [/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿'],
  [/:(?=\/\/)/g, '∶'],
  // `:skull:`, `:+1:` and `:100:`, but not the minutes and seconds of a time of day, `14:02:10Z:`, which are copied: no emoji
  // has a capital letter in its name.
  [/(?<!\b\d\d:\d\d(?=:\d\dZ\b)):(?=(?:[a-zA-Z0-9_+'-]*[a-zA-Z][a-zA-Z0-9_+'-]*|[+-]\d|\d{3,}):)/g, '∶'],
];

/** Foreign text that can make no mention, link, emoji or formatting. One line, escaped, not yet cut. */
export function escapeMrkdwn(text: string): string {
  const tamed = LOOK_ALIKES.reduce(
    (result, [pattern, by]) => result.replaceAll(pattern, by),
    keepUnits(visible(text)),
  );
  return escapeEntities(tamed);
}

/** Tagged template for mrkdwn: the template is ours, every inserted string is foreign and gets escaped. */
export function mrkdwn(template: TemplateStringsArray, ...inserted: readonly (string | Mrkdwn)[]): Mrkdwn {
  const parts = inserted.map((part) => (typeof part === 'string' ? escapeMrkdwn(part) : part.mrkdwn));
  return { mrkdwn: template.map((ours, index) => ours + (parts[index] ?? '')).join('') };
}

/** Joins pieces by a separator of ours. */
export function joinMrkdwn(parts: readonly Mrkdwn[], separator: string): Mrkdwn {
  return { mrkdwn: parts.map((part) => part.mrkdwn).join(separator) };
}

/** Longest word that is left out whole where a text is cut: no number of ours with its unit is longer. */
const WORD_CHARS = 40;

/**
 * The same text with at most `maxChars` UTF-16 units, ending in an ellipsis when it was cut. It is cut between words: half a
 * number would be another number.
 */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = betweenWords(text, maxChars - 1);
  // An ellipsis inside `&amp;` or between the halves of a surrogate pair would make another text of it.
  return `${kept.replace(/&[a-z]{0,3}$/, '').replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function betweenWords(text: string, chars: number): string {
  const kept = text.slice(0, chars);
  const last = Math.max(kept.lastIndexOf(' '), kept.lastIndexOf('\n'));
  const isWhole = / |\n/.test(text.charAt(chars));
  return isWhole || last <= 0 || chars - last > WORD_CHARS ? kept : kept.slice(0, last).trimEnd();
}

/** How many entries a list may show, and how many characters it may take with its title. */
interface ListBound {
  readonly most: number;
  readonly maxChars: number;
}

/**
 * A title with as many whole lines as fit, and how many were left out: a list that breaks off does not tell that it goes on.
 * A first line that is too long by itself is cut, so that at least one is there.
 */
export function linesThatFit(
  title: Mrkdwn,
  lines: readonly Mrkdwn[],
  mostLines: number,
  maxChars: number,
): Mrkdwn {
  return entriesThatFit(title, lines, '\n', { most: mostLines, maxChars });
}

/** The same for entries of one line; the title and each entry are told apart by a space and the separator. */
export function listThatFits(
  title: Mrkdwn,
  entries: readonly Mrkdwn[],
  bound: ListBound,
  separator = ' · ',
): Mrkdwn {
  return entriesThatFit(title, entries, separator, bound);
}

function entriesThatFit(
  title: Mrkdwn,
  entries: readonly Mrkdwn[],
  separator: string,
  { most, maxChars }: ListBound,
): Mrkdwn {
  const behindTitle = separator === '\n' ? '\n' : ' ';
  const written = (parts: readonly Mrkdwn[]): Mrkdwn =>
    parts.length === 0 ? title : joinMrkdwn([title, joinMrkdwn(parts, separator)], behindTitle);
  const shown = (count: number): readonly Mrkdwn[] => {
    const hidden = entries.length - count;
    return [...entries.slice(0, count), ...(hidden > 0 ? [{ mrkdwn: `+${hidden} more` }] : [])];
  };
  for (let count = Math.min(entries.length, most); count > 0; count--) {
    const text = written(shown(count));
    if (text.mrkdwn.length <= maxChars) return text;
  }
  const [first, ...rest] = shown(Math.min(entries.length, 1));
  if (first === undefined) return title;
  const taken = written([{ mrkdwn: '' }, ...rest]).mrkdwn.length;
  return written([{ mrkdwn: cut(first.mrkdwn, Math.max(1, maxChars - taken)) }, ...rest]);
}

/** A text as a heading and what is said below it. */
export interface SplitText {
  /** The beginning, with an ellipsis where the sentence goes on. */
  readonly kept: string;
  /** What the beginning does not say; empty where it says all. */
  readonly rest: string;
}

/**
 * A text in two, the first of at most `maxChars` UTF-16 units: it ends with a sentence or a half of one where one ends in its second
 * half, with a clause where one ends there, and otherwise between words.
 */
export function splitAtClause(text: string, maxChars: number): SplitText {
  if (text.length <= maxChars) return { kept: text, rest: '' };
  const room = text.slice(0, maxChars - 1);
  const lastOf = (marks: readonly string[]) => Math.max(...marks.map((mark) => room.lastIndexOf(mark)));
  const end = [lastOf(['; ', '. ']), lastOf([', '])].find((at) => at >= maxChars / 2);
  const kept = end === undefined ? cut(text, maxChars).slice(0, -1) : text.slice(0, end);
  return { kept: `${kept}…`, rest: text.slice(kept.length).replace(/^[;.,]? /, '') };
}

/** The same text with at most `maxChars` UTF-16 units: the beginning that {@link splitAtClause} keeps. */
export const cutAtClause = (text: string, maxChars: number): string => splitAtClause(text, maxChars).kept;

/** A mrkdwn object; `verbatim` keeps Slack from making links and mentions of bare words. */
export function mrkdwnText(text: Mrkdwn, maxChars: number): MrkdwnElement {
  return { type: 'mrkdwn', text: cut(text.mrkdwn, maxChars), verbatim: true };
}

/**
 * A plain_text object without emoji codes. Whether clients decode entities there is not documented, so the three
 * characters that Slack parses become look-alikes instead, which is right either way.
 */
export function plainText(text: string, maxChars: number, shorten = cut): PlainTextElement {
  const safe = keepUnits(visible(text))
    .trim()
    .replaceAll('&', '＆')
    .replaceAll('<', '‹')
    .replaceAll('>', '›');
  return { type: 'plain_text', text: shorten(safe, maxChars), emoji: false };
}
