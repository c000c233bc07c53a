import type { SourceId } from '../../capture/sources.ts';
import { type Found, isElision, type Recogniser, takeWhile } from '../found.ts';
import type { PasteLine } from '../paste-line.ts';

/** Names that `conntrack -S` and /proc/net/stat/nf_conntrack print, of any version. */
const COUNTERS = new Set(
  'entries searched found new invalid ignore delete delete_list insert insert_failed drop early_drop error icmp_error search_restart clash_resolve clashres chaintoolong chainlength expect_new expect_create expect_delete'.split(
    ' ',
  ),
);

/** Names that nothing but these counters has. */
const TELLING = /insert_failed|early_drop|search_restart|chaintoolong|clash_resolve/;

/** `cpu=0 found=…` rows of `conntrack -S`, with a heading or not, with fields left out, with rows wrapped. */
export const toolCounters: Recogniser = (lines, at) => {
  const rows: { cpu: string; pairs: Map<string, string> }[] = [];
  const cpus = new Set<string>();
  let end = at;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined || line.command !== undefined) break;
    const pairs = pairsOf(line.text);
    const cpu = /(?:^|\s)cpu\s?=\s?(\d{1,5})\b/i.exec(line.text)?.[1];
    const last = rows.at(-1);
    if (cpu !== undefined && pairs.size > 0) {
      if (cpus.has(cpu)) break;
      cpus.add(cpu);
      rows.push({ cpu, pairs });
    } else if (pairs.size > 0 && last !== undefined && isRest(last.pairs, pairs)) {
      for (const [name, value] of pairs) last.pairs.set(name, value);
    } else if (pairs.size > 1 && TELLING.test(line.text)) {
      cpus.add(String(rows.length));
      rows.push({ cpu: String(rows.length), pairs });
    } else if (!isElision(line.text) || rows.length === 0) break;
    if (pairs.size > 0) end = index + 1;
  }
  if (rows.length === 0) return undefined;
  const text = rows.map(
    ({ cpu, pairs }) => `cpu=${cpu} ${[...pairs].map(([name, value]) => `${name}=${value}`).join(' ')}`,
  );
  return piece(
    'conntrack-S',
    'conntrack -S',
    end - at,
    text,
    rows.map(({ cpu }) => `cpu${cpu}`),
  );
};

function pairsOf(text: string): Map<string, string> {
  return new Map(
    Array.from(
      text.matchAll(/\b([a-z_]{3,20})\s?=\s?(\d{1,20})\b/g),
      ([, name = '', value = '']) => [name, value] as const,
    ).filter(([name]) => COUNTERS.has(name)),
  );
}

/** Whether a line without a CPU goes on where the row before it was wrapped. */
function isRest(row: ReadonlyMap<string, string>, pairs: ReadonlyMap<string, string>): boolean {
  return [...pairs.keys()].every((name) => !row.has(name));
}

/** A table of counters: a heading of names, a row of plain numbers for each CPU. */
export const counterTable: Recogniser = (lines, at) => {
  const names = headingOf(lines[at]?.text ?? '');
  if (names === undefined) return undefined;
  const width = names.length;
  const rest = takeWhile(lines, at + 1, (text) => {
    const cells = text
      .trim()
      .split(/[\s|]+/)
      .filter((cell) => cell !== '');
    return /^[-=+|\s]+$/.test(text)
      ? text.trim() !== ''
      : cells.length === width && cells.every((cell) => /^(?:cpu)?\d{1,20}$/i.test(cell));
  });
  const rows = rest.taken.filter((text) => /\d/.test(text));
  if (rows.length === 0) return undefined;
  const text = rows.map((row, index) => {
    const cells = row
      .trim()
      .split(/[\s|]+/)
      .filter((cell) => cell !== '');
    const pairs = names.flatMap((name, column) => (name === 'cpu' ? [] : [`${name}=${cells[column] ?? ''}`]));
    return `cpu=${index} ${pairs.join(' ')}`;
  });
  return piece('conntrack-S', 'conntrack -S', 1 + rest.lines, text, ['table']);
};

function headingOf(text: string): string[] | undefined {
  if (!/drop/i.test(text) || !/early/i.test(text) || /\d/.test(text)) return undefined;
  const cells = /\s{2,}|\|/.test(text.trim())
    ? text.trim().split(/\s{2,}|\s*\|\s*/)
    : text.trim().split(/\s+/);
  const names = cells
    .filter((cell) => cell !== '')
    .map((cell) =>
      cell
        .trim()
        .toLowerCase()
        .replaceAll(' ', '_')
        .replace(/^insert_fail$/, 'insert_failed')
        .replace(/^errors$/, 'error'),
    );
  return names.length >= 4 && names.every((name) => name === 'cpu' || COUNTERS.has(name)) ? names : undefined;
}

/** /proc/net/stat/nf_conntrack: a heading that begins with `entries`, then a hexadecimal row for each CPU. */
export const procCounters: Recogniser = (lines, at) => {
  const heading = lines[at]?.text.trim() ?? '';
  if (!/^entries\s+(?:searched|clashres|clash_resolve)\s+found\s/.test(heading)) return undefined;
  return perCpuTable(lines, at, heading, 'stat-nf_conntrack', '/proc/net/stat/nf_conntrack');
};

/** /proc/net/stat/arp_cache and ndisc_cache, in the same form. */
export const neighbourCounters: Recogniser = (lines, at) => {
  const heading = lines[at]?.text.trim() ?? '';
  if (!/^entries\s+allocs\s+destroys\s/.test(heading)) return undefined;
  return perCpuTable(lines, at, heading, 'arp_cache', '/proc/net/stat/arp_cache');
};

function perCpuTable(
  lines: readonly PasteLine[],
  at: number,
  heading: string,
  source: SourceId,
  name: string,
): Found {
  const width = heading.split(/\s+/).length;
  const rest = takeWhile(lines, at + 1, (text) => /^\s*[0-9a-f]{4,16}(?:\s+[0-9a-f]{1,16})*\s*$/i.test(text));
  const rows = rest.taken.filter((row) => row.trim().split(/\s+/).length === width);
  if (rows.length === 0) {
    return {
      source: undefined,
      name,
      lines: 1 + rest.lines,
      text: '',
      keys: [],
      why: 'its rows are cut short',
    };
  }
  return piece(source, name, 1 + rest.lines, [heading, ...rows], ['table']);
}

/** The same counters one a line, already summed: `insert_failed 0` (`conntrack -S` without privileges, versions before 1.0). */
export const counterList: Recogniser = (lines, at) => {
  const pattern = /^\s*([a-z_]{3,20})\s{0,40}[:=]?\s{1,40}(\d{1,20})\s*$/;
  const seen = new Map<string, string>();
  const { taken, lines: count } = takeWhile(lines, at, (text) => {
    const [, name = '', value = ''] = pattern.exec(text) ?? [];
    if (!COUNTERS.has(name) || seen.has(name)) return false;
    seen.set(name, value);
    return true;
  });
  if (taken.length < 3 || !(seen.has('insert_failed') || seen.has('early_drop'))) return undefined;
  const called = 'conntrack counters, one a line';
  // Without them it is no table's first column, but what the tool prints of one processor.
  if (!seen.has('entries')) {
    const pairs = Array.from(seen, ([counter, value]) => `${counter}=${value}`);
    return piece('conntrack-S', called, count, [`cpu=0 ${pairs.join(' ')}`], ['list']);
  }
  // `entries` leads the heading of the file that this list was made from, and the parser looks for it.
  const names = ['entries', ...[...seen.keys()].filter((name) => name !== 'entries')];
  const values = names.map((name) => seen.get(name) ?? '0');
  return piece('stat-nf_conntrack', called, count, [names.join(' '), `sum 1 ${values.join(' ')}`], ['list']);
};

/** A piece of counters of one source. */
export function piece(
  source: SourceId,
  name: string,
  lines: number,
  text: readonly string[],
  keys: readonly string[],
): Found {
  return { source, name, lines, text: text.join('\n'), keys };
}
