import { wallTimeOf } from '../paste-clock.ts';
import type { PasteLine } from '../paste-line.ts';
import type { Heading } from './headings.ts';
import { HostNames, isHostLike, isSameHost, plainName } from './names.ts';

/** Longer lines are no sentence above an output. */
const LONGEST = 140;

/** Words of a sentence that still announces what follows. */
const MOST_WORDS = 16;

/** Lines between a sentence and what it announces. */
const MOST_BETWEEN = 3;

/** A word before a machine's name that makes it the place where something was read. */
const BEFORE_NAME =
  /^(?:on|from|of|at|is|was|with|while|and|but|versus|vs\.?|node|host|server|worker|machine|instance|here|same)$/i;

/**
 * Sentences without a colon that name one machine, directly above a reading or a command, where the text is of several: they
 * say whose it is as a heading does. A name in a sentence above nothing is only talked of.
 *
 * @param headings that name hosts by themselves
 * @param isReading whether a reading begins on a line
 */
export function withMentions(
  lines: readonly PasteLine[],
  headings: ReadonlyMap<number, Heading>,
  isReading: (at: number) => boolean,
): ReadonlyMap<number, Heading> {
  const mentions = lines.flatMap(({ text, command, host }, at): (readonly [number, Heading])[] => {
    if (command !== undefined || host !== undefined || headings.has(at) || text.length > LONGEST) return [];
    const name = mentionIn(text);
    const isAbove = name !== undefined && !isReading(at) && announces(lines, at, name, isReading);
    return isAbove ? [[at, { name, rest: '', isKept: false, isMention: true }]] : [];
  });
  if (mentions.length === 0) return headings;
  const names = new HostNames();
  for (const [, { name }] of [...mentions, ...headings]) names.of(name);
  for (const { host } of lines) if (host !== undefined) names.of(host);
  return names.count > 1 ? new Map([...headings, ...mentions]) : headings;
}

/** The only machine that a sentence names, where its words say that something is from there. */
function mentionIn(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  if (words.length < 2 || words.length > MOST_WORDS || /[{}=|]/.test(text)) return undefined;
  const places = words.flatMap((word, at) => (isHostLike(plainName(word)) ? [at] : []));
  const [place] = places;
  if (place === undefined || places.length > 1) return undefined;
  const name = plainName(words[place] ?? '');
  // Versions have a number behind a dot, as the addresses of machines alone do.
  if (/\d\.\d/.test(name) && !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return undefined;
  const isPlaced = place === 0 || BEFORE_NAME.test(words[place - 1] ?? '');
  return isPlaced ? name : undefined;
}

/** Whether what a sentence stands above may be of the machine that it names: a reading, a date, a command of no other prompt. */
function announces(
  lines: readonly PasteLine[],
  at: number,
  name: string,
  isReading: (at: number) => boolean,
): boolean {
  for (let next = at + 1; next <= at + MOST_BETWEEN; next += 1) {
    const line = lines[next];
    if (line === undefined) return false;
    if (line.command !== undefined) return line.host === undefined || isSameHost(line.host, name);
    if (isReading(next)) return line.host === undefined || isSameHost(line.host, name);
    if (
      !/^\s*(?:```\w*|<\/?(?:pre|code)>)?\s*$/.test(line.text) &&
      wallTimeOf(line.text, 'date') === undefined
    )
      return false;
  }
  return false;
}
