import { canBeHost, HostNames, isHostLike, MACHINE, plainName, withoutEnding } from './names.ts';
import { parallelsOf } from './parallel.ts';
import { sentenceOf } from './sentences.ts';
import { isNoName } from './words.ts';

/** A line that says whose output follows. */
export interface Heading {
  /** The host; empty where a sentence says that it is another one and does not name it. */
  readonly name: string;
  /** What else it says, which may be a time; empty where nothing. */
  readonly rest: string;
  /** Whether the line means something by itself, as the name of a file does. */
  readonly isKept: boolean;
  /** Whether a sentence only mentions it, so that the next prompt with a name of its own ends what is its. */
  readonly isMention?: true;
  /** Whether a tool or a mark heads it, so that a sentence below may be of the same output. */
  readonly isFormal?: boolean;
}

/** What a line by itself may head, by its form. */
export interface HeadingForm extends Heading {
  /** What the headings of one tool or person have in common. */
  readonly style: string;
  /** Whether the name is a machine's by itself; a weak one is a word that may mean anything. */
  readonly isStrong: boolean;
}

/** The style of a word that stands alone. */
export const WORD_STYLE = 'word';

/** What Ansible prints before the result of each host, which stands behind it on the same line. */
export const RESULT =
  /^(?:(?:ok|changed|failed|fatal|unreachable): \[([^\]\s]{1,120})\]|(\S{1,120}) \| (?:CHANGED|SUCCESS|FAILED|UNREACHABLE)\b!?(?: \| \w+=\d+)?)\s*(?:=>|:|>>)\s*\{/;

/**
 * What a line may head by its form; several where one word or another of it may be the name.
 *
 * @param known names that a loop in the text lists
 */
export function headingIn(line: string, known: HostNames): readonly HeadingForm[] {
  const text = line
    .replaceAll(/<\/?(?:details|summary|strong|b|h\d|p|code|pre)>/g, '')
    .trim()
    .replace(/^h[1-6]\.\s+/, '')
    .replace(/^(?:\p{Extended_Pictographic}\uFE0F?|\(?\d{1,4}[.)]|[•·▪‣◦])\s+/u, '');
  const found =
    toolHeading(text) ??
    keywordHeading(text) ??
    machineHeading(text) ??
    fencedHeading(text, known) ??
    sentenceHeading(text) ??
    wordHeading(text);
  if (found !== undefined) return canBeNamed(found.name) ? [found] : [];
  return parallelsOf(text).map((one) => ({ ...one, rest: '', isStrong: false, isKept: false }));
}

function canBeNamed(name: string): boolean {
  return canBeHost(name) || /^[\p{L}\d_ -]{3,40}$/u.test(name);
}

type Found = HeadingForm | undefined;

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
    /^Switched to (?:context|cluster) ["'`]?([\w./@:-]{1,200}?)["'`]?\.?$/.exec(text)?.[1] ??
    /^Warning: Permanently added '([^'\s,]{1,120})/.exec(text)?.[1] ??
    /^Creating debugging pod \S+ with container \S+ on node (\S{1,253}?)\.?$/.exec(text)?.[1] ??
    /(?:^|[{,]\s?)"?InstanceId"?\s?:\s*"?(i-[0-9a-f]{8,17})\b/.exec(text)?.[1];
  if (message !== undefined) return { ...strong, style: 'message', name: plainName(message) };
  const [, path] = /^==> (\S{1,200}) <==$/.exec(text) ?? [];
  if (path === undefined || path.startsWith('/proc/') || path.startsWith('/sys/')) return undefined;
  const parts = path.split('/').map(withoutEnding);
  const part = parts.find(isHostLike);
  if (part !== undefined) return { ...strong, style: 'head', name: part, isKept: parts.length > 1 };
  const [only = ''] = parts;
  return parts.length === 1 && canBeHost(only) && !isNoName(only)
    ? { ...strong, style: 'head', name: only, isStrong: false }
    : undefined;
}

const KEYWORD = `(?:node|host|server|instance|machine|vm|worker|box)(?:[ _-]?(?:name|id|ip))?`;

const WITH_SIGN = new RegExp(
  `^[-=#*~_+>|[\\s"]{0,40}(?:on |from )?${KEYWORD}"?\\s*[:=]\\s*["'\`]?([\\w.@:-]{1,120}?)["'\`]?,?:?(?:\\s+[([–—-]?\\s?(.{0,60}?))?(?:\\s*[-=#*~_+<|\\]]{1,40})?\\s*$`,
  'i',
);

/** `IP: 10.0.1.5`; tools set an address apart by more blanks. */
const AN_ADDRESS = /^[-=#*~_+>|[\s]{0,40}IP\s?[:=]\s?(\d{1,3}(?:\.\d{1,3}){3})[-=#*~_+<|\]\s:]{0,40}$/i;

/** `Node: node-a`, `hostname = web`, `--- host: db ---`. */
function keywordHeading(text: string): Found {
  // nslookup sets the server that it asked apart like a column.
  if (/^Server:\s{2,}/.test(text)) return undefined;
  const [, name, rest = ''] =
    WITH_SIGN.exec(text) ?? AN_ADDRESS.exec(text) ?? listedName(text) ?? spacedKeyword(text);
  if (name === undefined || !canBeHost(plainName(name))) return undefined;
  return { style: 'keyword', name: plainName(name), rest, isStrong: true, isKept: false };
}

/** `- name: worker-1` of a list in YAML, `Name:   worker-1` of kubectl: where the name is a machine's by itself. */
function listedName(text: string): readonly string[] | undefined {
  const match = /^(?:-\s+name|Name):\s{0,40}["']?([\w.-]{1,120})["']?$/.exec(text);
  return match !== null && isHostLike(match[1] ?? '') ? match : undefined;
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
  `^[-=#*~_+>|[(\\s]{0,40}(?:now |and )?(?:on |from |in )?(?:the |a |an |our |my )?((?:good|bad|healthy|unhealthy|broken|affected|unaffected|failing|working|faulty|slow|fast|sick|other|another|first|second|third|problem|problematic|normal|calm|busy|quiet|ok|fine|old|new)[ -](?:${MACHINE}|one))s?\\b[*:]{0,3}(?:[\\s([–—,-]+(.{0,60}?))?[-=#*~_+<|\\])\\s:]{0,40}$`,
  'i',
);

/** The same in other languages: `Knoten 1:`, `节点A：`. */
const NUMBERED_ELSEWHERE =
  /^[-=#*~_+>|[(\s]{0,40}(Knoten|Rechner|N(?:œ|oe)ud|Serveur|Nodo|Servidor|Узел|Нода|Сервер|节点|節點|主机|服务器|ノード|サーバー?)\s?#?([A-Z]|\d{1,3})[*\s:]{0,6}$/iu;

/** `Node A:`, `## worker 3 (fine)`, `on the bad node:`. */
function machineHeading(text: string): Found {
  const [, numbered, rest = ''] = NUMBERED.exec(text) ?? [];
  if (numbered !== undefined) {
    const name = numbered.toLowerCase().replaceAll(/[\s#]+/g, ' ');
    return { style: 'machine', name: ownName(rest) ?? name, rest, isStrong: true, isKept: false };
  }
  const [, word, which] = NUMBERED_ELSEWHERE.exec(text) ?? [];
  if (word !== undefined)
    return {
      style: 'machine',
      name: `${word} ${which}`.toLowerCase(),
      rest: '',
      isStrong: true,
      isKept: false,
    };
  const [, described, more = ''] = DESCRIBED.exec(text) ?? [];
  if (described === undefined) return undefined;
  const name = ownName(more) ?? described.toLowerCase();
  return { style: 'machine', name, rest: more, isStrong: true, isKept: false };
}

/** A machine that is only described or counted, by the words: `Node A`, `bad node`. */
export function describedMachine(text: string): string | undefined {
  return machineHeading(text)?.name;
}

/** The name that stands behind a description: `bad node (ip-10-0-1-5)`. */
function ownName(rest: string): string | undefined {
  const names = rest
    .split(/[\s,;]+/)
    .map(plainName)
    .filter(isHostLike);
  return names.length === 1 ? names[0] : undefined;
}

/** `on ip-10-0-1-6 it looks fine:`: a sentence that ends in a colon and names one machine. */
function sentenceHeading(text: string): Found {
  if (!text.endsWith(':') || !/\s/.test(text)) return undefined;
  const name = sentenceOf(text)?.name;
  return name === undefined
    ? undefined
    : { style: 'sentence', name, rest: '', isStrong: true, isKept: false };
}

/** `frankfurt:`, `on dublin`, `From the master:`: a word alone, which may be a name. */
function wordHeading(text: string): Found {
  const name =
    /^(?:(?:on|from|at|and|now|then|vs\.?)\s+){0,2}(?:the\s+)?[`*_]{0,3}([A-Za-z][A-Za-z0-9-]{2,40}|[A-Z](?=\s?:))[`*_]{0,3}\s?:?[*_]{0,3}$/i.exec(
      text,
    )?.[1];
  return name === undefined || isNoName(name)
    ? undefined
    : { style: WORD_STYLE, name, rest: '', isStrong: false, isKept: false };
}

/** Whether a tool or marks on a line begin what another host printed. */
export function headsFormally(text: string): boolean {
  const found = toolHeading(text) ?? fencedHeading(text, NO_NAMES);
  return found?.isStrong === true && found.style !== 'alone';
}

const NO_NAMES = new HostNames();

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
  const plain = words.map((one) => withoutEnding(plainName(one)));
  const isOnly = words.length === 1;
  const index = plain.findIndex((word) => known.has(word) || isHostLike(word));
  if (index >= 0 && (isFenced ? open.length + end.length > 1 || isOnly : isOnly)) {
    const rest = words.filter((_, at) => at !== index).join(' ');
    return { style, name: plain[index] ?? '', rest, isStrong: true, isKept: false };
  }
  const [word = ''] = plain;
  const isWeak = isFenced && open.length + end.length > 1 && isOnly;
  if (!isWeak || !/^[A-Za-z][\w.-]{1,40}$/.test(word) || isNoName(withoutEnding(word)) || /[_/]/.test(word))
    return undefined;
  return { style, name: word, rest: '', isStrong: false, isKept: false };
}
