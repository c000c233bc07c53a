import type { PasteLine } from '../../paste-line.ts';
import { canBeHost, isHostLike, plainName } from '../names.ts';
import { isNoName } from '../words.ts';

const AMOUNT = String.raw`(?<!\d)(\d[\d,]{0,14})`;

/** `262144/262144`, `conntrack entries: 5 of 10`; the smallest limit that a kernel sets by itself has four digits. */
const OF_LIMIT = new RegExp(
  String.raw`^\W{0,4}(?:(?:nf_)?conntrack\b[a-z_ ()-]{0,30}|count ?/ ?(?:max|limit)|entries|used)?\W{0,4}${AMOUNT} ?(?:/|of|out of) ?(\d[\d,]{3,14})\b(?![./]\d)(?=\W*$|\W{1,3}(?:entries|conntrack|used|full|in use|\d{1,3}(?:\.\d{1,3})? ?%)|\s*[(<#–—←→-])`,
  'i',
);

/** `count 5 / max 10`, `conntrack entries 5 (max 10)`. */
const COUNT_AND_MAX = new RegExp(
  String.raw`^\W{0,4}(?:(?:nf_)?conntrack[ _])?(?:count|entries|used|current)\W{0,3}${AMOUNT}\W{1,4}(?:max|limit|maximum)\W{0,3}(\d[\d,]{3,14})\b`,
  'i',
);

/** `count 5`, `conntrack max: 10`. */
const ONE = new RegExp(
  String.raw`^\W{0,4}(?:(?:nf_)?conntrack[ _])?(count|entries|used|current|max|limit|maximum)\W{1,3}${AMOUNT}\W{0,3}$`,
  'i',
);

/** Settings with their values, several of which may stand on one line. */
const SETTINGS =
  /\b(?:net[./]netfilter[./])?(?:nf|ip)_conntrack_(count|max|buckets)\s?[:=]?\s{0,3}(\d{1,15})\b/g;

/** A line of a list: marks, a name, a sign or a blank, and what is told of it. */
const ITEM =
  /^\s{0,8}(?:[-*•+]\s{1,3}|\d{1,3}[.)]\s{1,3})?[*_`"']{0,3}([A-Za-z0-9][\w.-]{0,120}?)[*_`"']{0,3}(?:\s?\([^()]{1,40}\))?(\s{0,4}(?:[:=→–—|]|=>|->)[*_`"']{0,3}|\s|,)\s{0,12}(\S.{0,400})$/;

/** Names of a list that are no machine's by themselves count from this many on. */
const LEAST_WORDS = 2;

interface Item {
  readonly name: string;
  readonly readings: readonly string[];
  /** Whether the name is a machine's by itself. */
  readonly isMachine: boolean;
}

/**
 * Gives each line of a list of nodes to its node, in a text that speaks of connection tracking: `worker-1: 262144/262144`,
 * `- node2 nf_conntrack_count=5 nf_conntrack_max=10`. What several settings on one line say becomes a line each.
 */
export function listedNodes(lines: readonly PasteLine[]): readonly PasteLine[] {
  if (!lines.some(({ text, command }) => /conntrack/i.test(command ?? text))) return lines;
  const all = lines.flatMap(itemsApart);
  const items = all.map((line) => (line.command === undefined ? itemOf(line) : undefined));
  const words = new Set(items.flatMap((item) => (item === undefined || item.isMachine ? [] : item.name)));
  return all.flatMap((line, at) => {
    const item = items[at];
    if (item === undefined || (!item.isMachine && words.size < LEAST_WORDS)) return [line];
    return item.readings.map((text) => ({ ...line, host: item.name, text }));
  });
}

/** A list within one line as a line each: `conntrack: worker-1 5/10, worker-2 6/10`. */
function itemsApart(line: PasteLine): readonly PasteLine[] {
  if (line.command !== undefined || line.host !== undefined || !/\d[,;]\s/.test(line.text)) return [line];
  const parts = line.text
    .replace(/^\W{0,4}(?:nf_)?conntrack\b[^:]{0,40}:\s+/i, '')
    .split(/[,;]\s+(?:and\s+)?/)
    .map((text) => ({ ...line, text }));
  const items = parts.flatMap((part) => itemOf(part) ?? []);
  return items.length > 1 && items.length === parts.length && items.every(({ isMachine }) => isMachine)
    ? parts
    : [line];
}

function itemOf({ text, host }: PasteLine): Item | undefined {
  if (text.length > 500 || !/\d/.test(text)) return undefined;
  if (host !== undefined) {
    const readings = readingsOf(text);
    return readings === undefined ? undefined : { name: host, readings, isMachine: true };
  }
  const [, word = '', sign = '', rest = ''] = ITEM.exec(text) ?? [];
  const name = plainName(word);
  if (name === '' || !canBeHost(name)) return undefined;
  const isMachine = isHostLike(name);
  if (!isMachine && (!sign.includes(':') || isNoName(name) || /[_\d]/.test(name))) return undefined;
  // Anything has a number that is used now: `sockets: used 2811` of the kernel is of no machine of that name.
  if (!isMachine && /^\W{0,4}(?:used|current)\W{1,3}\d[\d,]*\W*$/i.test(rest)) return undefined;
  const readings = readingsOf(rest);
  return readings === undefined ? undefined : { name, readings, isMachine };
}

/** What a line tells of its node as lines of their own, `undefined` where it tells neither count nor limit. */
function readingsOf(text: string): readonly string[] | undefined {
  const [, count, max] = OF_LIMIT.exec(text) ?? COUNT_AND_MAX.exec(text) ?? [];
  if (count !== undefined && max !== undefined) return [`conntrack: ${digits(count)}/${digits(max)}`];
  const settings = Array.from(text.matchAll(SETTINGS), ([, key, value]) => `nf_conntrack_${key} = ${value}`);
  if (settings.length > 0) return settings;
  const [, kind = '', value] = ONE.exec(text) ?? [];
  if (value === undefined) return undefined;
  return [`nf_conntrack_${/^(?:max|limit|maximum)$/i.test(kind) ? 'max' : 'count'} = ${digits(value)}`];
}

function digits(amount: string): string {
  return amount.replaceAll(',', '');
}
