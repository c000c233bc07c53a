import { linesOf } from '../lines.ts';
import { counted, show } from '../words.ts';

/** Rules that are named in one line, at most. */
const MOST_RULES = 3;

/** `-A` of iptables-save with its counters, a row of `iptables -vnL`, a rule of `nft list`: packets, and what they are done to. */
const COUNTED = [
  /^\[(\d{1,19}):\d{1,19}\]\s+-A\s+(\S{1,40})\s.{0,400}INVALID.{0,200}-j\s+(\w{1,30})/,
  /^\s*(?:\d{1,5}\s+)?(\d{1,15}[KMGT]?)\s+\d{1,15}[KMGT]?\s+(\w{1,30})\s.{0,200}(?:ct)?state\s+\S*INVALID/,
];

/** What rules against packets that tracking calls invalid have hit, and how many rules there are. */
export function ruleHits(text: string): string {
  const lines = linesOf(text);
  const rules = lines.filter((line) => /\s-j\s|\s--\s/.test(line)).length;
  const hits = lines.flatMap((line) => {
    const saved = COUNTED[0]?.exec(line);
    if (saved !== null && saved !== undefined)
      return [`${saved[3]} of INVALID in ${saved[2]} hit ${packets(saved[1])}`];
    const listed = COUNTED[1]?.exec(line);
    return listed === null || listed === undefined
      ? []
      : [`${listed[2]} of INVALID hit ${packets(listed[1])}`];
  });
  return hits.length === 0
    ? `${counted(rules, 'rule')}, none with a count of INVALID packets`
    : `${hits.slice(0, MOST_RULES).join(', ')} since the rules were loaded`;
}

function packets(digits = '0'): string {
  return /^\d+$/.test(digits) ? counted(BigInt(digits), 'packet') : `${show(digits)} packets`;
}
