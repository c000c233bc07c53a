import type { PasteLine } from '../paste-line.ts';
import { canBeHost, HostNames, isCommonWord, isHostLike, MACHINE, plainName } from './names.ts';

/** A line that says whose output follows. */
export interface Heading {
  readonly name: string;
  /** What else it says, which may be a time; empty where nothing. */
  readonly rest: string;
  /** Whether the line means something by itself, as the name of a file does. */
  readonly isKept: boolean;
  /** Whether a sentence only mentions it, so that the next prompt with a name of its own ends what is its. */
  readonly isMention?: true;
}

interface Candidate extends Heading {
  readonly at: number;
  /** What the headings of one tool or person have in common. */
  readonly style: string;
  /** Whether the name is a machine's by itself; a weak one is a word that may mean anything. */
  readonly isStrong: boolean;
}

/** Whether two blocks of lines hold readings of the same things, as those of two machines do and those of two tools do not. */
export type HaveSameReadings = (blocks: readonly (readonly PasteLine[])[]) => boolean;

/** How the name of a file ends. */
const FILE = /\.(?:txt|log|out)$/;

/** Headings longer than this are sentences. */
const LONGEST = 140;

/** What Ansible prints before the result of each host, which stands behind it on the same line. */
const RESULT =
  /^(?:(?:ok|changed|failed|fatal|unreachable): \[([^\]\s]{1,120})\]|(\S{1,120}) \| (?:CHANGED|SUCCESS|FAILED|UNREACHABLE)\b!?(?: \| \w+=\d+)?)\s*(?:=>|:|>>)\s*\{/;

/**
 * Finds the headings that name hosts. Those of the outermost style count: what stands inside a host's block, however it is
 * headed, is of that host.
 *
 * @param known names that a loop in the text lists
 */
export function hostHeadings(
  lines: readonly PasteLine[],
  known: HostNames,
  haveSameReadings: HaveSameReadings,
): ReadonlyMap<number, Heading> {
  const candidates = lines.flatMap(({ text, command, host }, at) =>
    command === undefined &&
    host === undefined &&
    (text.length <= LONGEST || RESULT.test(text)) &&
    text.trim() !== ''
      ? candidateOf(text, known).map((one) => ({ ...one, at }))
      : [],
  );
  const strong = candidates.filter(({ isStrong }) => isStrong);
  const styles = [...new Set(strong.map(({ style }) => style))];
  const outermost = styles.find((style) => hostsOf(strong.filter((one) => one.style === style)) >= 2);
  const chosen =
    outermost !== undefined
      ? strong.filter(({ style }) => style === outermost)
      : hostsOf(strong) >= 2
        ? strong
        : weakOnes(candidates, lines, haveSameReadings);
  return new Map(chosen.map((one) => [one.at, one]));
}

/** How many different hosts headings name. */
function hostsOf(candidates: readonly Candidate[]): number {
  const names = new HostNames();
  for (const { name } of candidates) names.of(name);
  return names.count;
}

/** Any words may be names where each of them stands over the same readings. */
function weakOnes(
  candidates: readonly Candidate[],
  lines: readonly PasteLine[],
  haveSameReadings: HaveSameReadings,
): readonly Candidate[] {
  for (const style of new Set(candidates.map((one) => one.style))) {
    const those = candidates.filter((one) => one.style === style);
    const hosts = hostsOf(those);
    if (hosts < 2 || hosts !== those.length) continue;
    const blocks = those.map(({ at }, index) => lines.slice(at + 1, those[index + 1]?.at));
    if (haveSameReadings(blocks)) return those;
  }
  return [];
}

function candidateOf(line: string, known: HostNames): readonly Omit<Candidate, 'at'>[] {
  const text = line
    .replaceAll(/<\/?(?:details|summary|strong|b|h\d|p|code|pre)>/g, '')
    .trim()
    .replace(/^(?:\p{Extended_Pictographic}\uFE0F?|\(?\d{1,4}[.)])\s+/u, '');
  const found =
    toolHeading(text) ??
    keywordHeading(text) ??
    machineHeading(text) ??
    fencedHeading(text, known) ??
    sentenceHeading(text);
  return found === undefined || !canBeNamed(found.name) ? [] : [found];
}

function canBeNamed(name: string): boolean {
  return canBeHost(name) || /^[\w -]{3,40}$/.test(name);
}

type Found = Omit<Candidate, 'at'> | undefined;

/** What Ansible, `head`, ssh, `kubectl debug` and the like print before each host's output. */
function toolHeading(text: string): Found {
  const strong = { isStrong: true, rest: '', isKept: false };
  const adhoc = /^(\S{1,120}) \| (?:CHANGED|SUCCESS|FAILED|UNREACHABLE)\b/.exec(text)?.[1];
  if (adhoc !== undefined) return { ...strong, style: 'ansible', name: plainName(adhoc) };
  const result = RESULT.exec(text)?.[1];
  if (result !== undefined) return { ...strong, style: 'play', name: plainName(result) };
  const play = /^(?:ok|changed|failed|fatal|unreachable): \[([^\]\s]{1,120})\](?:\s*(?:=>|:).{0,80})?$/.exec(
    text,
  )?.[1];
  if (play !== undefined) return { ...strong, style: 'play', name: plainName(play) };
  const parallel =
    /^\[\d{1,5}\] \d\d:\d\d:\d\d \[(?:SUCCESS|FAILURE)\] ([\w.@:-]{1,120})(?: Exited.{0,60})?$/.exec(
      text,
    )?.[1];
  if (parallel !== undefined) return { ...strong, style: 'pssh', name: plainName(parallel) };
  const message =
    /^Warning: Permanently added '([^'\s,]{1,120})/.exec(text)?.[1] ??
    /^Creating debugging pod \S+ with container \S+ on node (\S{1,253}?)\.?$/.exec(text)?.[1] ??
    /^"?InstanceId"?:\s*"?(i-[0-9a-f]{8,17})\b/.exec(text)?.[1];
  if (message !== undefined) return { ...strong, style: 'message', name: plainName(message) };
  const [, path] = /^==> (\S{1,200}) <==$/.exec(text) ?? [];
  if (path === undefined || path.startsWith('/proc/') || path.startsWith('/sys/')) return undefined;
  const parts = path.split('/').map((part) => part.replace(FILE, ''));
  const part = parts.find(isHostLike);
  if (part !== undefined) return { ...strong, style: 'head', name: part, isKept: parts.length > 1 };
  const [only = ''] = parts;
  return parts.length === 1 && canBeHost(only) && !isCommonWord(only)
    ? { ...strong, style: 'head', name: only, isStrong: false }
    : undefined;
}

const KEYWORD = `(?:node|host|server|instance|machine|vm|worker|box)(?:[ _-]?(?:name|id))?`;

const WITH_SIGN = new RegExp(
  `^[-=#*~_+>|[\\s"]{0,40}(?:on |from )?${KEYWORD}"?\\s*[:=]\\s*["'\`]?([\\w.@:-]{1,120}?)["'\`]?,?:?(?:\\s+[([–—-]?\\s?(.{0,60}?))?(?:\\s*[-=#*~_+<|\\]]{1,40})?\\s*$`,
  'i',
);

/** `Node: node-a`, `hostname = web`, `--- host: db ---`. */
function keywordHeading(text: string): Found {
  const [, name, rest = ''] = WITH_SIGN.exec(text) ?? spacedKeyword(text);
  if (name === undefined || !canBeHost(plainName(name))) return undefined;
  return { style: 'keyword', name: plainName(name), rest, isStrong: true, isKept: false };
}

const WITH_SPACE = new RegExp(
  `^[-=#*~_+>|[\\s]{0,40}(?:on |from )?(?:the )?${KEYWORD}\\s+["'\`]?([\\w.@:-]{1,120}?)["'\`]?:?(?:\\s+[([–—-]\\s?(.{0,60}?))?(?:\\s*[-=#*~_+<|\\]]{1,40})?\\s*$`,
  'i',
);

/** `Node worker3`, `on host web-7.example.com:`: without a colon between, only where the name is a machine's by itself. */
function spacedKeyword(text: string): readonly string[] {
  const [all = '', name = '', rest = ''] = WITH_SPACE.exec(text) ?? [];
  return isHostLike(plainName(name)) ? [all, name, rest] : [];
}

const NUMBERED = new RegExp(
  `^[-=#*~_+>|[(\\s]{0,40}(?:on |from |in )?(?:the )?((?:${MACHINE})s?(?:\\s|\\s?#\\s?)(?:[A-Z]|\\d{1,3}|one|two|three|four|five|six|alpha|beta))\\b(?!\\.\\d)[*:]{0,3}(?:[\\s([–—,-]+(.{0,60}?))?[-=#*~_+<|\\])\\s:]{0,40}$`,
  'i',
);

const DESCRIBED = new RegExp(
  `^[-=#*~_+>|[(\\s]{0,40}(?:now |and )?(?:on |from |in )?(?:the |a |an |our |my )?((?:good|bad|healthy|unhealthy|broken|affected|unaffected|failing|working|faulty|slow|fast|sick|other|another|first|second|third|problem|problematic|normal|calm|busy|quiet|ok|fine|old|new)[ -](?:${MACHINE}))s?\\b[*:]{0,3}(?:[\\s([–—,-]+(.{0,60}?))?[-=#*~_+<|\\])\\s:]{0,40}$`,
  'i',
);

/** `Node A:`, `## worker 3 (fine)`, `on the bad node:`. */
function machineHeading(text: string): Found {
  const [, numbered, rest = ''] = NUMBERED.exec(text) ?? [];
  if (numbered !== undefined) {
    const name = numbered.toLowerCase().replaceAll(/[\s#]+/g, ' ');
    return { style: 'machine', name, rest, isStrong: true, isKept: false };
  }
  const [, described, more = ''] = DESCRIBED.exec(text) ?? [];
  if (described === undefined) return undefined;
  return { style: 'machine', name: described.toLowerCase(), rest: more, isStrong: true, isKept: false };
}

/** Words of a sentence that still heads what follows. */
const MOST_WORDS = 16;

/** `on ip-10-0-1-6 it looks fine:`: a sentence that ends in a colon and names one machine. */
function sentenceHeading(text: string): Found {
  if (!text.endsWith(':')) return undefined;
  const words = text.slice(0, -1).split(/\s+/);
  const names = words.map(plainName).filter(isHostLike);
  const [name] = names;
  if (words.length < 2 || words.length > MOST_WORDS || name === undefined || names.length > 1)
    return undefined;
  return { style: 'sentence', name, rest: '', isStrong: true, isKept: false };
}

/** Words between marks, or alone on a line, that may still be a name with a time. */
const MOST_FENCED_WORDS = 7;

/** A name between marks, or alone on its line. */
function fencedHeading(text: string, known: HostNames): Found {
  const marks = 2;
  if (text.split(/\s+/, MOST_FENCED_WORDS + marks + 1).length > MOST_FENCED_WORDS + marks) return undefined;
  const [, open = '', inner = '', end = ''] =
    /^([-=#*~_+<>|[]{0,60})\s*(.+?)\s*([-=#*~_+<>|\]]{0,60})\s*:?$/.exec(text) ?? [];
  const words = inner.replace(/:$/, '').split(/\s+/);
  if (words.length > MOST_FENCED_WORDS) return undefined;
  const isFenced = open !== '';
  const style = isFenced ? `fence ${open[0]}` : 'alone';
  const plain = words.map(plainName);
  const isOnly = words.length === 1;
  const index = plain.findIndex((word) => known.has(word) || isHostLike(word));
  if (index >= 0 && (isFenced ? open.length + end.length > 1 || isOnly : isOnly)) {
    const rest = words.filter((_, at) => at !== index).join(' ');
    return { style, name: plain[index] ?? '', rest, isStrong: true, isKept: false };
  }
  const [word = ''] = plain;
  const isWeak = isFenced && open.length + end.length > 1 && isOnly;
  if (
    !isWeak ||
    !/^[A-Za-z][\w.-]{1,40}$/.test(word) ||
    isCommonWord(word.replace(FILE, '')) ||
    /[_/]/.test(word)
  )
    return undefined;
  return { style, name: word, rest: '', isStrong: false, isKept: false };
}
