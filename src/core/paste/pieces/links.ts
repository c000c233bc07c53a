import { type LinkCounters, linkLine } from '../../parse/links.ts';
import { Barren, type Found, type Recogniser, takeWhile } from '../found.ts';

/** Runs of interfaces without a counter, as `ip link` prints them. */
const barren = new Barren();

/** Takes the counters of interfaces from a run of lines; an interface that stands there once more begins the next reading. */
function links(
  name: string,
  lines: Parameters<Recogniser>[0],
  at: number,
  begin: (found: Map<string, Map<string, bigint>>) => Parameters<typeof takeWhile>[2],
): Found | undefined {
  if (barren.has(lines, at)) return undefined;
  const found = new Map<string, Map<string, bigint>>();
  const run = takeWhile(lines, at, begin(found));
  const read: readonly LinkCounters[] = Array.from(found, ([link, counters]) => ({ name: link, counters }));
  if (read.length > 0)
    return {
      source: 'links',
      name,
      lines: run.lines,
      text: read.map(linkLine).join('\n'),
      keys: [...found.keys()],
    };
  barren.note(lines, at + run.lines);
  return undefined;
}

const LINK_HEADING = /^\s*(RX|TX):\s+bytes\s+packets\s+errors\s+dropped\s+\w+/;
const LINK = /^\s*\d{1,5}:\s+([\w.@-]{1,32}):\s+</;
const NUMBERS = /^\s*\d{1,20}(?:\s+\d{1,20}){4,}\s*$/;
/** Lines between the headings; those of `ip -s -s link` have numbers of their own below them. */
const BETWEEN = /^\s*(?:link\/|alias |altname |vf \d|promiscuity |(?:RX|TX) errors:)/;

/** `ip -s link`: what each interface carried, dropped and missed since it came up. */
export const linkStatistics: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!LINK.test(text) && !LINK_HEADING.test(text)) return undefined;
  return links('ip -s link', lines, at, statisticsOf);
};

/** Reads `ip -s link` line by line. */
function statisticsOf(found: Map<string, Map<string, bigint>>): (line: string) => boolean {
  let name = 'interface';
  let heading: readonly string[] | undefined;
  let isMore = false;
  return (line) => {
    const link = LINK.exec(line)?.[1]?.replace(/@.*/, '');
    if (link !== undefined) {
      if (found.has(link)) return false;
      name = link;
      return true;
    }
    if (LINK_HEADING.test(line)) {
      heading = line.trim().split(/\s+/);
      return true;
    }
    if (!NUMBERS.test(line)) {
      isMore = /errors:/.test(line);
      return BETWEEN.test(line);
    }
    if (heading === undefined) return isMore;
    const way = heading[0]?.startsWith('R') === true ? 'rx' : 'tx';
    const cells = line.trim().split(/\s+/);
    const counters = found.get(name) ?? new Map<string, bigint>();
    for (const [index, column] of heading.slice(1).entries())
      if (cells[index] !== undefined) counters.set(`${way}_${column}`, BigInt(cells[index]));
    found.set(name, counters);
    heading = undefined;
    return true;
  };
}

/** Columns of /proc/net/dev in the words of `ip -s link` (net/core/net-procfs.c, dev_seq_printf_stats). */
const COLUMNS = [
  'rx_bytes',
  'rx_packets',
  'rx_errors',
  'rx_dropped',
  'rx_fifo',
  'rx_frame',
  'rx_compressed',
  'rx_multicast',
  'tx_bytes',
  'tx_packets',
  'tx_errors',
  'tx_dropped',
  'tx_fifo',
  'tx_colls',
  'tx_carrier',
  'tx_compressed',
] as const;
const DEV_HEADING = /^\s*(?:Inter-\|\s+Receive\s+\|\s+Transmit|face \|bytes\s.*\|bytes\s)/;
const DEV_ROW = /^\s*([\w.@-]{1,32}):\s*(\d{1,20}(?:\s+\d{1,20}){15})\s*$/;

/** `/proc/net/dev`: the same, with or without its heading. */
export const netDev: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? '';
  if (!DEV_HEADING.test(first) && !DEV_ROW.test(first)) return undefined;
  return links('/proc/net/dev', lines, at, (found) => (text) => {
    if (DEV_HEADING.test(text)) return found.size === 0;
    const [, name = '', numbers = ''] = DEV_ROW.exec(text) ?? [];
    if (name === '' || found.has(name)) return false;
    const cells = numbers.trim().split(/\s+/);
    found.set(name, new Map(COLUMNS.map((column, index) => [column, BigInt(cells[index] ?? '0')])));
    return true;
  });
};

const IFCONFIG = /^([\w.@-]{1,32}):? +(?:flags=\d+<|Link encap:)/;
/** `RX packets 12  bytes 34 (34.0 B)`, or `RX packets:12 errors:0 dropped:0 overruns:0 frame:0` and its `RX bytes:34 … TX bytes:56` below. */
const COUNTED = /\b(RX|TX)\b|\b(packets|bytes|errors|dropped|overruns|frame|carrier)[: ]\s*(\d{1,20})/g;
const NAMED: Readonly<Record<string, string>> = { overruns: 'overrun' };

/** `ifconfig`, in the form of today and in that of old. */
export const ifconfig: Recogniser = (lines, at) => {
  if (!IFCONFIG.test(lines[at]?.text ?? '')) return undefined;
  return links('ifconfig', lines, at, (found) => interfacesOf(found, lines));
};

/** Reads `ifconfig` line by line. */
function interfacesOf(
  found: Map<string, Map<string, bigint>>,
  lines: Parameters<Recogniser>[0],
): (text: string, index: number) => boolean {
  let name = '';
  return (text, index) => {
    const link = IFCONFIG.exec(text)?.[1]?.replace(/:$/, '');
    if (link !== undefined) {
      if (found.has(link)) return false;
      name = link;
      return true;
    }
    if (text.trim() === '') return IFCONFIG.test(lines[index + 1]?.text ?? '');
    if (!/^\s/.test(text)) return false;
    let way = 'rx';
    for (const [, direction, counter, value = '0'] of text.matchAll(COUNTED)) {
      if (direction !== undefined) way = direction.toLowerCase();
      if (counter === undefined || direction !== undefined) continue;
      const counters = found.get(name) ?? new Map<string, bigint>();
      counters.set(`${way}_${NAMED[counter] ?? counter}`, BigInt(value));
      found.set(name, counters);
    }
    return true;
  };
}
