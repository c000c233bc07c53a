import { observationLine } from '../../parse/observations.ts';
import { counted, show } from '../../words.ts';
import type { Found, Recogniser } from '../found.ts';
import { toldUse } from './metrics.ts';

const PERCENT = String.raw`(\d{1,3}(?:[.,]\d{1,6})?)\s?%`;

/** How an alert, a monitor or a person says how much of the table is used. What it only warns from (`over 90 %`) is none. */
const SAYS_USE: readonly RegExp[] = [
  new RegExp(
    `${PERCENT} of (?:the )?(?:nf_?)?conntrack (?:table|entries)\\b.{0,30}\\b(?:used|full|in use)`,
    'i',
  ),
  new RegExp(
    `\\bconntrack[ _-](?:table[ _-])?(?:usage|utili[sz]ation|use|fill(?: level)?)\\b["']?(?: is| at|\\s?[:=])?\\s?["']?${PERCENT}`,
    'i',
  ),
  new RegExp(`\\bconntrack table is (?:at )?${PERCENT}`, 'i'),
  new RegExp(`\\bconntrack table is (?:almost |nearly )?full \\(${PERCENT}\\)`, 'i'),
];

/** Words that make a share a threshold, a wish or the past. */
const NO_READING =
  /\balert(?:s|ing|ed)? (?:at|on|if|when)\b|\bfires?\b|\b(?:over|above|below|under|exceeds?|threshold|if|when|unless|would|should|resolved)\b/i;

const VALUE = String.raw`["'\x60]?\s?(?:is|at|of|shows?|reads?|stands at|sits at|[=:~])?\s?(?:about\s|around\s|~)?(\d{1,3}(?:,\d{3})+|\d{3,10})\b`;
const COUNT_IN_WORDS = new RegExp(String.raw`\bnf_conntrack_count${VALUE}`, 'i');
const MAX_IN_WORDS = new RegExp(String.raw`\bnf_conntrack_max${VALUE}`, 'i');

/** Count and limit in one sentence: `I see nf_conntrack_count at 261,900 and nf_conntrack_max 262,144`. */
export const countInWords: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!/[a-z]{2,} [a-z]{2,} /i.test(text) || NO_READING.test(text)) return undefined;
  const valueIn = (pattern: RegExp) => Number(pattern.exec(text)?.[1]?.replaceAll(',', '') ?? Number.NaN);
  const [count, max] = [valueIn(COUNT_IN_WORDS), valueIn(MAX_IN_WORDS)];
  if (!(max > 0 && count <= max * 2)) return undefined;
  return {
    source: 'observations',
    name: 'values in a sentence',
    lines: 1,
    text: observationLine({
      kind: 'note',
      says: `The text tells of ${show(count)} of ${counted(max, 'entry')} in use.`,
      tableUse: count / max,
    }),
    keys: [],
  };
};

/** A share of the table in an alert's or a monitor's words: `93.12% of conntrack entries are used.` */
export const useInWords: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!/conntrack/i.test(text) || !text.includes('%')) return undefined;
  for (const pattern of SAYS_USE) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const isReading = !NO_READING.test(
      `${text.slice(Math.max(0, match.index - 40), match.index)}${match[0]}`,
    );
    const isOver = /"status"\s?:\s?"resolved"/.test(text);
    const share = Number(match[1]?.replace(',', '.')) / 100;
    if (isReading && !isOver && share <= 1) return toldUse('an alert or a monitor', 1, share);
  }
  return undefined;
};

/** `conntrack count is 262k of 262k`: rounded, so it tells a share and no count. */
const IN_THOUSANDS =
  /\bconntrack\b.{0,60}?\b(\d{1,4}(?:\.\d{1,2})?)k\s?(?:\/|of|out of)\s?(\d{1,4}(?:\.\d{1,2})?)k\b/i;

/** RouterOS's own table: `max-entries` and `total-entries` of its connection tracking. */
const ROUTER_OS = /^\s*total-entries:\s{1,3}(\d{1,10})\s*$/;
const ROUTER_OS_MAX = /^\s*max-entries:\s{1,3}(\d{1,10})\s*$/;

/** Count and limit that are rounded, or another system's, which no setting of this kind of node changes. */
export const roundedUse: Recogniser = (lines, at, { command }) => {
  const text = lines[at]?.text ?? '';
  const rounded = NO_READING.test(text) ? null : IN_THOUSANDS.exec(text);
  if (rounded !== null) return usedOf(rounded[1], rounded[2], 'thousand entries', 'values in a sentence');
  const max = lines
    .slice(Math.max(0, at - 3), at + 4)
    .flatMap(({ text: near }) => ROUTER_OS_MAX.exec(near)?.[1] ?? [])[0];
  const total =
    /connection\s+tracking/.test(command) || max !== undefined ? ROUTER_OS.exec(text)?.[1] : undefined;
  return usedOf(total, max, 'entries of its own table', 'RouterOS’s table');
};

function usedOf(
  count: string | undefined,
  max: string | undefined,
  of: string,
  name: string,
): Found | undefined {
  if (count === undefined || max === undefined || !(Number(max) > 0 && Number(count) <= Number(max) * 2))
    return undefined;
  const says = `The text tells of ${show(Number(count))} of ${show(Number(max))} ${of} in use.`;
  return {
    source: 'observations',
    name,
    lines: 1,
    text: observationLine({ kind: 'note', says, tableUse: Number(count) / Number(max) }),
    keys: [],
  };
}
