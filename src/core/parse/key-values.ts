import { linesOf } from '../lines.ts';
/**
 * Reads `key = value`, `key=value` and `key: value` lines; a sysctl key keeps only what follows its last dot or slash,
 * so `net.netfilter.nf_conntrack_max`, `/proc/sys/net/netfilter/nf_conntrack_max` and `nf_conntrack_max` are one.
 * Comments after `#` are dropped, the last value of a repeated key wins.
 */
export function parseKeyValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const match = /^\s*([A-Za-z0-9_./-]{1,120})\s*[=:]\s*([^#]*)/.exec(line);
    const [, key, value] = match ?? [];
    if (key !== undefined && value !== undefined)
      values.set(key.replace(/^.*[./](?=[a-z0-9_]+$)/i, ''), value.trim());
  }
  return values;
}

/** A whole number without sign, or `undefined`; at most 15 digits so that it stays exact. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
