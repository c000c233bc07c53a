import type { Recogniser } from '../found.ts';
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
