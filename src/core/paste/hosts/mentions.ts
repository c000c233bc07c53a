import { spokenDelay, wallTimeOf } from '../paste-clock.ts';
import type { PasteLine } from '../paste-line.ts';
import { belowOf } from './above.ts';
import type { Heading } from './heading-forms.ts';
import { HostNames, isSameHost } from './names.ts';
import { type Readings, sharesReadings } from './readings.ts';
import { announcesSeveral, authorOf, type Sentence, saysSeveral, sentenceOf } from './sentences.ts';

/** Longer lines are no sentence above an output. */
const LONGEST = 200;

/** Sentences that name machines above readings; a text with more is none that people paste. */
const MOST_MENTIONS = 500;

/** Headings with those that sentences make. */
export interface Mentioned {
  readonly headings: ReadonlyMap<number, Heading>;
  /** Whether more than one machine is spoken of and nothing says which of them printed what. */
  readonly isOpen: boolean;
  /** Whether sentences name more than one machine, so that what stands under none of them may be of any. */
  readonly isMixed: boolean;
}

interface Mention {
  readonly at: number;
  readonly sentence: Sentence;
  /** Whether it stands right above a reading, says that something is from there, and names one machine. */
  readonly isSure: boolean;
}

/**
 * Sentences that name a machine above a reading or a command, where the text is of several: they say whose it is as a
 * heading does. One that only may do so counts where the same is read below another one's name. A name in a sentence above
 * nothing is only talked of.
 *
 * @param headings that name hosts by themselves
 */
export function withMentions(
  lines: readonly PasteLine[],
  headings: ReadonlyMap<number, Heading>,
  readings: Readings,
): Mentioned {
  const spoken = lines.flatMap(
    ({ text, command, host }, at): readonly { at: number; sentence: Sentence }[] => {
      if (command !== undefined || host !== undefined || headings.has(at) || text.length > LONGEST) return [];
      const sentence = sentenceOf(text);
      return sentence === undefined || readings.beginsAt(at) ? [] : [{ at, sentence }];
    },
  );
  const isUnclear = headings.size === 0 && isOfSeveral(lines, readings);
  if (spoken.length === 0) return { headings, isOpen: isUnclear, isMixed: false };
  const mentions = spoken.flatMap(({ at, sentence }) => mentionAt(lines, at, sentence, readings) ?? []);
  if (mentions.length > MOST_MENTIONS) return { headings, isOpen: true, isMixed: true };
  const kept = keptOf(mentions, headings, { readings, lines });
  const names = namesOf(lines, headings, kept);
  if (looksBack(spoken, kept, readings, lines.length)) return { headings, isOpen: true, isMixed: true };
  const isBesidePrompt = names.count === 1 && kept.some(({ sentence }) => sentence.name === undefined);
  const isContrast =
    names.count === 1 && headings.size === 0 && !isBesidePrompt && isBeside(kept, readings, lines.length);
  if (names.count < 2 && !isContrast && !isBesidePrompt)
    return { headings, isOpen: isUnclear, isMixed: false };
  const added = kept.map(({ at, sentence: { name = '' } }): readonly [number, Heading] => [
    at,
    { name, rest: '', isKept: false, isMention: true },
  ]);
  return { headings: new Map([...headings, ...added]), isOpen: isContrast, isMixed: true };
}

function mentionAt(
  lines: readonly PasteLine[],
  at: number,
  sentence: Sentence,
  readings: Readings,
): Mention | undefined {
  const below = belowOf(lines, at, readings);
  if (below === undefined) return undefined;
  const { line, isDirect } = below;
  const { name, isPlaced } = sentence;
  const isOthers = line.host !== undefined && (name === undefined || !isSameHost(line.host, name));
  return isOthers ? undefined : { at, sentence, isSure: isPlaced && isDirect };
}

/**
 * Mentions that are sure, and those under which the same is read as under another name. What a tool or a mark heads is of
 * that machine, whatever a sentence in it says, until the same is read once more.
 */
function keptOf(
  mentions: readonly Mention[],
  headings: ReadonlyMap<number, Heading>,
  { readings, lines }: { readonly readings: Readings; readonly lines: readonly PasteLine[] },
): readonly Mention[] {
  const marks = [
    ...mentions.map(({ at, sentence: { name = '' } }) => ({ at, name, head: undefined })),
    ...Array.from(headings, ([at, head]) => ({ at, name: head.name, head })),
  ].toSorted((a, b) => a.at - b.at);
  const hosts = new HostNames();
  const blocks = marks.map(({ at, name, head }, index) => ({
    at,
    head,
    name: name === '' ? '' : hosts.of(name),
    read: readings.allWithin(at + 1, marks[index + 1]?.at ?? lines.length),
  }));
  const lead = { name: 'before', read: readings.allWithin(0, marks[0]?.at ?? 0) };
  return mentions.filter(({ at, isSure, sentence: { name } }) => {
    const index = blocks.findIndex((block) => block.at === at);
    const own = blocks[index];
    const head = blocks.findLast((block, before) => before < index && block.head !== undefined);
    if (own === undefined) return false;
    if (head === undefined) {
      const isOther = name === undefined && sharesReadings(own, [lead, ...blocks.slice(0, index)]);
      return isSure || isOther || sharesReadings(own, blocks);
    }
    const isWithin = indentOf(lines[at]) > indentOf(lines[head.at]);
    const isOfHeading = head.head?.isFormal === true || isWithin;
    return (isSure && !isOfHeading) || sharesReadings(own, blocks.slice(blocks.indexOf(head), index));
  });
}

function indentOf(line: PasteLine | undefined): number {
  return (line?.text ?? '').search(/\S|$/);
}

function namesOf(
  lines: readonly PasteLine[],
  headings: ReadonlyMap<number, Heading>,
  mentions: readonly Mention[],
): HostNames {
  const names = new HostNames();
  for (const { sentence } of mentions) for (const name of sentence.names) names.of(name);
  for (const { name } of headings.values()) names.of(name);
  for (const { host } of lines) if (host !== undefined) names.of(host);
  return names;
}

/**
 * Whether the text says that it is of several machines and calls none, and holds the same readings more than once: under
 * different sentences, as in `We compared two nodes. First: …`, under one, or in messages of different people.
 */
function isOfSeveral(lines: readonly PasteLine[], readings: Readings): boolean {
  if (lines.some(({ host }) => host !== undefined)) return false;
  const plain = lines.flatMap(({ text, command }, at) =>
    command === undefined && text.length <= LONGEST && /\p{L}/u.test(text) && !readings.beginsAt(at)
      ? [{ at, text }]
      : [],
  );
  const authors = plain.flatMap(({ at, text }) => {
    const name = authorOf(text);
    return name === undefined ? [] : [{ at, name }];
  });
  if (new Set(authors.map(({ name }) => name)).size > 1 && areAlike(authors, lines.length, readings))
    return true;
  const told = plain.filter(({ text }) => saysSeveral(text));
  if (told.length === 0) return false;
  const both = told.find(({ text }) => announcesSeveral(text));
  const marks = plain.flatMap(({ at, text }) => {
    const isMoment = spokenDelay(text) !== undefined || wallTimeOf(text, 'date') !== undefined;
    return !isMoment && belowOf(lines, at, readings)?.isDirect === true ? [{ at, name: `${at}` }] : [];
  });
  return (
    areAlike(marks, lines.length, readings) ||
    (both !== undefined &&
      belowOf(lines, both.at, readings)?.isDirect === true &&
      readings.repeatsWithin(both.at + 1, lines.length))
  );
}

/** Whether the same is read below two marks of different names. */
function areAlike(
  marks: readonly { readonly at: number; readonly name: string }[],
  end: number,
  readings: Readings,
): boolean {
  const blocks = marks.map(({ at, name }, index) => ({
    name,
    read: readings.namedWithin(at + 1, marks[index + 1]?.at ?? end),
  }));
  return blocks.some((block) => sharesReadings(block, blocks));
}

/** Whether what the only machine that is named is set against stands above its first mention: `… and lb02 for comparison:`. */
function isBeside([first]: readonly Mention[], readings: Readings, end: number): boolean {
  if (first === undefined) return false;
  const { at, sentence, isSure } = first;
  if (!sentence.contrasts && (!isSure || !sentence.isPlace || sentence.isLater)) return false;
  const [before, own] = [readings.allWithin(0, at), readings.allWithin(at + 1, end)];
  return [...own].some((key) => before.has(key));
}

/** Whether sentences name machines below what they printed: then what is above each may be of any of them. */
function looksBack(
  spoken: readonly { readonly at: number; readonly sentence: Sentence }[],
  kept: readonly Mention[],
  readings: Readings,
  end: number,
): boolean {
  const names = new HostNames();
  for (const { sentence } of spoken) for (const name of sentence.names) names.of(name);
  if (names.count < 2) return false;
  const [first, last] = [spoken[0]?.at ?? 0, spoken.at(-1)?.at ?? 0];
  const isBelow = kept.length < spoken.length && spoken.some(({ sentence }) => sentence.looksBack);
  const above = readings.allWithin(0, first);
  const isTrailing = above.size > 0 && ![...readings.allWithin(last + 1, end)].some((key) => above.has(key));
  return isBelow && isTrailing;
}
