import { isNoName } from './words.ts';

/** Words of a heading that may differ from another heading's in one. */
const [LEAST_WORDS, MOST_WORDS] = [2, 6];

/** Words that tell more, less, a way or an order and not where something is. */
const NO_PLACE =
  /^(?:with|without|no|some|more|less|most|under|over|at|in|on|from|for|by|via|using|the|a|an|same|high|higher|low|lower|heavy|light|full|half|again|still|also|both|all|each|every|is|are|was|were|shows?|says?|only|just|fast|slow|next|last|as|of|to|and|or|not|sample|run|attempt|try|take|step|iteration|round|snapshot|reading|raw|verbose|default|short|long)$/i;

/** A short heading, by what it would have in common with another one that names the other place. */
export interface Parallel {
  /** What it says, without what stands around it. */
  readonly name: string;
  /** Its words with the one left open that may tell the place. */
  readonly style: string;
}

/** `prod cluster:`, `The frontend box says:`: a short line that ends in a colon, once for each word that may tell a place. */
export function parallelsOf(text: string): readonly Parallel[] {
  const plain = /^[-=#*~_+>\s]{0,8}(.{3,60}?)[*_`]{0,3}:[*_`]{0,3}$/.exec(text)?.[1];
  const words = plain?.replaceAll(/[`*_"]/g, '').split(/\s+/) ?? [];
  if (words.length < LEAST_WORDS || words.length > MOST_WORDS) return [];
  const name = words.filter((word, at) => at > 0 || !/^(?:on|from|at|in|the)$/i.test(word)).join(' ');
  return words.flatMap((word, at) => {
    if (!/^[A-Za-z][A-Za-z-]{1,30}$/.test(word) || NO_PLACE.test(word) || isNoName(word)) return [];
    const style = words.map((one, index) => (index === at ? '*' : one.toLowerCase())).join(' ');
    return [{ name, style: `like ${style}` }];
  });
}

/** Whether a word of a heading tells a measure, an order or a way, and no place. */
export function isNoPlace(word: string): boolean {
  return NO_PLACE.test(word);
}
