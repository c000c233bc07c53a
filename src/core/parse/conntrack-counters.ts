import { linesOf } from '../lines.ts';
/**
 * Counters of one sample, by row. A row is a CPU (`0`, `1`, …) or, where the node summed them, `sum`.
 * Cumulative since the module was loaded, per network namespace, `unsigned int` in the kernel
 * (`struct ip_conntrack_stat`, include/linux/netfilter/nf_conntrack_common.h).
 */
export interface CounterSample {
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Column names as printed, before aliases; they tell the kernel's generation. */
  readonly columns: readonly string[];
}

/** Names that differ between /proc/net/stat/nf_conntrack and `conntrack -S`; the tool's name is kept. */
const CANONICAL_NAMES: Readonly<Record<string, string>> = {
  clashres: 'clash_resolve',
  chainlength: 'chaintoolong',
  icmp_error: 'error',
};

/**
 * Parses /proc/net/stat/nf_conntrack by header name: columns changed place and meaning between kernels
 * (net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show). Rows are hexadecimal; a row that the collector
 * summed begins with `sum` and is decimal.
 *
 * @returns `undefined` when there is no header with at least one complete row
 */
export function parseProcCounters(text: string): CounterSample | undefined {
  const lines = linesOf(text).map((line) => line.trim());
  const start = lines.findIndex((line) => /^entries\s+/.test(line));
  const columns = lines[start]?.split(/\s+/) ?? [];
  if (start < 0 || columns.length < 5) return undefined;
  const rows = new Map<string, ReadonlyMap<string, bigint>>();
  for (const line of lines.slice(start + 1)) {
    if (line === '') continue;
    const words = line.split(/\s+/);
    const isSum = words[0] === 'sum';
    const cells = isSum ? words.slice(2) : words;
    const isRow =
      cells.length === columns.length &&
      cells.every((cell) => (isSum ? /^\d{1,20}$/ : /^[0-9a-f]{1,16}$/i).test(cell));
    if (!isRow) break;
    const value = (cell: string) => BigInt(isSum ? cell : `0x${cell}`);
    const counters = new Map(columns.map((name, index) => [canonical(name), value(cells[index] ?? '0')]));
    rows.set(isSum ? 'sum' : String(rows.size), counters);
  }
  return rows.size === 0 ? undefined : { rows, columns };
}

/**
 * Parses `conntrack -S`: `cpu=<n> name=value …` a line, any names, any layout of blanks; a row that the collector
 * summed begins with `sum`. The tool prints only what it knows, so an absent name is unknown, not zero
 * (net/netfilter/nf_conntrack_netlink.c, ctnetlink_ct_stat_cpu_fill_info).
 *
 * @returns `undefined` when no such line is found
 */
export function parseToolCounters(text: string): CounterSample | undefined {
  const rows = new Map<string, ReadonlyMap<string, bigint>>();
  const columns = new Set<string>();
  for (const line of linesOf(text)) {
    const head = /(?:^|\s)(?:cpu=(\d{1,5})|(sum)\s+\d+)\s/.exec(`${line} `);
    if (head === null) continue;
    const pairs = Array.from(
      line.slice(head.index).matchAll(/([a-z_]{3,20})=(\d{1,20})/g),
      ([, name = '', digits = '']) => {
        return [name, BigInt(digits)] as const;
      },
    ).filter(([name]) => name !== 'cpu');
    if (pairs.length === 0) continue;
    for (const [name] of pairs) columns.add(name);
    rows.set(head[1] ?? 'sum', new Map(pairs.map(([name, value]) => [canonical(name), value])));
  }
  return rows.size === 0 ? undefined : { rows, columns: [...columns] };
}

function canonical(name: string): string {
  return CANONICAL_NAMES[name] ?? name;
}

const UINT32 = 2n ** 32n;

/**
 * Differences of two samples, summed over rows, each row modulo 2³² as the kernel's counters wrap.
 *
 * @returns a sentence instead when the rows do not match or a counter seems to have been reset (more than 2³¹)
 */
export function counterDeltas(
  first: CounterSample,
  second: CounterSample,
): ReadonlyMap<string, bigint> | string {
  if (first.rows.size !== second.rows.size) return 'the samples have different CPU rows';
  const deltas = new Map<string, bigint>();
  for (const [row, after] of second.rows) {
    const before = first.rows.get(row);
    if (before === undefined) return 'the samples have different CPU rows';
    for (const [name, value] of after) {
      const earlier = before.get(name);
      if (earlier === undefined || name === 'entries') continue;
      const delta = (((value - earlier) % UINT32) + UINT32) % UINT32;
      if (delta > UINT32 / 2n) return `${name} went backwards between the samples`;
      deltas.set(name, (deltas.get(name) ?? 0n) + delta);
    }
  }
  return deltas;
}

/** Sum of one counter over the rows of a sample, or `undefined` when no row has it. `entries` repeats and is taken once. */
export function counterTotal(sample: CounterSample, name: string): bigint | undefined {
  const values = [...sample.rows.values()].flatMap((row) => row.get(name) ?? []);
  if (values.length === 0) return undefined;
  return name === 'entries' ? values[0] : values.reduce((sum, value) => sum + value, 0n);
}
