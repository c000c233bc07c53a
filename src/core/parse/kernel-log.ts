import { linesOf } from '../lines.ts';
/** What a kernel log line is about. Texts and their versions: net/netfilter/nf_conntrack_core.c, net/core/neighbour.c, net/ipv4/tcp_input.c, mm/page_alloc.c. */
export type KernelMessageKind =
  | 'table-full'
  | 'expectation-table-full'
  | 'neighbour-table-overflow'
  | 'syn-flooding'
  | 'allocation-failure'
  | 'tcp-out-of-memory'
  | 'orphaned-sockets'
  | 'callbacks-suppressed';

/** When a line was logged: on the uptime clock or the wall clock, or not told. */
export type LogStamp =
  | { readonly clock: 'uptime'; readonly seconds: number }
  | { readonly clock: 'epoch'; readonly ms: number }
  /** Told as an age: seconds before whatever was pasted was printed. */
  | { readonly clock: 'ago'; readonly seconds: number }
  | { readonly clock: 'none' };

/** Begins a line whose age something else told, as an event of Kubernetes does: `ago 180s: `. */
export const AGE_MARK = 'ago ';

export interface KernelMessage {
  readonly kind: KernelMessageKind;
  readonly stamp: LogStamp;
  /** Inode of the network namespace that the line names (kernels from 6.18 on, outside the initial one). */
  readonly netns: string | undefined;
  /** How many messages a `callbacks suppressed` line stands for. */
  readonly suppressed: number | undefined;
}

/** What a line of each kind says, as it is told to people. */
export const MESSAGE_WORDS: Readonly<Record<KernelMessageKind, string>> = {
  'table-full': '“table full, dropping packet”',
  'expectation-table-full': '“expectation table full”',
  'neighbour-table-overflow': '“neighbour table overflow”',
  'syn-flooding': '“possible SYN flooding”',
  'allocation-failure': 'allocation failures',
  'tcp-out-of-memory': '“TCP: out of memory”',
  'orphaned-sockets': '“too many orphaned sockets”',
  'callbacks-suppressed': '“callbacks suppressed”',
};

/** `expectation table full` holds "table full" too, so the order of the tests matters. */
const PATTERNS: readonly (readonly [KernelMessageKind, RegExp])[] = [
  ['expectation-table-full', /expectation table full/i],
  ['table-full', /(?:nf|ip)_conntrack:\s*table full(?: in netns (\d{1,12}))?\s*,\s*dropping packet/i],
  // Kernels before 2.6.9 (net/ipv4/netfilter/ip_conntrack_core.c).
  ['table-full', /ip_conntrack: maximum limit of \d{1,12} entries exceeded/i],
  ['neighbour-table-overflow', /neighbou?r table overflow/i],
  ['syn-flooding', /possible SYN flooding on port/i],
  ['allocation-failure', /page allocation failure|SLUB: Unable to allocate memory/i],
  ['tcp-out-of-memory', /TCP: out of memory|out of socket memory/i],
  ['orphaned-sockets', /too many orphaned sockets/i],
  ['callbacks-suppressed', /(\d{1,12}) callbacks suppressed/i],
];

/** Reads the lines that mean something to us out of a kernel log in any of the usual time formats. */
export function parseKernelLog(text: string): readonly KernelMessage[] {
  return linesOf(text).flatMap((line) => {
    for (const [kind, pattern] of PATTERNS) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const netns = kind === 'table-full' ? match[1] : undefined;
      const suppressed = kind === 'callbacks-suppressed' ? Number(match[1]) : undefined;
      return [{ kind, stamp: stampOf(line), netns, suppressed }];
    }
    return [];
  });
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Reads `[12345.678]`, `[Mon Nov 23 18:38:32 2026]` and ISO stamps; syslog's stamp has no year and no zone, so it tells no time. */
function stampOf(line: string): LogStamp {
  const age = /^ago (\d{1,10})s: /.exec(line)?.[1];
  if (age !== undefined) return { clock: 'ago', seconds: Number(age) };
  const iso =
    /^\s*(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?/.exec(line);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction = '0', zone = 'Z'] = iso;
    const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
    const ms = Date.parse(
      `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`,
    );
    return Number.isNaN(ms) ? { clock: 'none' } : { clock: 'epoch', ms };
  }
  const seconds = /\[\s*(\d{1,10}\.\d{1,9})\]/.exec(line)?.[1];
  if (seconds !== undefined) return { clock: 'uptime', seconds: Number(seconds) };
  const long = /\[\w{3} (\w{3})\s+(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})\]/.exec(line);
  if (long !== null) {
    const [, monthName = '', day, hour, minute, second, year] = long;
    const month = MONTHS.indexOf(monthName.toLowerCase());
    if (month >= 0) {
      return {
        clock: 'epoch',
        ms: Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second)),
      };
    }
  }
  return { clock: 'none' };
}
