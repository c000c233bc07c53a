import { spokenDelay, wallTimeOf } from '../paste-clock.ts';
import { canBeCalled, isSameHost, MACHINE, NUMERIC, withoutEnding } from './names.ts';
import { isNoPlace } from './parallel.ts';
import { isCommonWord, isSoftware } from './words.ts';

/** Words of a line that heads an output without being a sentence. */
const MOST_WORDS = 6;

/** Words from which on a line without marks may be a sentence. */
const LEAST_LONG = 3;

/** What makes a line a sentence, however short. */
const VERB =
  /^(?:is|are|was|were|has|have|had|does|did|do|will|would|can|could|should|went|goes|go|comes?|came)$/i;

/** Kinds of things that are of one machine: what follows them names none. */
const KIND_OF_ONE =
  /^(?:namespace|ticket|issue|service|svc|deployment|job|image|version|release|branch|tag|port|interface|device|user|chart|pod|step|part|file|log|cpu|core|queue)s?$/i;

/** Kinds of things that hold different machines, so that anything which tells two of them apart tells two machines apart. */
const KIND_OF_SEVERAL = new RegExp(
  `^(?:${MACHINE}|cluster|pool|zone|az|region|ami|customer|client|tenant|site|dc|datacenter|rack|env|environment|account|project|group|asg|lb|gateway|router|host|guest)s?$`,
  'i',
);

/** Systems, sizes, processors and places, each kind by itself: no machine changes one between two samples. */
const OF_MACHINE: readonly RegExp[] = [
  /^(?:arm64|amd64|aarch64|x86_64|graviton)$/i,
  /^[a-z]\w{1,8}\.(?:\d{0,2}xlarge|large|medium|small|micro|nano|metal)$/i,
  /^(?:ubuntu|debian|centos|rhel|fedora|rocky|alma|flatcar|talos|bottlerocket|cos|alpine|al2|al2023|amazon-?linux)$/i,
  /^(?:eks|gke|aks)$/i,
  /^(?:vm|metal|host|guest|hypervisor)$/i,
  /^[a-z]{2}-[a-z]{4,9}-\d[a-z]?$/i,
];

/** Words of time, order and measure, and those that only join others. */
const JOINS =
  /^(?:in|on|at|of|for|from|to|by|with|and|or|then|now|the|a|an|this|that|these|it|its|here|there|is|are|was|were|again|still|later|after|before|same|few|couple|moment|moments|seconds?|secs?|minutes?|mins?|hours?|s|m|h|ms|utc|am|pm|first|second|third|last|next|reading|readings|sample|samples|run|runs|take|pass|attempt|snapshot|output|outputs|result|results|stats|counters?|numbers|values|only|no|not|nothing|hi|hello|all|thanks|thank|you|please|some|more|less|time|times|everything|looks?|like|shows?|says?|gives?|got|get|i|we|my|our|me)$/i;

/**
 * Whether two short lines that stand right above two samples head them as two machines’: both are headings of one form, and
 * a word of either that is no word of time, order or measure is not in the other.
 */
export function headTwo(first: string, second: string): boolean {
  const [a, b] = [formOf(first), formOf(second)];
  if (a === undefined || b === undefined) return false;
  const own = a.words.filter((word) => !has(b.words, word));
  const others = b.words.filter((word) => !has(a.words, word));
  if (own.length === 0 && others.length === 0) return false;
  if (a.form !== b.form) return false;
  const isOfSeveral = a.words.some((word) => KIND_OF_SEVERAL.test(word) && has(b.words, word));
  const isSentence = a.isLong && a.words[0]?.toLowerCase() !== b.words[0]?.toLowerCase();
  if (isSentence && !isOfSeveral) return false;
  const isAnyOther = [...own, ...others].some((word) => !JOINS.test(word));
  if (isOfSeveral && own.length > 0 && others.length > 0 && isAnyOther) return true;
  if (a.isLetter && b.isLetter) return true;
  const isOneKind = OF_MACHINE.some(
    (kind) => own.some((word) => kind.test(word)) && others.some((word) => kind.test(word)),
  );
  if (isOneKind) return true;
  return names(own, a.words) && (names(others, b.words) || !isLater(second));
}

/** Whether a line says that what follows is later on a machine that no line before it names: `after 10 s on beta`. */
export function movesTo(text: string, before: readonly string[]): boolean {
  const word = /\b(?:on|at|from)\s(?:the\s)?([\p{L}][\p{L}\p{N}.-]{1,60})\W{0,3}$/iu.exec(text.trim())?.[1];
  if (word === undefined || !isLater(text)) return false;
  return names([word], [word]) && !before.some((line) => line.toLowerCase().includes(word.toLowerCase()));
}

interface Form {
  /** What it ends with and is wrapped in. */
  readonly form: string;
  readonly words: readonly string[];
  /** Whether it is one letter, as A and B are. */
  readonly isLetter: boolean;
  /** Whether it is of so many words, without a mark around them, that it may be a sentence. */
  readonly isLong: boolean;
}

function formOf(text: string): Form | undefined {
  const line = text.trim();
  if (line === '' || line.length > 80 || /[.?!,;]$/.test(line) || wallTimeOf(line, 'date') !== undefined)
    return undefined;
  const words = line.match(/[\p{L}\p{N}_.-]*[\p{L}\p{N}]/gu) ?? [];
  if (words.length === 0 || words.length > MOST_WORDS || words.some((word) => VERB.test(word)))
    return undefined;
  const form = `${/^[^\p{L}\p{N}]{0,3}/u.exec(line)?.[0] ?? ''}…${/[^\p{L}\p{N}]{0,3}$/u.exec(line)?.[0] ?? ''}`;
  const plain = words.map(withoutEnding);
  const isLetter = words.length === 1 && /^[A-Z]$/i.test(words[0] ?? '');
  return { form, words: plain, isLetter, isLong: form === '…' && words.length >= LEAST_LONG };
}

function has(words: readonly string[], word: string): boolean {
  return words.some((one) => one.toLowerCase() === word.toLowerCase() || isSameHost(one, word));
}

function names(words: readonly string[], line: readonly string[]): boolean {
  return words.some((word) => {
    const before = line[line.indexOf(word) - 1] ?? '';
    if (!/\p{L}/u.test(word) || KIND_OF_ONE.test(before) || KIND_OF_ONE.test(word)) return false;
    if (!canBeCalled(word)) return false;
    if (NUMERIC.test(word) || OF_MACHINE.some((kind) => kind.test(word))) return false;
    return (
      !JOINS.test(word) && !isNoPlace(word) && !isCommonWord(word) && !isSoftware(word) && word.length > 1
    );
  });
}

/** Whether a line only says when. */
function isLater(text: string): boolean {
  return spokenDelay(text) !== undefined || /\b(?:later|after|again|second|then|now|still)\b/i.test(text);
}
