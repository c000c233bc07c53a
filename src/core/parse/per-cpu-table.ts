import { linesOf } from '../lines.ts';
/**
 * Reads a headed per-CPU table such as /proc/net/stat/arp_cache (hexadecimal rows) and sums each column over CPUs.
 * `entries` repeats on every row and is taken once (net/core/neighbour.c, neigh_stat_seq_show).
 *
 * @returns `undefined` when there is no header with a complete row
 */
export function parsePerCpuTable(text: string): ReadonlyMap<string, bigint> | undefined {
  const lines = linesOf(text).map((line) => line.trim().split(/\s+/));
  const start = lines.findIndex((words) => words[0] === 'entries' && words.length > 3);
  const columns = lines[start];
  if (columns === undefined) return undefined;
  const sums = new Map<string, bigint>();
  let rows = 0;
  for (const cells of lines.slice(start + 1)) {
    if (cells.length !== columns.length || !cells.every((cell) => /^[0-9a-f]{1,16}$/i.test(cell))) break;
    rows += 1;
    for (const [index, name] of columns.entries()) {
      const value = BigInt(`0x${cells[index]}`);
      sums.set(name, name === 'entries' ? value : (sums.get(name) ?? 0n) + value);
    }
  }
  return rows === 0 ? undefined : sums;
}
