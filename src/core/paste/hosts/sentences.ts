import { isHostLike, isSameHost, plainName } from './names.ts';
import { isCommonWord } from './words.ts';

/** A sentence that names machines. */
export interface Sentence {
  /** The machine; `undefined` where it names several, or says that it is another one without naming it. */
  readonly name: string | undefined;
  /** All machines that it names. */
  readonly names: readonly string[];
  /** Whether its words say that something is from there. */
  readonly isPlaced: boolean;
  /** Whether it says so with no other word for it: `on lb01`, `node lb01`, or ends in a colon. */
  readonly isPlace: boolean;
  /** Whether it sets the machine against another one. */
  readonly contrasts: boolean;
  /** Whether it says that something is later, so that it may speak of the same machine as before. */
  readonly isLater: boolean;
  /** Whether it speaks of what stands above it. */
  readonly looksBack: boolean;
}

/** Words of a sentence that still announces what follows. */
const MOST_WORDS = 24;

/** A word before a machine's name that makes it the place where something was read. */
const BEFORE_NAME =
  /^(?:on|from|of|at|is|was|with|while|and|but|versus|vs\.?|node|host|server|worker|machine|instance|here|same)$/i;

const IN_PLACE = /^(?:on|from|at|of|node|host|server|worker|machine|instance)$/i;

/** A word before a machine's name that makes it the other end of something. */
const TOWARDS =
  /^(?:to|via|through|behind|towards?|into|against|by|onto|reach(?:es|ing)?|target(?:s|ing)?)$/i;

/** What comes from machines that nothing was read on. */
const TRAFFIC =
  /\b(?:traffic|requests?|connections?|flows?|packets?|syns?|quer(?:y|ies)|calls?|clients?|load|sessions?|scans?|probes?)\b/i;

/** What a machine does to others. */
const ACTS =
  /^(?:keeps?|starts?|stops?|sends?|talks?|calls?|hammers?|pings?|scrapes?|floods?|scans?|connects?)$/i;

/** The machine that is spoken of where the named one is another. */
const THIS_ONE = /\b(?:this|our|my) (?:node|host|machine|box|server|instance|vm)\b/i;

/** Words before a name that make it one of another kind of thing. */
const OTHER_KIND =
  /^(?:namespace|cluster|region|zone|ticket|issue|service|svc|clients?|deployment|job|image|version|release|branch|tag|pool|subnet|port|interface|device|user|chart|kernel|ami)$/i;

/** What is told of a machine that nothing was read on. */
const EVENT =
  /\b(?:restart\w{0,3}|moved?|moving|drain\w{0,3}|reboot\w{0,3}|delet\w{1,3}|evict\w{0,3}|scal(?:e|ed|es|ing)|roll(?:ed|s|ing|out)|cordon\w{0,3}|deploy\w{0,4}|kill\w{0,3}|remov\w{1,3}|add(?:ed|ing)?|upgrad\w{1,3}|replac\w{1,3}|terminat\w{1,3})\b/i;

const CONTRAST =
  /\b(?:compar\w{1,8}|vs\.?|versus|whereas|while|other|another|instead|unlike|healthy|unaffected|good|fine|calm|ok|normal|contrast)\b/i;

const LATER = /\b(?:later|again|after|afterwards|then|once more|still|now|second|next|same)\b/i;

const LOOKS_BACK =
  /^\W*(?:[\^↑]|(?:the )?(?:above|previous)\b|(?:that|those|this|these)(?:'s|’s| is| was| were| are)\b)/i;

/** Who wrote a message, which stands above it in chats, mails and threads. */
const AUTHOR =
  /^\S{1,40}(?:\s\S{1,40})?\s+(?:APP\s+)?\[?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?\]?\s*$|\b(?:commented|wrote|replied|posted|opened|edited|reacted|joined|asked|answered)\b/i;

/** A time in brackets before a sentence, as a runbook's script prints it. */
const STAMP = /^\s*\[(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d[^\]]{0,12}\]\s+/;

/** A line of a log, which begins with its time or names its process. */
const LOGGED =
  /^\W{0,3}(?:<\d{1,3}>\d?\s?)?(?:[A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d\d:\d\d:\d\d|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\[\s*\d{1,10}\.\d{1,9}\]|[IWEF]\d{4}\s)|\w\[\d{1,9}\]:\s/;

/** A word as sentences have them: letters, with marks around. */
const WORD = /^[("'`“*_#>~–—-]{0,4}\p{L}[\p{L}’'/-]{0,30}[.,:;!?)"'`”*_]{0,4}$/u;

/** Whether most words are those of a sentence and not the cells of a tool's line. */
function isProse(words: readonly string[]): boolean {
  const spelled = words.filter((word) => /[\p{L}\d]/u.test(word));
  return spelled.filter((word) => WORD.test(word)).length * 2 >= spelled.length;
}

/** Another machine by what it is beside one that was named: `back on the first one`, `my colleague’s node`. */
const REFERS =
  /\b(?:his|her|their|your|colleague|coworker|teammate|customer|somebody|someone)(?:'s|’s)?\b.{0,60}\b(?:node|host|machine|box|server|instance|vm|worker|cluster)s?\b|\b(?:first|second|former|latter|previous|other|bad|broken|affected|good|healthy|unaffected) (?:one|node|host|machine|box|server|instance|vm|worker)\b/i;

/** What a sentence says of machines, `undefined` where it says nothing of any, or names only whom the machine talks with. */
export function sentenceOf(given: string): Sentence | undefined {
  const text = given.replace(STAMP, '');
  const words = text.trim().split(/\s+/);
  if (words.length > MOST_WORDS || /[{}=|]/.test(text)) return undefined;
  if (AUTHOR.test(text.trim()) || LOGGED.test(text.trim())) return undefined;
  const named = words.flatMap((word, at) => {
    const name = spokenName(word);
    return isHostLike(name) && !isVersion(name) ? [{ name, at }] : [];
  });
  const [first] = named;
  const kind = first === undefined ? kindIn(text) : undefined;
  if (kind !== undefined) return { ...OTHER_ONE, name: kind, names: [kind], contrasts: CONTRAST.test(text) };
  if (first === undefined) return REFERS.test(text) ? { ...OTHER_ONE } : undefined;
  const before = (words[first.at - 1] ?? '').replace(/^[("'*_]{1,4}/, '');
  const start = words.slice(0, first.at).join(' ');
  const after = words[first.at + 1] ?? '';
  const isPeer =
    TOWARDS.test(before) ||
    ACTS.test(after) ||
    (/^(?:from|by|of|are|is)$/i.test(before) && TRAFFIC.test(start) && !/\bon$/i.test(before)) ||
    (THIS_ONE.test(text) && !/\b(?:this|our|my) \S{1,10}$/i.test(start));
  if (!isProse(words.filter((_, at) => named.every((one) => one.at !== at)))) return undefined;
  const isPlaced = words.length > 1 && (first.at === 0 || BEFORE_NAME.test(before));
  const isValue = before.endsWith(':') && after === '';
  if (isPeer || isValue || OTHER_KIND.test(before) || (EVENT.test(text) && !isPlaced)) return undefined;
  const others = named.filter(
    ({ name, at }) => !isSameHost(name, first.name) && !isAlias(words[at] ?? '', at - first.at),
  );
  const isOnly = others.length === 0;
  return {
    name: isOnly ? first.name : undefined,
    names: [first, ...others].map(({ name }) => name),
    isPlaced: isOnly && isPlaced,
    isPlace: isOnly && isPlaced && (IN_PLACE.test(before) || /:\W*$/.test(text)),
    contrasts: CONTRAST.test(text),
    isLater: LATER.test(text),
    looksBack: LOOKS_BACK.test(text),
  };
}

/** A machine that is only called by what it does: `the frontend box`. */
function kindIn(text: string): string | undefined {
  const [, word = '', noun = ''] =
    /\b(?:the|our|my|an?)\s([a-z]{3,20})[ -](node|host|machine|box|server|instance|vm|worker)\b/i.exec(
      text,
    ) ?? [];
  const isKind = word !== '' && !NO_KIND.test(word) && !isCommonWord(word) && !REFERS.test(text);
  return isKind ? `${word} ${noun}`.toLowerCase() : undefined;
}

/** Words before a machine that say nothing of what it does. */
const NO_KIND =
  /^(?:same|whole|entire|only|single|given|following|very|actual|physical|virtual|local|remote|whichever|each|every|any|one|linux|kubernetes|worker|compute|kernel|eks|gke|aks|ec2)$/i;

const OTHER_ONE: Sentence = {
  name: undefined,
  names: [],
  isPlaced: false,
  isPlace: false,
  contrasts: true,
  isLater: false,
  looksBack: false,
};

/** `lb01 (10.0.1.5)`: another name of the same machine. */
function isAlias(word: string, distance: number): boolean {
  return distance === 1 && word.startsWith('(');
}

/** Versions have a number behind a dot, as the addresses of machines alone do. */
function isVersion(name: string): boolean {
  return /\d\.\d/.test(name) && !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name);
}

/** A machine's name as a sentence puts it: with a comma, a colon or an `’s` behind it. */
function spokenName(word: string): string {
  return plainName(word.replace(/[*_`)\]]{0,4}[.,:;?!]{0,3}[*_`)\]]{0,4}$/, '')).replace(/[’']s$/i, '');
}

/** Whether a line says who wrote what follows, in a chat, a mail or a thread; the name, or `undefined`. */
export function authorOf(text: string): string | undefined {
  const line = text.trim();
  return AUTHOR.test(line) && !LOGGED.test(line) ? AUTHOR_NAME.exec(line)?.[1]?.toLowerCase() : undefined;
}

const AUTHOR_NAME =
  /^(?:On .{0,60}?\d{1,2}:\d\d(?:\s?[AP]M)?,?\s)?@?(\S{1,40}(?:\s\S{1,40})??)(?:\s<\S{1,80}>)?\s+(?:APP\s|\[?\d{1,2}:\d\d|commented|wrote|replied|posted|opened|edited|asked|answered)/i;

/** Whether a line says that the text is of several machines. */
export function saysSeveral(text: string): boolean {
  return SEVERAL.test(text);
}

/** Whether a line says that what follows is of several machines together: `both nodes:`. */
export function announcesSeveral(text: string): boolean {
  return /:\W*$/.test(text) && SEVERAL.test(text) && !/\bone of\b|\bthis\b|\bother\b|\banother\b/i.test(text);
}

const SEVERAL =
  /\b(?:(?:two|three|four|five|both|several|different|multiple) (?:(?:different|of the|of our|other|worker|cluster) )?(?:nodes|hosts|servers|machines|boxes|instances|workers|vms|replicas|members|peers|pods)|(?:the other|another) (?:node|host|server|machine|box|instance|worker|vm))\b/i;

/** Whether a word before a name makes it one of another kind of thing: `namespace team-a`. */
export function isOtherKind(word: string): boolean {
  return OTHER_KIND.test(word);
}
