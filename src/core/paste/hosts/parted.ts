import type { Piece } from '../assemble.ts';
import { sampleStarts } from '../found.ts';
import { saysLater, spokenDelay } from '../paste-clock.ts';
import type { PasteLine } from '../paste-line.ts';
import { canBeCalled, IPV4, isSameHost, NUMERIC, withoutEnding } from './names.ts';
import { isNoPlace } from './parallel.ts';
import { windowOf } from './screens.ts';
import { isOtherKind } from './sentences.ts';
import { headTwo, movesTo } from './short-headings.ts';
import { isNoName } from './words.ts';

/** Samples of a text whose surroundings are compared, and lines around each. */
const [MOST_SAMPLES, MOST_AROUND] = [12, 24];

/** Words of a line that may stand around an output and not be prose. */
const MOST_TOKENS = 40;

/** Words in which two such lines may differ. */
const MOST_OTHERS = 2;

/**
 * Whether what stands around the samples of one host says that they may be of two: lines alike but for a word that can be a
 * name, as prompts with another environment in front, windows of a multiplexer, titles of terminals and headings of any
 * form are. Words for moments, states, tools and directions are none.
 *
 * @param rest lines that are no tool's output
 */
export function areParted(
  lines: readonly PasteLine[],
  { pieces, rest }: { readonly pieces: readonly Piece[]; readonly rest: readonly PasteLine[] },
): boolean {
  // What has no keys is of no sample.
  const starts = sampleStarts(pieces.filter(({ found }) => found.keys.length > 0)).slice(0, MOST_SAMPLES);
  if (starts.length < 2) return false;
  const open = new Set(rest.map(({ number }) => number));
  const frames = framesOf(
    lines.filter(
      ({ number, command, text }) =>
        open.has(number) || command !== undefined || spokenDelay(text) !== undefined,
    ),
    pieces,
    starts,
  );
  return (
    frames.some((first, at) => frames.slice(at + 1).some((second) => differ(first, second))) ||
    areHeadedApart(frames.slice(0, -1))
  );
}

/** Whether what stands right above the samples heads them as different machines’. */
function areHeadedApart(frames: readonly (readonly PasteLine[])[]): boolean {
  const spoken = frames.map((frame) => frame.filter(({ command }) => command === undefined));
  const heads = spoken.map((frame) => frame.at(-1)?.text);
  const before = (at: number) => spoken.slice(0, at).flatMap((frame) => frame.map(({ text }) => text));
  return heads.some(
    (head, at) =>
      head !== undefined &&
      ((at > 0 && movesTo(head, before(at))) ||
        heads.slice(at + 1).some((other) => other !== undefined && headTwo(head, other))),
  );
}

/** What stands right before each sample, and after the last. */
function framesOf(
  around: readonly PasteLine[],
  pieces: readonly Piece[],
  starts: readonly number[],
): readonly (readonly PasteLine[])[] {
  const ends = [...starts.slice(1), Infinity].map((next) =>
    pieces.reduce((end, { from, to }) => (from < next ? Math.max(end, to) : end), 0),
  );
  return [...starts, Infinity].map((start, at) => {
    const end = ends[at - 1] ?? 0;
    return around.filter(({ number }) => number > end && number < start).slice(-MOST_AROUND);
  });
}

function differ(first: readonly PasteLine[], second: readonly PasteLine[]): boolean {
  const said = (line: PasteLine) => line.command ?? (isTyped(line) ? line.text : plain(line.text));
  const [these, those] = [second, first].map((other) => new Set(other.map(said)));
  const own = first.filter((line) => these?.has(said(line)) !== true);
  const others = second.filter((line) => those?.has(said(line)) !== true);
  return own.some((a) => others.some((b) => isOther(a, b)));
}

/** A line without the numbers that change with the time. */
function plain(text: string): string {
  return tokensOf(text)
    .map((token) => (NUMERIC.test(token) && !IPV4.test(token) ? '0' : token))
    .join(' ');
}

/** Words that make a line a sentence; what sentences say of machines is read elsewhere. */
const OF_SENTENCE =
  /^(?:is|are|was|were|be|the|a|an|and|but|while|when|from|to|of|with|has|had|have|this|that|we|i|it|my|our)$/i;

/** Words of the shortest sentence. */
const LEAST_OF_SENTENCE = 4;

function isSentence(text: string): boolean {
  const tokens = tokensOf(text);
  const words = tokens.filter((token) => /^\p{L}/u.test(token));
  const marks = tokens.filter((token) => /^[^\p{L}\p{N}.,:;!?'"()/-]/u.test(token));
  return (
    words.length >= LEAST_OF_SENTENCE && marks.length === 0 && words.some((word) => OF_SENTENCE.test(word))
  );
}

function isOther(a: PasteLine, b: PasteLine): boolean {
  if ((a.command === undefined) !== (b.command === undefined)) return false;
  if ([a, b].some(({ text }) => isMoment(text))) return false;
  if ([a, b].some(({ text }) => isSentence(text))) return areOfTwoPlaces(tokensOf(a.text), tokensOf(b.text));
  const [window, other] = [windowOf(a.text), windowOf(b.text)];
  if (window !== undefined && other !== undefined) return window !== other;
  const [one, two] = [tokensOf(a.text), tokensOf(b.text)];
  if (one.length !== two.length || one.length > MOST_TOKENS || one.length === 0) return false;
  if (isTyped(a) && one.some((token, at) => token !== two[at] && isTarget(one, at))) return true;
  const others = one.flatMap((token, at) => (isSame(token, two[at] ?? '') ? [] : [at]));
  const most = Math.min(MOST_OTHERS, Math.ceil(one.length / 2));
  return (
    others.length > 0 &&
    others.length <= most &&
    others.every(
      (at) => !isSameHost(one[at] ?? '', two[at] ?? '') && [one, two].every((tokens) => mayName(tokens, at)),
    )
  );
}

/** Whether two sentences are the same but for a place: `here is the gateway in Frankfurt`. */
function areOfTwoPlaces(one: readonly string[], two: readonly string[]): boolean {
  const [at, ...more] = one.flatMap((token, index) => (isSame(token, two[index] ?? '') ? [] : [index]));
  if (one.length !== two.length || at === undefined || more.length > 0) return false;
  return /^(?:in|on|at|of)$/i.test(one[at - 1] ?? '') && mayName(one, at) && mayName(two, at);
}

/** Whether a line is a command, known or not. */
function isTyped({ text, command }: PasteLine): boolean {
  return command !== undefined || /^\s*[$#%❯]\s/.test(text);
}

/** Whether a word of a command, or a number, is what the command goes into. */
function isTarget(tokens: readonly string[], at: number): boolean {
  const before = tokens.slice(Math.max(0, at - 3), at);
  const last = before.findLast((token) => /\p{L}/u.test(token)) ?? '';
  return (
    /^(?:ssh|exec|console|attach|enter|login|-{1,2}(?:t|target(?:-id)?|host|node|instance(?:-ids?)?))$/i.test(
      last,
    ) ||
    (tokens[at - 1] === '/' && before.some((token) => /^(?:ssh|exec)$/.test(token)))
  );
}

function isMoment(text: string): boolean {
  return saysLater(text) || spokenDelay(text) !== undefined;
}

function tokensOf(text: string): readonly string[] {
  return text.slice(0, 400).match(/[\p{L}\p{N}_.-]*[\p{L}\p{N}_]|\S/gu) ?? [];
}

/** Numbers, times and the marks of a shell say nothing of whose a line is. */
function isSame(a: string, b: string): boolean {
  return a === b || (NUMERIC.test(a) && NUMERIC.test(b) && !(IPV4.test(a) && IPV4.test(b)));
}

/** Before and after, the first and the second, in other languages. */
const MOMENT =
  /[前后後]$|^(?:vorher|nachher|zuvor|danach|avant|après|antes|después|depois|до|после|prima|dopo|erste|zweite|premier|second|primero|segundo|первый|второй)$/iu;

/** Whether a word can be what one machine is called and another is not. */
function mayName(tokens: readonly string[], at: number): boolean {
  const token = withoutEnding(tokens[at] ?? '');
  const [before = '', first = ''] = [tokens[at - 1], tokens[at - 2]];
  const isPath = before === '/' && (first === '' || !/[\p{L}\p{N}]$/u.test(first));
  if (isOtherKind(before)) return false;
  // Other scripts and languages have words for before and after.
  if (MOMENT.test(token)) return false;
  if (IPV4.test(token)) return !/^(?:from|to|by|via)$/i.test(before);
  if (!canBeCalled(token)) return false;
  return /\p{L}/u.test(token) && !token.startsWith('-') && !isPath && !isNoName(token) && !isNoPlace(token);
}
