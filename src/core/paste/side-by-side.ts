import { canBeHost, withoutEnding } from './hosts/names.ts';
import { isNoName } from './hosts/words.ts';

/** A line as it was pasted. */
interface Given {
  readonly text: string;
  readonly number: number;
}

/** What stands between two outputs that one line holds: a border of panes, the gutter of `diff -y`, a tabulator of `paste`, blanks. */
const GAPS = [/\s*[│┃║]\s?/, /\s+[|<>]\s+/, /\t+/, /\s{3,}/] as const;

/** A line of which each host prints its own, by what it is of. */
const OWN =
  /^\s*((?:net\.[\w.]{3,60}\.)?(?:nf|ip)_conntrack_\w{1,40})\s?[:=]?\s?\d+\s*$|^\s*(cpu=\d{1,4})\s+\w+=\d/;

/** Longer lines hold no two outputs; cutting there bounds the work of every pattern. */
const LONGEST = 1_000;

/** What `diff` says of the lines below: `1,4c1,4`. */
const CHANGED = /^\d{1,6}(?:,\d{1,6})?[acd]\d{1,6}(?:,\d{1,6})?$/;

/** The command that puts two files together, or tells what differs. */
const OF_TWO = /\b(?:diff|sdiff|colordiff|vimdiff|paste|pr)\s(?:.{0,200}\s)?(\S{1,200})\s+(\S{1,200})\s*$/;

/**
 * Takes two outputs apart that stand side by side or in a diff, each under a heading: panes of a terminal that were copied as
 * one, `paste`, `diff -y`, `diff`. Which of them is whose the files' names tell; without names they are of two nobody knows.
 */
export function apartFromBeside(given: readonly Given[]): readonly Given[] {
  return ofDiff(given) ?? ofColumns(given) ?? given;
}

function ofColumns(given: readonly Given[]): readonly Given[] | undefined {
  if (!given.some(({ text }) => text.length < LONGEST && /\d\s*(?:[│┃║|<>\t]|\s{3})\s*\S/.test(text)))
    return undefined;
  const gap = GAPS.find((one) => given.some(({ text }) => isTwice(partsOf(text, one))));
  if (gap === undefined) return undefined;
  const first = given.findIndex(({ text }) => partsOf(text, gap).length === 2 && namesOf(text) === undefined);
  const [left, right]: [Given[], Given[]] = [[], []];
  for (const line of given.slice(first)) {
    const [one = '', other, ...more] = partsOf(line.text, gap);
    left.push(other === undefined || more.length > 0 ? line : { ...line, text: one });
    if (other !== undefined && more.length === 0) right.push({ ...line, text: other });
  }
  return blocks(given, given.slice(0, first), [left, right]);
}

function isTwice(parts: readonly string[]): boolean {
  const [one, other] = parts.map((part) => OWN.exec(part));
  return parts.length === 2 && one != null && other != null && (one[1] ?? one[2]) === (other[1] ?? other[2]);
}

function ofDiff(given: readonly Given[]): readonly Given[] | undefined {
  const first = given.findIndex(({ text }) => CHANGED.test(text.trim()));
  const marks = first < 0 ? undefined : (['< ', '> '] as const);
  if (marks !== undefined) {
    const sides = marks.map((mark) =>
      given
        .slice(first)
        .flatMap((line) => (line.text.startsWith(mark) ? [{ ...line, text: line.text.slice(2) }] : [])),
    );
    return sides.every((side) => side.length > 0) ? blocks(given, given.slice(0, first), sides) : undefined;
  }
  const head = given.findIndex(({ text }, at) => filesOfDiff(text, given[at + 1]?.text) !== undefined);
  const files = filesOfDiff(given[head]?.text ?? '', given[head + 1]?.text);
  if (files === undefined) return undefined;
  const body = given.slice(head + 2).filter(({ text }) => !text.startsWith('@@'));
  const sides = ['-', '+'].map((mark) =>
    body.flatMap((line) =>
      line.text.startsWith(mark) || line.text.startsWith(' ') ? [{ ...line, text: line.text.slice(1) }] : [],
    ),
  );
  return blocks(given, given.slice(0, head), sides, files);
}

/** The names of two files of a unified diff that are of two machines; `undefined` where they are of one, as before and after. */
export function filesOfDiff(first: string, second = ''): readonly [string, string] | undefined {
  const [one, other] = [/^--- (\S{1,200})/.exec(first)?.[1], /^\+\+\+ (\S{1,200})/.exec(second)?.[1]];
  if (one === undefined || other === undefined) return undefined;
  const [a, b] = [nameOf(one), nameOf(other)];
  return a !== b && canBeHost(a) && canBeHost(b) && !isNoName(a) && !isNoName(b) ? [a, b] : undefined;
}

function partsOf(text: string, gap: RegExp): readonly string[] {
  return text.length > LONGEST ? [text] : text.split(gap);
}

/** The names of the files that a command puts together. */
function namesOf(text: string): readonly string[] | undefined {
  const [, one, other] = (text.length > LONGEST ? null : OF_TWO.exec(text)) ?? [];
  return one === undefined || other === undefined ? undefined : [nameOf(one), nameOf(other)];
}

/** A file’s name without its folder and its ending. */
function nameOf(path: string): string {
  return withoutEnding(path.split('/').at(-1) ?? '');
}

function blocks(
  given: readonly Given[],
  before: readonly Given[],
  sides: readonly (readonly Given[])[],
  files?: readonly string[],
): readonly Given[] {
  const told = files ?? given.map(({ text }) => namesOf(text)).find((names) => names !== undefined) ?? [];
  const names = told.length === 2 && told.every(canBeHost) ? told : ['pane-1', 'pane-2'];
  return [
    ...before,
    ...sides.flatMap((side, at) => [{ text: `=== ${names[at]} ===`, number: side[0]?.number ?? 1 }, ...side]),
  ];
}
