import { spokenDelay, wallTimeOf } from '../paste-clock.ts';
import type { PasteLine } from '../paste-line.ts';
import { belowOf } from './above.ts';
import type { Heading } from './headings.ts';
import { HostNames, isSameHost } from './names.ts';
import { type Readings, sharesReadings } from './readings.ts';
import { type Sentence, saysSeveral, sentenceOf } from './sentences.ts';

/** Longer lines are no sentence above an output. */
const LONGEST = 200;

/** Headings with those that sentences make. */
export interface Mentioned {
  readonly headings: ReadonlyMap<number, Heading>;
  /** Whether more than one machine is spoken of and nothing says which of them printed what. */
  readonly isOpen: boolean;
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
  const isUnclear = headings.size === 0 && saysSeveralOf(lines, readings);
  if (spoken.length === 0) return { headings, isOpen: isUnclear };
  const mentions = spoken.flatMap(({ at, sentence }) => mentionAt(lines, at, sentence, readings) ?? []);
  const kept = keptOf(mentions, headings, { readings, lines });
  const names = namesOf(lines, headings, kept);
  if (looksBack(spoken, kept, readings, lines.length)) return { headings, isOpen: true };
  const isContrast = names.count === 1 && headings.size === 0 && isBeside(kept, readings, lines.length);
  if (names.count < 2 && !isContrast) return { headings, isOpen: isUnclear };
  const added = kept.map(({ at, sentence: { name = '' } }): readonly [number, Heading] => [
    at,
    { name, rest: '', isKept: false, isMention: true },
  ]);
  return { headings: new Map([...headings, ...added]), isOpen: isContrast };
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
  return mentions.filter(({ at, isSure }) => {
    const index = blocks.findIndex((block) => block.at === at);
    const own = blocks[index];
    const head = blocks.findLast((block, before) => before < index && block.head !== undefined);
    if (own === undefined) return false;
    if (head === undefined) return isSure || sharesReadings(own, blocks);
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
 * Whether the text says that it is of several machines, calls none, and holds the same readings under different sentences:
 * `We compared two nodes. First: …`
 */
function saysSeveralOf(lines: readonly PasteLine[], readings: Readings): boolean {
  const isPlain = ({ command, host }: PasteLine) => command === undefined && host === undefined;
  if (lines.some(({ host }) => host !== undefined)) return false;
  if (!lines.some((line) => isPlain(line) && line.text.length <= LONGEST && saysSeveral(line.text)))
    return false;
  const marks = lines.flatMap((line, at) => {
    const isMark =
      isPlain(line) && /^\W*\p{L}/u.test(line.text) && line.text.length <= LONGEST && !readings.beginsAt(at);
    const isMoment = spokenDelay(line.text) !== undefined || wallTimeOf(line.text, 'date') !== undefined;
    return isMark && !isMoment && belowOf(lines, at, readings)?.isDirect === true ? [at] : [];
  });
  const blocks = marks.map((at, index) => ({
    name: `${at}`,
    read: readings.namedWithin(at + 1, marks[index + 1] ?? lines.length),
  }));
  return blocks.some((block) => sharesReadings(block, blocks));
}

/** Whether what one machine is set against stands above its name: `… and lb02 for comparison:`. */
function isBeside(mentions: readonly Mention[], readings: Readings, end: number): boolean {
  return mentions.some(({ at, sentence }) => {
    if (!sentence.contrasts) return false;
    const [before, own] = [readings.allWithin(0, at), readings.allWithin(at + 1, end)];
    return [...own].some((key) => before.has(key));
  });
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
  const isTrailing = readings.allWithin(0, first).size > 0 && readings.allWithin(last + 1, end).size === 0;
  return isBelow && isTrailing;
}
